"""Whether a route is worse than it was before the go-live, where that was imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import orjson

from contracts.agreements import DEFAULT, Limits
from contracts.baselines import RouteBefore, hour_of_week
from processors.health.by_project import by_name
from processors.health.chances import chance_share_exceeds, poisson_score
from processors.health.look import Look
from processors.health.route_state import RouteState
from processors.health.sighting import Sighting
from processors.health.totals import RouteKey
from processors.health.usual.memory import Memory
from processors.health.usual.profile import HOUR_S
from processors.runtime.tables import State, TableSpec

EVERY_S = 60
SURE = 0.99
SURE_SLOWER = 0.9
"""A 95th percentile of six hours against another one; no chance, but another mix of calls may make it."""
AT_LEAST = 0.005
"""Further share of failures below which worse is no trouble: twice next to nothing is next to nothing."""
FEW = 20
"""Failures in the last hour below which shares are not compared."""
PRIOR = 100.0
"""An hour of the week is drawn to the whole by so many calls: a quiet hour of the old system says little."""
FEW_BEFORE = 200
"""Calls of the old system below which nothing is compared."""


@dataclass(slots=True)
class Old:
    """One route of the old system; ``hours`` are mean calls and failures by hour of the week."""

    calls: int
    failed: int
    p95_ms: float | None
    hours: dict[int, tuple[float, float]] = field(default_factory=dict)

    def share(self, end: int) -> float:
        """Failing share at this hour of the week, drawn to that of the whole."""
        whole = self.failed / self.calls
        calls, failed = self.hours.get(hour_of_week(end), (0.0, 0.0))
        return (failed + PRIOR * whole) / (calls + PRIOR)

    def encode(self) -> bytes:
        """As it is stored."""
        return orjson.dumps([self.calls, self.failed, self.p95_ms, [[h, *pair] for h, pair in self.hours.items()]])

    @classmethod
    def decode(cls, stored: bytes) -> Old:
        """Read it back."""
        calls, failed, p95_ms, hours = orjson.loads(stored)
        return cls(calls, failed, p95_ms, {hour: (mean, bad) for hour, mean, bad in hours})


BEFORE: TableSpec[Old] = TableSpec("before", encode=Old.encode, decode=Old.decode, capacity=20_000)


class Before:
    """The old systems of one partition's projects; routes are compared whatever their upstream is now."""

    def __init__(self, state: State) -> None:
        self._known = by_name(state[BEFORE])

    def take(self, said: RouteBefore) -> None:
        """Remember how a route was."""
        project = f"{said.tenant}/{said.project}/{said.environment}"
        hours = {hour.hour: (hour.calls, hour.failed) for hour in said.hours if hour.failed is not None}
        self._known.keep(project, said.route, Old(said.calls, said.failed, said.p95_ms, hours))

    def look(
        self,
        project: str,
        routes: Iterable[tuple[RouteKey, RouteState]],
        memories: Iterable[tuple[RouteKey, Memory]],
        look: Look,
        limits: Limits = DEFAULT,
    ) -> Iterator[Sighting]:
        """Routes that are worse now."""
        if not self._known.count(project) or not look.passes(EVERY_S):
            return
        counted: dict[str, tuple[int, int]] = {}
        for (route, _), memory in memories:
            calls, failed = memory.budget.share()
            before = counted.get(route, (0, 0))
            counted[route] = before[0] + calls, before[1] + failed
        slowest: dict[str, float] = {}
        for (route, _), state in routes:
            if state.warm:
                slowest[route] = max(slowest.get(route, 0.0), state.usual_p95_ms() or 0.0)
        for route, pair in counted.items():
            old = self._known.get(project, route)
            if old is not None and old.calls >= FEW_BEFORE:
                yield from _failing_more(route, old, pair, look.end, limits)
                yield from _slower(route, old, slowest.get(route, 0.0), look.end, limits)


def _failing_more(route: str, old: Old, counted: tuple[int, int], end: int, limits: Limits) -> Iterator[Sighting]:
    """Surely twice as many failures as the old system had at this hour, and half a per cent more."""
    calls, failed = counted
    share = old.share(end)
    limit = max(limits.worse * share, share + AT_LEAST)
    if failed < FEW or limit >= 1 or failed <= limit * calls:
        return
    chance = chance_share_exceeds(limit, failed, calls)
    if chance > SURE:
        expected = share * calls
        found = _sighting(route, end, "fails_more_than_before", {"before_share": round(share, 6)})
        score = poisson_score(failed, max(expected, 0.5))
        yield replace(found, calls=calls, observed=failed, expected=expected, score=score, confidence=chance)


def _slower(route: str, old: Old, p95_ms: float, end: int, limits: Limits) -> Iterator[Sighting]:
    """The usual 95th percentile is half as much again as that of the old system."""
    if old.p95_ms and p95_ms >= limits.slower * old.p95_ms:
        numbers = {"before_p95_ms": round(old.p95_ms, 1), "p95_ms": round(p95_ms, 1)}
        yield replace(_sighting(route, end, "slower_than_before", numbers), score=p95_ms / old.p95_ms)


def _sighting(route: str, end: int, detector: str, numbers: dict[str, float]) -> Sighting:
    return Sighting(
        kind="worse_than_before",
        cause=(("route", route),),
        since=end - HOUR_S,
        until=end,
        calls=0,
        observed=0,
        expected=0,
        score=0,
        confidence=SURE_SLOWER,
        detectors=(detector,),
        numbers=numbers,
    )
