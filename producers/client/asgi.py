"""Middleware for ASGI applications (Starlette, FastAPI, Quart, Django): each HTTP request becomes a call.

    app.add_middleware(CallsMiddleware, client=client, service="shop")

Source: ASGI specification 3.0, HTTP message format 2.5.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from producers.client.outbox import Outbox
from producers.client.routes import of_scope
from producers.client.seen import About, Asked, Reporter, Seen, announced, decoded
from producers.client.trace_context import span_for

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
_BODIES = {"http.response.body", "http.response.zerocopysend"}
_WANTED = {b"host", b"user-agent", b"content-length", b"x-request-id"}


class CallsMiddleware:
    """Reports the requests of ``app`` to ``client``; what is no HTTP request passes untouched.

    The application finds its `SpanContext` in ``scope["state"]["hypercare"]``, whoever called it the header
    ``traceresponse``. ``route``, ``user`` and ``session`` are asked with the scope when the answer has ended;
    without ``route`` it is what is in ``scope["state"]["hypercare.route"]``, or that which Starlette or FastAPI took.
    """

    def __init__(
        self,
        app: Application,
        *,
        client: Outbox,
        project: str | None = None,
        service: str | None = None,
        release: str | None = None,
        route: Asked | None = None,
        user: Asked | None = None,
        session: Asked | None = None,
    ) -> None:
        self._app = app
        self._reporter = Reporter(client, "asgi", About(project, service, release, route, user, session))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = _seen(scope)
        if not isinstance(scope.get("state"), dict):
            scope["state"] = {}
        scope["state"]["hypercare"] = seen.span  # not in a copy: what others share by it has to stay shared
        root = str(scope.get("root_path") or "")
        watched = _Watched(seen, receive, send, lambda: self._tell(seen, scope, root))
        try:
            await self._app(scope, watched.receive, watched.send)
        except asyncio.CancelledError:
            seen.gone = seen.gone or not seen.told
            raise
        except Exception as error:
            seen.error = type(error).__name__
            raise
        finally:
            self._tell(seen, scope, root)

    def _tell(self, seen: Seen, scope: Scope, root: str) -> None:
        if not seen.told:
            self._reporter.tell(seen, time.perf_counter(), scope, of_scope(scope, root))


class _Watched:
    """Both directions of one request; ``end`` is called when the last part of the answer is sent."""

    def __init__(self, seen: Seen, receive: Receive, send: Send, end: Callable[[], None]) -> None:
        self._seen = seen
        self._receive = receive
        self._send = send
        self._end = end
        self._received = 0

    async def receive(self) -> Message:
        """Pass on what the client sends, and notice that it has left."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body") or b"")
            self._seen.request_bytes = max(self._received, self._seen.request_bytes or 0)
        elif message["type"] == "http.disconnect":
            self._seen.gone = True
        return message

    async def send(self, message: Message) -> None:
        """Pass on the answer, with the trace in its head, and notice its end."""
        kind = message["type"]
        if kind == "http.response.start":
            message = self._with_trace(message)
        try:
            await self._send(message)
        except OSError:  # what servers raise since version 2.4 of the specification
            self._seen.gone = True
            raise
        if kind == "http.response.start":
            self._seen.status = int(message["status"])
        elif kind in _BODIES:
            self._count(message.get("body", b"") if kind == "http.response.body" else None)
            if not message.get("more_body"):
                self._end()
        elif kind == "http.response.pathsend":
            self._count(None)
            self._end()

    def _with_trace(self, message: Message) -> Message:
        headers = list(message.get("headers") or ())
        if any(bytes(name).lower() == b"traceresponse" for name, _ in headers):
            return message
        headers.append((b"traceresponse", self._seen.span.traceparent.encode()))
        return {**message, "headers": headers}

    def _count(self, body: bytes | None) -> None:
        """A file that the server sends by itself has a size that is not known here."""
        so_far = self._seen.response_bytes
        self._seen.response_bytes = None if kind_unknown(body, so_far) else (so_far or 0) + len(body or b"")


def kind_unknown(body: bytes | None, so_far: int | None) -> bool:
    """Whether the size of an answer can no longer be told."""
    return body is None or so_far is None


def _seen(scope: Scope) -> Seen:
    said: dict[bytes, str] = {}
    parents: list[str] = []
    for name, value in scope.get("headers") or ():
        key = bytes(name).lower()
        if key == b"traceparent":
            parents.append(decoded(value))
        elif key in _WANTED:
            said.setdefault(key, decoded(value))
    peer = scope.get("client")
    return Seen(
        span_for(parents),
        datetime.now(UTC),
        time.perf_counter(),
        method=scope.get("method"),
        path=_path(scope),
        host=said.get(b"host"),
        scheme=scope.get("scheme"),
        ip=str(peer[0]) if peer else None,
        user_agent=said.get(b"user-agent"),
        request_id=said.get(b"x-request-id"),
        request_bytes=announced(said.get(b"content-length")),
    )


def _path(scope: Scope) -> str:
    """As it was asked for, escapes and all, without the query."""
    raw = scope.get("raw_path")
    if raw:
        return decoded(raw).partition("?")[0]
    return quote(str(scope.get("path", "")), safe="/:@!$&'()*+,;=~", errors="replace")
