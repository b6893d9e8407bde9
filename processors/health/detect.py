"""Detectors: each looks at the last minutes of one route at one upstream, against what is usual there.

Every one has a volume guard, because a share of three calls says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from contracts.agreements import DEFAULT, Limits
from contracts.findings import FindingKind
from processors.health.chances import chance_share_exceeds, poisson_score
from processors.health.route_state import RouteState

SURE = 0.99
"""Posterior at which a share counts as exceeded."""
ALARM = 12.0
"""Poisson score of an alarm: e^-12 for one look at one region (design, section 6.5)."""
SLOW_SHARE = 0.2
"""Share of slow calls that is no longer the usual tail: one in twenty is above the 95th percentile by definition."""
MINUTE, TWO_MINUTES, FIVE_MINUTES = 6, 12, 30
"""In windows."""
FEW = 5
"""Failures below which no share is judged."""
FEW_SLOW = 20
"""Slow calls below which latency is not judged: heavy tails come in clumps."""
_failed, _slow, _over = attrgetter("failed"), attrgetter("slow"), attrgetter("over")


@dataclass(frozen=True, slots=True)
class Alarm:
    """What one detector says of a route now: ``observed`` of ``calls`` where ``expected`` were usual."""

    detector: str
    kind: FindingKind
    score: float
    confidence: float
    calls: float
    observed: float
    expected: float
    caveats: tuple[str, ...] = ()
    since: int | None = None
    """When it began, in seconds since 1970; None for the last two minutes."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Further fields of `contracts.findings.Evidence`."""


Detector = Callable[[RouteState, int, Limits], Alarm | None]
"""A rule over a route's state at the end of a window, in seconds since 1970, and what was agreed for the route."""


def failing_share(state: RouteState, end: int, limits: Limits) -> Alarm | None:
    """More calls fail than was agreed, 5 % if nothing was, in the last minute or the last five."""
    if sum(map(_failed, state.rows(FIVE_MINUTES, end))) < FEW:
        return None
    for windows in (MINUTE, FIVE_MINUTES):
        row = state.last(windows, end)
        if row.failed >= FEW:
            chance = chance_share_exceeds(limits.failing_share, row.failed, row.calls)
            if chance > SURE:
                expected = row.calls * _share(state.failed, state.calls)
                score = poisson_score(row.failed, max(expected, 0.5))
                return Alarm("failing_share", "errors", score, chance, row.calls, row.failed, expected)
    return None


def slow_share(state: RouteState, end: int, _: Limits) -> Alarm | None:
    """More than a fifth of the calls are slower than one and a half times the usual 95th percentile."""
    if not state.warm or sum(map(_slow, state.rows(TWO_MINUTES, end))) < FEW_SLOW:
        return None
    row = state.last(TWO_MINUTES, end)
    chance = chance_share_exceeds(SLOW_SHARE, row.slow, row.timed)
    if chance <= SURE:
        return None
    expected = row.timed * 0.05
    return Alarm("slow_share", "latency", poisson_score(row.slow, expected), chance, row.timed, row.slow, expected)


def over_limit(state: RouteState, end: int, limits: Limits) -> Alarm | None:
    """More calls than agreed take longer than agreed, in the last five minutes."""
    if sum(map(_over, state.rows(FIVE_MINUTES, end))) < FEW_SLOW:
        return None
    row = state.last(FIVE_MINUTES, end)
    if row.over <= limits.slow_share * row.timed:
        return None
    chance = chance_share_exceeds(limits.slow_share, row.over, row.timed)
    if chance <= SURE:
        return None
    expected = row.timed * limits.slow_share
    numbers = {"limit_ms": limits.slow_ms}
    score = poisson_score(row.over, expected)
    return Alarm("over_limit", "latency", score, chance, row.timed, row.over, expected, numbers=numbers)


DETECTORS: tuple[Detector, ...] = (
    failing_share,
    slow_share,
    over_limit,
)


def detect(state: RouteState, end: int, limits: Limits = DEFAULT) -> Iterator[Alarm]:
    """Everything that is wrong at a route now."""
    for detector in DETECTORS:
        alarm = detector(state, end, limits)
        if alarm is not None:
            yield alarm


def _share(part: float, whole: float) -> float:
    return (part + 0.5) / (whole + 100.0)
