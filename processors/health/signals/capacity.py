"""Resources that are nearly used up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from contracts.agreements import Limits
from contracts.signals import Signal
from processors.health.by_project import by_name
from processors.health.sighting import Sighting
from processors.runtime import metrics
from processors.runtime.tables import State, table_of

LASTS_S, REPORTS = 120, 3
"""It has to be so for two minutes and in three reports: a build or a garbage collection is shorter."""
UNHEARD_S = 900
"""A report counts for so long."""
MOST = 2_000


@dataclass(slots=True)
class Use:
    """A resource of an instance: its last report, and since when it is over the limit, or 0; seconds since 1970."""

    service: str
    instance: str
    resource: str
    at: int
    used: float
    since: int = 0
    reports: int = 0


USES = table_of(Use, "used", capacity=20_000)


class Capacities:
    """The resources of one partition's projects."""

    def __init__(self, state: State) -> None:
        self._known = by_name(state[USES])

    def take(self, project: str, signal: Signal, limits: Limits) -> Iterator[Sighting]:
        """One report; what comes late changes nothing."""
        if (said := signal.resources) is None:
            return
        at, service, instance = int(signal.occurred_at.timestamp()), signal.service or "", said.instance or ""
        for resource, used in said.used.items():
            key = orjson.dumps([service, instance, resource]).decode()
            use = self._known.get(project, key)
            if use is None:
                if not self._room(project, at):
                    continue
                use = Use(service, instance, resource, at, used)
            if at < use.at:
                metrics.LATE_SIGNALS.labels("resources").inc()
                continue
            gone = at - use.at > UNHEARD_S
            use.at, use.used = at, used
            if used < limits.capacity:
                use.since = use.reports = 0
            elif gone or not use.since:
                use.since, use.reports = at, 1
            else:
                use.reports += 1
            self._known.keep(project, key, use)
            if _scarce(use):
                yield _sighting(use, at, limits)

    def standing(self, project: str, end: int, limits: Limits) -> Iterator[Sighting]:
        """What was scarce at the last report."""
        for _, use in self._known.of(project):
            if _scarce(use) and end - use.at < UNHEARD_S:
                yield _sighting(use, max(end, use.at), limits)

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)

    def _room(self, project: str, at: int) -> bool:
        if self._known.count(project) >= MOST:
            for key, use in self._known.of(project):
                if at - use.at > UNHEARD_S:
                    self._known.drop(project, key)
        if self._known.count(project) < MOST:
            return True
        metrics.CAPPED.labels("resource").inc()
        return False


def _scarce(use: Use) -> bool:
    return bool(use.since) and use.reports >= REPORTS and use.at - use.since >= LASTS_S


def _sighting(use: Use, end: int, limits: Limits) -> Sighting:
    cause = {"instance": use.instance, "resource": use.resource, "upstream": use.service}
    return Sighting(
        kind="capacity",
        cause=tuple((name, value) for name, value in cause.items() if value),
        since=use.since,
        until=end,
        calls=use.reports,
        observed=use.reports,
        expected=0.0,
        score=use.used,
        confidence=0.95,
        detectors=("capacity",),
        numbers={"used": round(use.used, 3), "limit_used": limits.capacity},
    )
