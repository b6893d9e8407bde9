"""What will go wrong at the services of a project if it goes on like this, asked every minute."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from contracts.agreements import DEFAULT, Limits
from contracts.windows import LATENCY_RATIO
from processors.health.by_project import by_name
from processors.health.detect import MINUTE
from processors.health.look import Look
from processors.health.quantiles import bucket_at
from processors.health.route_state import COARSE, SLOW, RouteState, Row
from processors.health.sighting import Sighting
from processors.health.totals import RouteKey
from processors.health.usual.rise import Breach
from processors.health.usual.trend import FEW, Trend, share_noise
from processors.runtime.tables import State, TableSpec

EVERY_S = 60
LEAST_SLOWER = math.log(1.2) / math.log(LATENCY_RATIO)
LEAST_FAILING = 0.01
"""How far a series has to rise within minutes to be announced: by a fifth of the latency, by 1 % of the calls."""
SMOOTH = 1.0
"""Buckets below which a minute's latency has no noise to speak of."""
WORST = 0.8
"""The latency detector speaks when a fifth of the calls is slow."""
SURE = {0: 0.8, 86_400: 0.8, 7 * 86_400: 0.9}
"""How sure a forecast is, by the rhythm that was known; never as sure as what has happened."""
NO_RHYTHM = "no rhythm of the day is known yet: it may be what every day has"
NO_WEEK = "no rhythm of the week is known yet: it may be what this day of every week has"
CAVEATS = {0: (NO_RHYTHM,), 86_400: (NO_WEEK,), 7 * 86_400: ()}
Routes = Iterable[tuple[RouteKey, RouteState]]


@dataclass(slots=True)
class Trends:
    """Latency in histogram buckets, which is a logarithmic scale, and the failing share, of one service."""

    latency: Trend = field(default_factory=Trend)
    failing: Trend = field(default_factory=Trend)

    def encode(self) -> bytes:
        """As it is stored."""
        return self.latency.encode() + self.failing.encode()

    @classmethod
    def decode(cls, stored: bytes) -> Trends:
        """Read it back; ValueError for anything else."""
        half = len(stored) // 2
        return cls(Trend.decode(stored[:half]), Trend.decode(stored[half:]))


TRENDS: TableSpec[Trends] = TableSpec("trends", encode=Trends.encode, decode=Trends.decode, capacity=10_000)


class Outlook:
    """The services of one partition's projects; a route without an upstream is a service of its own."""

    def __init__(self, state: State) -> None:
        self._known = by_name(state[TRENDS])

    def look(self, project: str, routes: Routes, look: Look, limits: Limits = DEFAULT) -> Iterator[Sighting]:
        """Learn the last minute where it is over, and say what is coming."""
        if not look.passes(EVERY_S):
            return
        services: dict[tuple[str, str], list[RouteState]] = {}
        for (route, upstream), state in routes:
            cause = ("upstream", upstream) if upstream else ("route", route)
            services.setdefault(cause, []).append(state)
        for cause, states in services.items():
            row = _add_up(states, look.end)
            if row.calls >= FEW:
                yield from self._ahead(project, cause, states, row, look.end, limit=limits.failing_share)

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)

    def _ahead(
        self, project: str, cause: tuple[str, str], states: list[RouteState], row: Row, end: int, *, limit: float
    ) -> Iterator[Sighting]:
        name = f"{cause[0]}={cause[1]}"
        trends = self._known.get(project, name) or Trends()
        trends.failing.take(end, row.failed / row.calls)
        if row.timed >= FEW:
            trends.latency.take(end, _of_usual_mix(states, end))
        self._known.keep(project, name, trends)
        minute = end - end % EVERY_S
        most = max(states, key=lambda state: state.calls)
        room = _until_slow(most)
        if room is not None and row.timed >= FEW:
            breach = trends.latency.breach(minute, room, least=LEAST_SLOWER, noise_floor=SMOOTH)
            if breach is not None:
                yield _slower(cause, breach, trends.latency.usual, room, end)
        noise = share_noise(trends.failing.usual, row.calls)
        room = limit - trends.failing.usual
        breach = trends.failing.breach(minute, room, least=LEAST_FAILING, noise_floor=noise) if room > 0 else None
        if breach is not None:
            yield _failing(cause, breach, row, trends.failing.usual, end, limit=limit)


def _add_up(states: list[RouteState], end: int) -> Row:
    total = Row(end)
    for state in states:
        row = state.last(MINUTE, end)
        total.calls += row.calls
        total.failed += row.failed
        total.timed += row.timed
        total.buckets += row.buckets
    return total


def _of_usual_mix(states: list[RouteState], end: int) -> float:
    """Mean bucket of the last minute's calls, as if each route had had its usual part of them.

    A minute in which the slow route of a service happens to have more calls is not a slower one: without this the mix
    is most of the noise of a service with several routes. What all routes drift by stays in, for it cancels out.
    """
    known = [_usual(state.latency) for state in states]
    weight = sum(weight for weight, _ in known)
    usual = sum(weight * mean for weight, mean in known) / weight if weight else 0.0
    timed = beyond = 0.0
    for state, (weight, mean) in zip(states, known, strict=True):
        row = state.last(MINUTE, end)
        timed += row.timed
        beyond += row.buckets - row.timed * (mean if weight else usual)
    return usual + beyond / timed


def _usual(latency: Mapping[int, float]) -> tuple[float, float]:
    """Calls, and their mean bucket."""
    calls = sum(latency.values())
    return calls, COARSE * sum(bucket * weight for bucket, weight in latency.items()) / calls if calls else 0.0


def _until_slow(state: RouteState) -> float | None:
    """By how many buckets all calls have to slow down until a fifth is 1.5 times beyond the usual 95th percentile."""
    high, worst = bucket_at(state.latency, 0.95), bucket_at(state.latency, WORST)
    if not state.warm or high is None or worst is None:
        return None
    return COARSE * (high - worst) + math.log(SLOW) / math.log(LATENCY_RATIO)


def _slower(cause: tuple[str, str], breach: Breach, usual: float, room: float, end: int) -> Sighting:
    numbers = {
        "typical_ms": round(LATENCY_RATIO**breach.level, 1),
        "usual_typical_ms": round(LATENCY_RATIO**usual, 1),
        "limit_ms": round(LATENCY_RATIO ** (usual + room), 1),
    }
    return _sighting("forecast_latency", cause, breach, numbers, end)


def _failing(cause: tuple[str, str], breach: Breach, row: Row, usual: float, end: int, *, limit: float) -> Sighting:
    found = _sighting("forecast_failing", cause, breach, {"limit_share": limit}, end)
    return replace(found, calls=row.calls, observed=row.failed, expected=row.calls * usual)


def _sighting(detector: str, cause: tuple[str, str], breach: Breach, numbers: dict[str, float], end: int) -> Sighting:
    return Sighting(
        kind="forecast",
        cause=(cause,),
        since=end - round(breach.seen_s),
        until=end,
        calls=0,
        observed=0,
        expected=0,
        score=3_600 / max(breach.breach_s, 60.0),
        confidence=SURE[breach.rhythm_s],
        detectors=(detector,),
        caveats=CAVEATS[breach.rhythm_s],
        numbers={**numbers, **breach.numbers},
    )
