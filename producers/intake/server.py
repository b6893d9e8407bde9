"""Serve the application with uvicorn: TLS, bounded connections, no patience for slow headers, a clean stop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from producers.intake.limits import Limits
from producers.intake.problems import MEDIA_TYPE, Problem, away

KEEP_ALIVE_S = 65
"""Longer than gateways keep an idle connection, 60 s, so that they end it and not we, in the middle of a request."""
STOP_WITHIN_S = 15
LOOPBACK = "127.0.0.1"


MOST_AROUND_BYTES = 65_536
"""Beside the body of a request; browsers and gateways stay below 16 KiB."""
CHUNKED = 9
"""A chunk of one byte takes six, and may say more about itself."""


def _answer(problem: Problem) -> bytes:
    """The last answer of a connection, written by hand where there is no request to answer."""
    body = problem.body()
    headers = {"Content-Type": MEDIA_TYPE, "Connection": "close", "Content-Length": str(len(body)), **problem.headers()}
    lines = [
        f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}",
        *(f"{n}: {v}" for n, v in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


TOO_MANY = _answer(away("too many connections are open", Limits().retry_after_s))
NO_HTTP = _answer(Problem(400, "not_http", "what came is no HTTP/1.1 request"))


@dataclass(frozen=True, slots=True)
class Door:
    """Where the intake listens; ``certificate`` and ``private_key`` are PEM files, both or none."""

    host: str = LOOPBACK
    port: int = 8088
    certificate: Path | None = None
    private_key: Path | None = None


class Patient(HttpToolsProtocol):
    """HTTP as uvicorn has it, with limits of time and size that it does not set by itself.

    A connection that does not get its header done in ``header_s`` is closed. The time runs from the connection, or
    from the first byte after an answer; what a sender goes on with after it was refused has to end within it, too.
    Beside its body a request may have `MOST_AROUND_BYTES`: header, trailer, and what parts the chunks of a body.
    """

    header_s = Limits().header_s
    most = Limits().connections
    _waiting: asyncio.TimerHandle | None = None
    _around = 0

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
        if self.transport.is_closing():
            return
        self._around += len(data)
        super().data_received(data)
        if self._around > MOST_AROUND_BYTES:
            self.transport.abort()
        elif self.cycle is not None and not self.cycle.response_complete:
            self._rest()
        elif self._waiting is None and not self.transport.is_closing():
            self._wait()

    def on_message_begin(self) -> None:
        """The next request: count anew."""
        super().on_message_begin()
        self._around = 0

    def on_body(self, body: bytes) -> None:
        """A body is bounded by whoever reads it; what chunks put around it is let pass with it."""
        self._around = max(0, self._around - CHUNKED * len(body))
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - theirs says less
        """What is no HTTP gets the answer that every other mistake gets."""
        self.transport.write(NO_HTTP)
        self.transport.close()

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
