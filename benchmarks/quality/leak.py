"""A leak over half an hour: is it told of before it hurts, by what the simulated calls say and by what was found."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import orjson

from contracts.findings import Finding
from producers.simulate.wire import Call

NEVER = float("inf")
SLOW_TIMES, SLOW_SHARE = 1.5, 0.2
"""Calls hurt when a fifth of them takes one and a half times as long as the slowest twentieth used to, which is when
the health stage calls a route slow (`processors.health.detect`); here it is counted in the calls themselves."""
FOR_MS = 120_000
FEWEST = 20
"""Calls of two minutes, or of the quiet of a route, below which no share is taken."""
TWENTIETH = 20


@dataclass(frozen=True)
class Leak:
    """Minutes since 1970, infinite for never, of what was first said of the leak's cause, and when it hurt.

    ``forecast`` is that of the forecast; ``found`` of any latency finding, whatever its cause; ``named`` of the first
    forecast or latency finding that names the cause; ``hurts`` is taken from the calls.
    """

    forecast: float
    found: float
    named: float
    hurts: float

    @property
    def before_finding(self) -> float:
        """Minutes from the forecast to the first latency finding."""
        return self.found - self.forecast

    @property
    def forecast_before_it_hurts(self) -> float:
        """Minutes from the forecast until it hurt."""
        return self.hurts - self.forecast

    @property
    def named_before_it_hurts(self) -> float:
        """Minutes until it hurt from when its cause was first named."""
        return self.hurts - self.named


def leak_of(cause: dict[str, str], findings: Iterable[Finding], watched: Watched, end_ms: int) -> Leak:
    """Hear all findings; what was not found, or did not hurt, until the end of the run is taken to at its end."""
    forecast = named = NEVER
    found = end = end_ms / 60_000
    for finding in findings:
        at = finding.occurred_at.timestamp() / 60
        if {dimension.attribute: dimension.value for dimension in finding.cause} == cause:
            forecast = min(forecast, at) if finding.kind == "forecast" else forecast
            named = min(named, at) if finding.kind in {"forecast", "latency"} else named
        if finding.kind == "latency":
            found = min(found, at)
    return Leak(forecast, found, named, min(watched.hurts, end))


@dataclass
class Watched:
    """Looks at the calls of one service as they pass, and notes the minute from which on they hurt."""

    service: str
    onset_ms: int
    hurts: float = NEVER
    _quiet: dict[str, list[float]] = field(default_factory=dict)
    _bars: dict[str, float] = field(default_factory=dict)
    _last: deque[tuple[int, bool]] = field(default_factory=deque)

    def of(self, calls: Iterable[Call]) -> Iterator[Call]:
        """The same calls."""
        named = f'"service":{orjson.dumps(self.service).decode()}'.encode()
        for call in calls:
            if self.hurts == NEVER and named in call[1]:
                self._see(*call)
            yield call

    def _see(self, at_ms: int, raw: bytes) -> None:
        said = orjson.loads(raw)
        route, took_ms = said["request"]["route"], said["latency"]["total_ms"]
        if at_ms < self.onset_ms:
            self._quiet.setdefault(route, []).append(took_ms)
            return
        if self._quiet:
            self._bars = {name: _bar(took) for name, took in self._quiet.items() if len(took) >= FEWEST}
            self._quiet = {}
        if route in self._bars:
            self._last.append((at_ms, took_ms >= self._bars[route]))
        while self._last and self._last[0][0] <= at_ms - FOR_MS:
            self._last.popleft()
        slow = sum(is_slow for _, is_slow in self._last)
        if len(self._last) >= FEWEST and slow > SLOW_SHARE * len(self._last):
            self.hurts = at_ms / 60_000


def _bar(took_ms: list[float]) -> float:
    return SLOW_TIMES * sorted(took_ms)[-1 - len(took_ms) // TWENTIETH]
