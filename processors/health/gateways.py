"""Latency that a gateway instance adds itself, against what it usually adds."""

from __future__ import annotations

import math
from collections.abc import Iterator

from contracts.agreements import DEFAULT
from contracts.windows import OTHER, WINDOW_S
from processors.health.by_project import by_name
from processors.health.detect import TWO_MINUTES, slow_share
from processors.health.quantiles import bucket_at, middle_ms
from processors.health.route_state import COARSE, LOG_RATIO, RouteState
from processors.health.sighting import Sighting
from processors.health.totals import Totals, Window
from processors.runtime.tables import State, TableSpec

ADDED: TableSpec[RouteState] = TableSpec("added", encode=RouteState.encode, decode=RouteState.decode, capacity=5_000)
NOTICED_MS = 20.0
"""Added time, typical of a call, below which nobody notices: an idle gateway that adds 1 ms may add 3."""


class Gateways:
    """The gateway instances of one partition's projects; a state's calls are those whose added time is known."""

    def __init__(self, state: State) -> None:
        self._known = by_name(state[ADDED])

    def take(self, project: str, window: Window) -> None:
        """Take a closed window in."""
        for instance, added in window.gateways.items():
            if instance != OTHER:
                state = self._known.get(project, instance) or RouteState(window.start)
                state.take(window.start, Totals({"ok": added.timed}, latency=added.latency))
                self._known.keep(project, instance, state)

    def slow(self, project: str, end: int) -> Iterator[Sighting]:
        """Instances that add far more than they used to."""
        for instance, state in self._known.of(project):
            alarm = slow_share(state, end, DEFAULT)
            row = state.last(TWO_MINUTES, end)
            if alarm is None or (typical_ms := math.exp(row.buckets / row.timed * LOG_RATIO)) < NOTICED_MS:
                continue
            usual = bucket_at(state.latency, 0.5)
            yield Sighting(
                kind="latency",
                cause=(("instance", instance),),
                since=end - TWO_MINUTES * WINDOW_S,
                until=end,
                calls=alarm.calls,
                observed=alarm.observed,
                expected=alarm.expected,
                score=alarm.score,
                confidence=alarm.confidence,
                detectors=("gateway_added",),
                own_ms=round(typical_ms, 1),
                usual_own_ms=None if usual is None else round(middle_ms(usual * COARSE), 1),
                blame="gateway",
            )

    def told(self, project: str) -> bool:
        """Whether any instance says what it adds, or how long upstreams take."""
        return self._known.count(project) > 0

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)


def lost_s(said: Sighting) -> float:
    """Seconds that all calls together take longer for what a slow instance adds."""
    return said.calls * ((said.own_ms or 0.0) - (said.usual_own_ms or 0.0)) / 1_000
