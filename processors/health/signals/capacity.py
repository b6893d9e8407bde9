"""Resources that are nearly used up, or will be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from contracts.agreements import Limits
from contracts.signals import Signal
from processors.health.by_project import by_name
from processors.health.sighting import CauseKey, Sighting
from processors.health.signals.filling import FILLINGS, Filling
from processors.health.usual.outlook import CAVEATS
from processors.health.usual.outlook import SURE as AHEAD_SURE
from processors.health.usual.rise import Breach
from processors.runtime import metrics
from processors.runtime.tables import State, table_of

LASTS_S, REPORTS = 120, 3
"""It has to be so for two minutes and in three reports: a build or a garbage collection is shorter."""
UNHEARD_S = 900
"""A report counts for so long."""
MOST = 2_000
HOUR_S = 3_600
FILLS = "filling"
"""The detector of what is announced."""


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
        self._fillings = by_name(state[FILLINGS])

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
            before, gone = use.at, at - use.at > UNHEARD_S
            use.at, use.used = at, used
            if used < limits.capacity:
                use.since = use.reports = 0
            elif gone or not use.since:
                use.since, use.reports = at, 1
            else:
                use.reports += 1
            self._known.keep(project, key, use)
            filling = self._fillings.get(project, key) or Filling()
            filling.take(at, used)
            self._fillings.keep(project, key, filling)
            if _scarce(use):
                yield _sighting(use, at, limits)
            elif not use.since and (ahead := filling.breach(at, before, limits.capacity, resource)) is not None:
                yield _coming(use, ahead, limits)

    def standing(self, project: str, end: int, limits: Limits) -> Iterator[Sighting]:
        """What was scarce at the last report."""
        for _, use in self._known.of(project):
            if _scarce(use) and end - use.at < UNHEARD_S:
                yield _sighting(use, max(end, use.at), limits)

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)
        self._fillings.forget(project)

    def _room(self, project: str, at: int) -> bool:
        if self._known.count(project) >= MOST:
            for key, use in self._known.of(project):
                if at - use.at > UNHEARD_S:
                    self._known.drop(project, key)
                    self._fillings.drop(project, key)
        if self._known.count(project) < MOST:
            return True
        metrics.CAPPED.labels("resource").inc()
        return False


def _scarce(use: Use) -> bool:
    return bool(use.since) and use.reports >= REPORTS and use.at - use.since >= LASTS_S


def _cause(use: Use) -> CauseKey:
    cause = {"instance": use.instance, "resource": use.resource, "upstream": use.service}
    return tuple((name, value) for name, value in cause.items() if value)


def _sighting(use: Use, end: int, limits: Limits) -> Sighting:
    return Sighting(
        kind="capacity",
        cause=_cause(use),
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


def _coming(use: Use, breach: Breach, limits: Limits) -> Sighting:
    return Sighting(
        kind="forecast",
        cause=_cause(use),
        since=use.at - round(breach.seen_s),
        until=use.at,
        calls=0,
        observed=0,
        expected=0,
        score=HOUR_S / max(breach.breach_s, 60.0),
        confidence=AHEAD_SURE[breach.rhythm_s],
        detectors=(FILLS,),
        caveats=CAVEATS[breach.rhythm_s],
        numbers={"used": round(use.used, 3), "limit_used": limits.capacity, **breach.numbers},
    )
