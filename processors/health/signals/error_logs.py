"""Error logs of a service that become more than they ever are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from contracts.signals import Signal
from processors.health.by_project import by_name
from processors.health.sighting import Sighting
from processors.health.surge import Rise, Surge
from processors.runtime import metrics
from processors.runtime.tables import State, TableSpec

MOST, MOST_TYPES, NAMED = 500, 50, 5
COLD = "error logs are known for less than an hour"


@dataclass(slots=True)
class Logged:
    """The error logs of one service; ``types`` counts them since the surge began."""

    surge: Surge
    types: dict[str, int] = field(default_factory=dict)

    def encode(self) -> bytes:
        """As it is stored."""
        return orjson.dumps([self.surge.encode().decode(), self.types])

    @classmethod
    def decode(cls, value: bytes) -> Logged:
        """Read it back."""
        surge, types = orjson.loads(value)
        return cls(Surge.decode(surge.encode()), types)


LOGGED: TableSpec[Logged] = TableSpec("error_logs", encode=Logged.encode, decode=Logged.decode, capacity=20_000)


class ErrorLogs:
    """The error logs of one partition's projects, by service."""

    def __init__(self, state: State) -> None:
        self._known = by_name(state[LOGGED])

    def take(self, project: str, signal: Signal) -> Iterator[Sighting]:
        """Count some lines."""
        if (said := signal.error_log) is None:
            return
        at, service = int(signal.occurred_at.timestamp()), signal.service or ""
        logged = self._known.get(project, service)
        if logged is None:
            if self._known.count(project) >= MOST:
                metrics.CAPPED.labels("error_logs").inc()
                return
            logged = Logged(Surge(at))
        logged.surge.take(at, said.count)
        rise = logged.surge.rise(at)
        if rise is None:
            logged.types.clear()
        if (name := said.type or "unknown") in logged.types or len(logged.types) < MOST_TYPES:
            logged.types[name] = logged.types.get(name, 0) + said.count
        self._known.keep(project, service, logged)
        if rise is not None:
            yield _sighting(service, logged, rise, at)

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)


def _sighting(service: str, logged: Logged, rise: Rise, at: int) -> Sighting:
    types = sorted(logged.types.items(), key=lambda found: -found[1])[:NAMED]
    return Sighting(
        kind="error_logs",
        cause=(("upstream", service),) if service else (),
        since=rise.since,
        until=at,
        calls=rise.observed,
        observed=rise.observed,
        expected=rise.expected,
        score=rise.score,
        confidence=0.95 if rise.warm else 0.7,
        detectors=("error_log_surge",),
        failures=dict(types),
        caveats=() if rise.warm else (COLD,),
    )
