"""Ask addresses for their metrics, with limits in time and size, and say what that tells."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from contracts.errors import Stop
from contracts.signals import Signal
from producers.adapters.adapter import Place
from producers.metrics.capacity import used_parts
from producers.metrics.prometheus import Page, Sample, read_page
from producers.metrics.signals import resources_signal, up_signals, uptime_signal

MAX_BYTES = 33_554_432
CHUNK_BYTES = 65_536
OK = 200
ACCEPT = "text/plain;version=0.0.4;q=1,application/openmetrics-text;q=0.5,*/*;q=0.1"


@dataclass(frozen=True, slots=True)
class Target:
    """An address, and the service it belongs to, if that was said; ``monitor`` is its name without what is secret."""

    url: str
    service: str = ""

    @property
    def monitor(self) -> str:
        """Host, port and path."""
        parts = urlsplit(self.url)
        return f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A page, or why there is none; ``latency_ms`` is how long the whole took."""

    latency_ms: float
    page: Page | None = None
    reason: str = ""


@dataclass(slots=True)
class Watched:
    """A target and what it said last, which counters are compared with."""

    target: Target
    before: Sequence[Sample] = ()
    before_at: datetime | None = None
    bad_lines: int = field(default=0)


def target_of(text: str) -> Target:
    """Read ``http://host:9100/metrics`` or ``service=http://…``; raise `Stop` for what is no address."""
    service, mark, url = text.partition("=")
    if not mark or "://" in service:
        service, url = "", text
    parts = urlsplit(url)
    try:
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fits = False
    if not fits:
        raise Stop(
            f"{text!r} is no address of metrics.", fix="write http://HOST:9100/metrics or SERVICE=http://…", exit_code=2
        )
    return Target(url if parts.path else f"{url}/metrics", service)


def ask(target: Target, timeout_s: float, clock: Callable[[], float] = time.monotonic) -> Answer:
    """Get a page; whatever goes wrong is an answer, too. Nothing is followed elsewhere."""
    begun = clock()
    try:
        text = _fetched(target, begun + timeout_s, timeout_s, clock)
    except (OSError, http.client.HTTPException, ValueError) as error:
        said = str(error) if isinstance(error, _NoPageError) else type(error).__name__
        return Answer((clock() - begun) * 1000, reason=said)
    return Answer((clock() - begun) * 1000, read_page(text))


def signals_of(watched: Watched, answer: Answer, place: Place, at: datetime) -> list[Signal]:
    """What an answer tells: that it is up or not, how full things are, and what the page says of others."""
    target = watched.target
    up = answer.page is not None and bool(answer.page.samples)
    reason = answer.reason or ("" if up else "it gave no metrics")
    latency = min(answer.latency_ms, 86_400_000.0)
    found = [
        uptime_signal(
            place, target.monitor, at, up=up, latency_ms=latency if up else None, reason=reason, service=target.service
        )
    ]
    if answer.page is None or not up:
        return found
    samples = answer.page.samples
    seconds = (at - watched.before_at).total_seconds() if watched.before_at else 0.0
    used = used_parts(samples, watched.before, seconds)
    resources = resources_signal(place, target.monitor, at, used, target.service)
    watched.before, watched.before_at = samples, at
    watched.bad_lines += answer.page.bad_lines
    return [*found, *([resources] if resources else []), *up_signals(place, samples, at)]


class _NoPageError(ValueError):
    """An answer that is no page."""


def _fetched(target: Target, deadline: float, timeout_s: float, clock: Callable[[], float]) -> str:
    parts = urlsplit(target.url)
    host = parts.hostname or ""
    connection = (
        http.client.HTTPSConnection(host, parts.port, timeout=timeout_s, context=ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=timeout_s)
    )
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Accept": ACCEPT, "User-Agent": "hypercare", "Connection": "close"})
        answer = connection.getresponse()
        if answer.status != OK:
            raise _NoPageError(f"it answers {answer.status}")
        read, size = [], 0
        while chunk := answer.read1(CHUNK_BYTES):
            size += len(chunk)
            if size > MAX_BYTES:
                raise _NoPageError(f"more than {MAX_BYTES} bytes")
            if clock() > deadline:
                raise _NoPageError(f"not done within {timeout_s:g} s")
            read.append(chunk)
        return b"".join(read).decode("utf-8", "replace")
    finally:
        connection.close()
