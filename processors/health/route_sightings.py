"""What alarms of routes come to: a sighting of the route, or of the service that is slow behind several."""

from __future__ import annotations

from contracts.windows import WINDOW_S
from processors.health.detect import TWO_MINUTES, Alarm
from processors.health.services import Slower
from processors.health.sighting import Sighting
from processors.health.totals import RouteKey
from processors.health.usual.memories import WHOLE

MOST_VICTIMS = 20


def of_service(slower: Slower, alarms: list[Alarm], victims: list[str], end: int) -> Sighting:
    """A service that is slow itself; ``alarms`` are those of its own routes."""
    calls = sum(alarm.calls for alarm in alarms) or slower.calls
    return Sighting(
        kind="latency",
        cause=(("upstream", slower.service),),
        since=slower.since,
        until=end,
        calls=calls,
        observed=sum(alarm.observed for alarm in alarms),
        expected=sum(alarm.expected for alarm in alarms),
        score=slower.more_s,
        confidence=max((alarm.confidence for alarm in alarms), default=0.9),
        detectors=("slow_share", "own_time"),
        own_ms=round(slower.own_ms, 1),
        usual_own_ms=round(slower.usual_ms, 1),
        drivers=slower.drivers,
        victims=tuple(victims[:MOST_VICTIMS]),
        blame="upstream",
    )


def of_route(key: RouteKey, alarm: Alarm, end: int) -> Sighting:
    """What one detector says of a route, or of the project as a whole."""
    route, upstream = key
    return Sighting(
        kind=alarm.kind,
        cause=() if key == WHOLE else (("route", route), ("upstream", upstream)),
        since=end - TWO_MINUTES * WINDOW_S if alarm.since is None else alarm.since,
        until=end,
        calls=alarm.calls,
        observed=alarm.observed,
        expected=alarm.expected,
        score=alarm.score,
        confidence=alarm.confidence,
        detectors=(alarm.detector,),
        caveats=alarm.caveats,
        numbers=dict(alarm.numbers),
    )
