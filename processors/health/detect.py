"""Detectors: each looks at the last minutes of one route at one upstream, against what is usual there.

Every one has a volume guard, because a share of three calls says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from contracts.findings import FindingKind
from processors.health.chances import chance_share_exceeds, poisson_score
from processors.health.route_state import RouteState

SURE = 0.99
"""Posterior at which a share counts as exceeded."""
ALARM = 12.0
"""Poisson score of an alarm: e^-12 for one look at one region (design, section 6.5)."""
SHARE = 0.05
"""Share of failed calls nobody has to accept (the agreed limit of 5 % of 5xx)."""
SLOW_SHARE = 0.2
"""Share of slow calls that is no longer the usual tail: one in twenty is above the 95th percentile by definition."""
MINUTE, TWO_MINUTES, FIVE_MINUTES = 6, 12, 30
"""In windows."""
FEW = 5
"""Failures below which no share is judged."""
FEW_SLOW = 20
"""Slow calls below which latency is not judged: heavy tails come in clumps."""
SILENT_FROM = 20.0
"""Calls that should have come in a minute before their absence is called an outage: chance e^-20."""
DROP = 0.5
"""Part of the usual rate below which a drop is reported; a day's rhythm moves slower."""
DROP_FROM = 50.0
"""Calls expected in two minutes before a drop is judged."""


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


Detector = Callable[[RouteState, int], Alarm | None]
"""A rule over a route's state at the end of a window, in seconds since 1970."""


def failing_share(state: RouteState, end: int) -> Alarm | None:
    """More than 5 % of calls fail, in the last minute or the last five."""
    for windows in (MINUTE, FIVE_MINUTES):
        row = state.last(windows, end)
        if row.failed >= FEW:
            chance = chance_share_exceeds(SHARE, row.failed, row.calls)
            if chance > SURE:
                expected = row.calls * _share(state.failed, state.calls)
                score = poisson_score(row.failed, max(expected, 0.5))
                return Alarm("failing_share", "errors", score, chance, row.calls, row.failed, expected)
    return None


def slow_share(state: RouteState, end: int) -> Alarm | None:
    """More than a fifth of the calls are slower than one and a half times the usual 95th percentile."""
    row = state.last(TWO_MINUTES, end)
    if not state.warm or row.slow < FEW_SLOW:
        return None
    chance = chance_share_exceeds(SLOW_SHARE, row.slow, row.timed)
    if chance <= SURE:
        return None
    expected = row.timed * 0.05
    return Alarm("slow_share", "latency", poisson_score(row.slow, expected), chance, row.timed, row.slow, expected)


def silence(state: RouteState, end: int) -> Alarm | None:
    """No call for a minute where many are usual."""
    row, expected = state.last(MINUTE, end), state.rate * MINUTE
    if not state.warm or row.calls or expected < SILENT_FROM:
        return None
    return Alarm("silence", "outage", expected, 0.99, 0, 0, expected)


def volume_drop(state: RouteState, end: int) -> Alarm | None:
    """Less than half the usual calls for two minutes."""
    row, expected = state.last(TWO_MINUTES, end), state.rate * TWO_MINUTES
    if not state.warm or expected < DROP_FROM or not 0 < row.calls < DROP * expected:
        return None
    score = poisson_score(row.calls, expected)
    return Alarm("volume_drop", "volume_drop", score, 0.95, row.calls, row.calls, expected) if score >= ALARM else None


DETECTORS: tuple[Detector, ...] = (
    failing_share,
    slow_share,
    silence,
    volume_drop,
)


def detect(state: RouteState, end: int) -> Iterator[Alarm]:
    """Everything that is wrong at a route now."""
    for detector in DETECTORS:
        alarm = detector(state, end)
        if alarm is not None:
            yield alarm


def _share(part: float, whole: float) -> float:
    return (part + 0.5) / (whole + 100.0)
