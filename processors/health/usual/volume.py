"""Too few calls, too many, or none, against what is usual at this hour."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from contracts.agreements import DEFAULT, Limits
from processors.health.chances import poisson_score
from processors.health.detect import ALARM, MINUTE, TWO_MINUTES, Alarm
from processors.health.route_state import RouteState
from processors.health.usual.profile import Expected

SILENT_FROM = 20.0
"""Calls that should have come in a minute before their absence is called an outage: chance e^-20."""
DROP_FROM = 50.0
"""Calls expected in two minutes before a drop is judged, and calls that came before a surge is."""
NO_RHYTHM = "the rhythm of the day is not known yet: held against the last half hour"
NO_WEEK = "the rhythm of the week is not known yet: held against the days before and the last half hour"
CAVEATS = {"": (NO_RHYTHM,), "day": (NO_WEEK,), "week": ()}
SURE = {"": 0.7, "day": 0.9, "week": 0.97}
"""How sure it is that fewer or more calls are no rhythm, by what is known of the rhythm."""
UNSURE = 0.6
"""While the rhythm of the week is not known, a drop has to be so much deeper: a Saturday may begin with half."""
Rule = Callable[[RouteState, int, Expected, Limits], Alarm | None]


def silence(state: RouteState, end: int, usual: Expected, _: Limits) -> Alarm | None:
    """No call for a minute where many are usual."""
    expected = usual.low * MINUTE
    if expected < SILENT_FROM or state.last(MINUTE, end).calls:
        return None
    sure = min(0.99, SURE[usual.rhythm] + 0.2)
    return Alarm("silence", "outage", expected, sure, 0, 0, expected, CAVEATS[usual.rhythm])


def volume_drop(state: RouteState, end: int, usual: Expected, limits: Limits) -> Alarm | None:
    """Less than half the usual calls for two minutes; less than 30 % while the rhythm of the week is not known."""
    expected = min(usual.low, usual.steady) * TWO_MINUTES
    if expected < DROP_FROM:
        return None
    calls = state.last(TWO_MINUTES, end).calls
    drop = limits.drop if usual.rhythm == "week" else UNSURE * limits.drop
    if not 0 < calls < drop * expected or (score := poisson_score(calls, expected)) < ALARM:
        return None
    sure = SURE[usual.rhythm]
    return Alarm("volume_drop", "volume_drop", score, sure, calls, calls, expected, CAVEATS[usual.rhythm])


def volume_surge(state: RouteState, end: int, usual: Expected, limits: Limits) -> Alarm | None:
    """More than three times the usual calls for two minutes; the morning of a first day is none."""
    if not usual.rhythm:
        return None
    calls, expected = state.last(TWO_MINUTES, end).calls, usual.high * TWO_MINUTES
    if calls < DROP_FROM or calls <= limits.surge * expected:
        return None
    score = poisson_score(calls, max(expected, 1.0))
    if score < ALARM:
        return None
    sure = SURE[usual.rhythm]
    return Alarm("volume_surge", "volume_surge", score, sure, calls, calls, expected, CAVEATS[usual.rhythm])


RULES: tuple[Rule, ...] = (silence, volume_drop, volume_surge)


def judge_volume(state: RouteState, end: int, usual: Expected, limits: Limits = DEFAULT) -> Iterator[Alarm]:
    """What is wrong with the number of calls now."""
    if not state.warm:
        return
    for rule in RULES:
        alarm = rule(state, end, usual, limits)
        if alarm is not None:
            yield alarm
