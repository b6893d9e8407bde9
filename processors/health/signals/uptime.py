"""What monitors from outside find down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.signals import Signal
from processors.health.by_project import by_name
from processors.health.sighting import Sighting
from processors.runtime import metrics
from processors.runtime.tables import State, table_of

TWICE = 2
"""Checks in a row: one alone fails for reasons on its own way."""
UNHEARD_S = 3_600
"""A monitor that says nothing for so long says nothing about the service either."""
MOST = 500


@dataclass(slots=True)
class Monitor:
    """The last checks of a monitor: ``downs`` failed in a row since ``since``; seconds since 1970."""

    name: str
    service: str
    at: int
    since: int = 0
    downs: int = 0


MONITORS = table_of(Monitor, "monitors", capacity=20_000)


class Uptimes:
    """The monitors of one partition's projects."""

    def __init__(self, state: State) -> None:
        self._known = by_name(state[MONITORS])

    def take(self, project: str, signal: Signal) -> Iterator[Sighting]:
        """One check; those that come late change nothing."""
        if (said := signal.uptime) is None:
            return
        at, monitor = int(signal.occurred_at.timestamp()), self._known.get(project, said.monitor)
        if monitor is None:
            if self._known.count(project) >= MOST:
                metrics.CAPPED.labels("monitor").inc()
                return
            monitor = Monitor(said.monitor, signal.service or "", at)
        if at < monitor.at:
            metrics.LATE_SIGNALS.labels("uptime").inc()
            return
        monitor.at, monitor.service = at, signal.service or monitor.service
        if said.up:
            monitor.since = monitor.downs = 0
        else:
            monitor.since, monitor.downs = monitor.since or at, monitor.downs + 1
        self._known.keep(project, said.monitor, monitor)
        if monitor.downs >= TWICE:
            yield _sighting(monitor, at)

    def standing(self, project: str, end: int) -> Iterator[Sighting]:
        """What was down at the last check, which may be some minutes ago."""
        for _, monitor in self._known.of(project):
            if monitor.downs >= TWICE and end - monitor.at < UNHEARD_S:
                yield _sighting(monitor, max(end, monitor.at))

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)


def _sighting(monitor: Monitor, end: int) -> Sighting:
    return Sighting(
        kind="outage",
        cause=(("upstream", monitor.service),) if monitor.service else (("monitor", monitor.name),),
        since=monitor.since,
        until=end,
        calls=monitor.downs,
        observed=monitor.downs,
        expected=0.0,
        score=float(monitor.downs),
        confidence=1.0 - 0.3**monitor.downs,
        detectors=("uptime",),
    )
