"""Middleware for WSGI applications (Flask, Django, Bottle): each request becomes a call.

    app.wsgi_app = WsgiCallsMiddleware(app.wsgi_app, client=client, service="shop")

Source: PEP 3333.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from producers.client.outbox import Outbox
from producers.client.routes import of_environ
from producers.client.seen import About, Asked, Reporter, Seen, announced
from producers.client.trace_context import span_for

Environ = MutableMapping[str, Any]
Application = Callable[[Any, Any], Iterable[bytes]]
SPAN = "hypercare.span"
_STATUS_CHARS = 3


class WsgiCallsMiddleware:
    """Reports the requests of ``app`` to ``client``.

    The application finds its `SpanContext` in ``environ["hypercare.span"]``, whoever called it the header
    ``traceresponse``. ``route``, ``user`` and ``session`` are asked with the environ when the answer begins; without
    ``route`` it is what the application left in ``environ["hypercare.route"]``, or the rule that Flask took.
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
        self._reporter = Reporter(client, "wsgi", About(project, service, release, route, user, session))

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        seen = _seen(environ)
        environ[SPAN] = seen.span
        watched = _Watched(seen, start_response, lambda: self._ask(seen, environ), lambda: self._tell(seen, environ))
        try:
            body = self._app(environ, watched.start_response)
        except Exception as error:
            seen.error = type(error).__name__
            self._tell(seen, environ)
            raise
        if isinstance(body, list | tuple):  # it is all there: servers announce its length when they may see it
            watched.count(sum(map(len, body)))
            self._tell(seen, environ)
            return body
        return _Body(body, watched)

    def _ask(self, seen: Seen, environ: Environ) -> None:
        """While the application still has the request at hand: Flask lets go of it before the answer is sent."""
        seen.said = self._reporter.ask(environ, of_environ(environ))

    def _tell(self, seen: Seen, environ: Environ) -> None:
        self._reporter.tell(seen, time.perf_counter(), environ, of_environ(environ))


class _Watched:
    """The answer to one request; ``begin`` asks the application about it, ``end`` reports it."""

    def __init__(
        self, seen: Seen, start_response: Callable[..., Any], begin: Callable[[], None], end: Callable[[], None]
    ) -> None:
        self.seen = seen
        self.end = end
        self._begin = begin
        self._start_response = start_response

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """Begin the answer, with the trace in its head; a second time after an error that the application met."""
        code = status[:_STATUS_CHARS]
        self.seen.status = int(code) if code.isascii() and code.isdigit() else 0
        self._begin()
        if not any(name.lower() == "traceresponse" for name, _ in headers):
            headers = [*headers, ("traceresponse", self.seen.span.traceparent)]
        write = self._start_response(status, headers, exc_info) if exc_info else self._start_response(status, headers)

        def counted(data: bytes) -> Any:
            self.count(len(data))
            return write(data)

        return counted

    def count(self, size: int) -> None:
        """So many more bytes."""
        self.seen.response_bytes = (self.seen.response_bytes or 0) + size


class _Body:
    """An answer that comes in parts: it has ended when its last part is taken, or when the server closes it."""

    def __init__(self, body: Iterable[bytes], watched: _Watched) -> None:
        self._body = body
        self._parts: Iterator[bytes] | None = None
        self._watched = watched

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            if self._parts is None:
                self._parts = iter(self._body)
            part = next(self._parts)
        except StopIteration:
            self._watched.end()
            raise
        except Exception as error:
            self._watched.seen.error = type(error).__name__
            self._watched.end()
            raise
        self._watched.count(len(part))
        return part

    def close(self) -> None:
        """Pass it on; a body that was not taken to its end is one whose client has left."""
        try:
            if not self._watched.seen.told:
                self._watched.seen.gone = True
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._watched.end()


def _seen(environ: Environ) -> Seen:
    parent = _header(environ, "HTTP_TRACEPARENT")
    return Seen(
        span_for([] if parent is None else [parent]),
        datetime.now(UTC),
        time.perf_counter(),
        method=environ.get("REQUEST_METHOD"),
        path=_path(environ),
        host=_header(environ, "HTTP_HOST") or environ.get("SERVER_NAME"),
        scheme=environ.get("wsgi.url_scheme"),
        ip=environ.get("REMOTE_ADDR"),
        user_agent=_header(environ, "HTTP_USER_AGENT"),
        request_id=_header(environ, "HTTP_X_REQUEST_ID"),
        request_bytes=announced(environ.get("CONTENT_LENGTH")),
    )


def _header(environ: Environ, name: str) -> str | None:
    """Servers hand over bytes as Latin-1, whatever they are."""
    found = environ.get(name)
    return found.encode("latin-1", "replace").decode("utf-8", "replace") if isinstance(found, str) else None


def _path(environ: Environ) -> str:
    whole = str(environ.get("SCRIPT_NAME") or "") + str(environ.get("PATH_INFO") or "")
    return quote(whole.encode("latin-1", "replace"), safe="/:@!$&'()*+,;=~")
