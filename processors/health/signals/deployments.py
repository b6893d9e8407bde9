"""Which deployments came shortly before a problem began."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.signals import Signal
from processors.health.by_project import by_name
from processors.health.sighting import Sighting
from processors.health.signals.concerns import concerns
from processors.runtime import metrics
from processors.runtime.tables import State, table_of

BEFORE_S = 3_600
"""A deployment so long before the onset is still named: caches fill and pools drain slowly."""
AFTER_S = 120
"""What is said to be over after the onset may have caused it: pipelines report when the last instance runs."""
MOST_KEPT, MOST_NAMED = 100, 3


@dataclass(frozen=True, slots=True)
class Deployed:
    """A release that went live, or was taken back, in seconds since 1970."""

    at: int
    service: str
    release: str
    state: str


DEPLOYMENTS = table_of(Deployed, "deployments", capacity=20_000)


class Deployments:
    """The last deployments of one partition's projects."""

    def __init__(self, state: State) -> None:
        self._known = by_name(state[DEPLOYMENTS])

    def take(self, project: str, signal: Signal) -> None:
        """Remember one; the oldest makes room."""
        if (said := signal.deployment) is None:
            return
        at, service = int(signal.occurred_at.timestamp()), signal.service or ""
        deployed = Deployed(at, service, said.release, said.state)
        self._known.keep(project, f"{at}/{service}/{said.release}", deployed)
        if self._known.count(project) > MOST_KEPT:
            oldest = min(self._known.of(project), key=lambda kept: kept[1].at)
            self._known.drop(project, oldest[0])
            metrics.CAPPED.labels("deployment").inc()

    def before(self, project: str, sighting: Sighting) -> tuple[Deployed, ...]:
        """Those that may have caused it: of the release that the cause names first, then the latest."""
        release = dict(sighting.cause).get("release")
        near = [
            deployed
            for _, deployed in self._known.of(project)
            if -AFTER_S <= sighting.since - deployed.at <= BEFORE_S and concerns(deployed.service, sighting.cause)
        ]
        near.sort(key=lambda deployed: (deployed.release != release, -deployed.at, deployed.service))
        return tuple(near[:MOST_NAMED])

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)
