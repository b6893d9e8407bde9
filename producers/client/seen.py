"""One request of an application, as a gateway call: what a middleware saw of it, cut to what an event may carry.

Bodies, cookies, authorization and the query are never looked at. What cannot be said is left out, and nothing that goes
wrong here reaches the application.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.calls import Client as Who
from contracts.calls import Failure, Gateway, GatewayCall, Latency, Request, Response, Trace, Upstream
from contracts.errors import Rejected
from contracts.limits import MOST
from producers.client.made import Place
from producers.client.outbox import Outbox
from producers.client.trace_context import SpanContext

LINE, NAME, METHOD, ADDRESS, ID = 8_192, 300, 32, 64, 200
"""Most characters, as in `contracts.limits` and `contracts.calls`."""
MOST_MS = 86_400_000.0
GONE = 499
"""The client left after the answer had begun; 0 if before."""
FAILED = 500
MOST_STATUS = 999

Asked = Callable[[Any], str | None]
"""Given the request's environ when the answer begins, or its scope when it has ended."""


@dataclass(frozen=True, slots=True)
class About:
    """What the application says about its calls: names, and whom to ask about each request."""

    project: str | None = None
    service: str | None = None
    release: str | None = None
    route: Asked | None = None
    user: Asked | None = None
    session: Asked | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the application said of one request."""

    route: str | None = None
    user: str | None = None
    session: str | None = None


@dataclass(slots=True)
class Seen:
    """What is known of one request; ``started`` is a reading of a clock that only goes forward, in seconds."""

    span: SpanContext
    at: datetime
    started: float
    method: str | None = None
    path: str | None = None
    host: str | None = None
    scheme: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None
    request_bytes: int | None = None
    status: int = 0
    response_bytes: int | None = 0
    gone: bool = False
    error: str | None = None
    told: bool = False
    said: Said | None = None

    @property
    def final_status(self) -> int:
        """What the caller got, as the contract has it."""
        if self.gone:
            return GONE if self.status else 0
        if self.error is not None or not 0 < self.status <= MOST_STATUS:
            return FAILED
        return self.status


class Reporter:
    """Turns what was seen into calls, once each, for one application."""

    def __init__(self, outbox: Outbox, product: str, about: About) -> None:
        self._outbox = outbox
        self._about = about
        place = outbox.place
        self._place = Place(place.tenant, about.project or place.project, place.environment)
        self._gateway = Gateway(product=product, instance=cut(socket.gethostname(), NAME))
        self._upstream = Upstream(service=cut(about.service, NAME))
        self._release = cut(about.release, NAME)

    def ask(self, asked: Any, route: str | None) -> Said:
        """Ask the application about a request whose scope or environ this is; ``route`` is what its framework says."""
        about = self._about
        return Said(
            route=self._ask("route", about.route, asked) or route,
            user=self._ask("user", about.user, asked),
            session=self._ask("session", about.session, asked),
        )

    def tell(self, seen: Seen, now: float, asked: Any, route: str | None = None) -> None:
        """Report a request that has come to its end at ``now``; what is said a second time is not."""
        if seen.told:
            return
        seen.told = True
        try:
            self._outbox.offer(self._call(seen, now, asked, route))
        except Rejected:
            pass  # counted where it was refused
        except ValueError:
            self._outbox.tally.refused("invalid_field")

    def _call(self, seen: Seen, now: float, asked: Any, route: str | None) -> GatewayCall:
        span, said = seen.span, seen.said or self.ask(asked, route)
        return GatewayCall(
            id=f"{span.trace_id}-{span.span_id}",
            occurred_at=seen.at,
            tenant=self._place.tenant,
            project=self._place.project,
            environment=self._place.environment,
            gateway=self._gateway,
            request=Request(
                id=cut(seen.request_id, ID) or None,
                method=cut(seen.method, METHOD),
                route=cut(said.route or route, LINE),
                path=cut(seen.path, LINE),
                host=cut(seen.host, NAME),
                scheme=cut(seen.scheme, NAME),
                bytes=bounded(seen.request_bytes),
            ),
            response=Response(status=seen.final_status, bytes=bounded(seen.response_bytes)),
            latency=Latency(total_ms=round(min(max(0.0, now - seen.started) * 1000, MOST_MS), 3)),
            upstream=self._upstream,
            client=Who(ip=cut(seen.ip, ADDRESS), user_agent=cut(seen.user_agent, LINE)),
            user=cut(said.user, NAME),
            session=cut(said.session, NAME),
            trace=Trace(trace_id=span.trace_id, span_id=span.span_id, parent_span_id=span.parent_id),
            release=self._release,
            error=None
            if seen.error is None or seen.gone
            else Failure(code=cut(seen.error, NAME), component="application"),
        )

    def _ask(self, what: str, whom: Asked | None, asked: Any) -> str | None:
        """Ask a callable of the application; one that raises is counted, and the call goes without its answer."""
        if whom is None:
            return None
        try:
            said = whom(asked)
            return None if said is None else str(said)
        except Exception:  # noqa: BLE001 - it is the application's own code, and anything may come of it
            self._outbox.tally.failed(what)
            return None


def cut(text: str | None, most: int) -> str | None:
    """As much of a text as its field takes, without what no sink stores: NUL, halves of characters."""
    if text is None:
        return None
    return text[:most].replace("\x00", "").encode("utf-8", "replace").decode()


def bounded(count: int | None) -> int | None:
    """A number of bytes if it is a sensible one."""
    return count if count is not None and 0 <= count <= MOST else None


def decoded(header: bytes) -> str:
    """A header's text; it ought to be ASCII, and is anything."""
    return header.decode("utf-8", "replace")


def announced(length: str | None) -> int | None:
    """How many bytes Content-Length announces; None where it says nothing that can be used."""
    text = (length or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(MOST)) else None
