"""Serve the application with uvicorn: TLS, bounded connections, no patience for slow headers, a clean stop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from producers.intake.limits import Limits
from producers.intake.problems import MEDIA_TYPE, away

KEEP_ALIVE_S = 65
"""Longer than gateways keep an idle connection, 60 s, so that they end it and not we, in the middle of a request."""
STOP_WITHIN_S = 15
LOOPBACK = "127.0.0.1"


_FULL = away("too many connections are open", Limits().retry_after_s)
TOO_MANY = (
    f"HTTP/1.1 503 Service Unavailable\r\nContent-Type: {MEDIA_TYPE}\r\nConnection: close\r\n"
    f"Retry-After: {_FULL.headers()['Retry-After']}\r\nContent-Length: {len(_FULL.body())}\r\n\r\n"
).encode() + _FULL.body()


@dataclass(frozen=True, slots=True)
class Door:
    """Where the intake listens; ``certificate`` and ``private_key`` are PEM files, both or none."""

    host: str = LOOPBACK
    port: int = 8088
    certificate: Path | None = None
    private_key: Path | None = None


class Patient(H11Protocol):
    """HTTP as uvicorn has it; a connection that does not get its header done in ``header_s`` is closed.

    The time runs from the connection, or from the first byte after an answer; what a sender goes on with after it was
    refused has to end within it, too. uvicorn itself waits for ever.
    """

    header_s = Limits().header_s
    most = Limits().connections
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait; one connection too many is told to come again."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.write(TOO_MANY)
            transport.close()
        else:
            self._wait()

    def data_received(self, data: bytes) -> None:
        """Stop waiting when a request is under way, begin when bytes come that are none yet."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._rest()
        elif self._waiting is None and not self.transport.is_closing():
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to wait for any more."""
        self._rest()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.header_s, self._close)

    def _rest(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _close(self) -> None:
        self._waiting = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()


def patient_for(limits: Limits) -> type[Patient]:
    """The protocol with these limits."""
    return type("Patient", (Patient,), {"header_s": limits.header_s, "most": limits.connections})


def server_for(app: FastAPI, door: Door, limits: Limits) -> uvicorn.Server:
    """A server that stops cleanly on SIGTERM and SIGINT: no new requests, those under way end, Kafka gets the rest."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=door.host,
            port=door.port,
            http=patient_for(limits),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=STOP_WITHIN_S,
            ssl_certfile=str(door.certificate) if door.certificate else None,
            ssl_keyfile=str(door.private_key) if door.private_key else None,
        )
    )
