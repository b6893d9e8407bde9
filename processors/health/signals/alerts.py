"""Which alerts of other monitoring systems stood beside a problem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.signals import Signal
from processors.health.by_project import by_name
from processors.health.sighting import Sighting
from processors.health.signals.concerns import concerns
from processors.runtime import metrics
from processors.runtime.tables import State, table_of

BEFORE_S = 900
"""An alert that was resolved so shortly before the onset is still named."""
UNHEARD_S = 86_400
"""An alert that nobody resolved is taken for over after a day: senders repeat those that fire."""
MOST_KEPT, MOST_NAMED = 500, 5


@dataclass(slots=True)
class Fired:
    """An alert: when it began to fire, was heard last, and was resolved, 0 for not yet; seconds since 1970."""

    name: str
    service: str
    since: int
    heard: int
    resolved: int = 0


ALERTS = table_of(Fired, "alerts", capacity=20_000)


class Alerts:
    """The alerts of one partition's projects."""

    def __init__(self, state: State) -> None:
        self._known = by_name(state[ALERTS])

    def take(self, project: str, signal: Signal) -> None:
        """An alert fires, or is resolved; of too many the one heard longest ago makes room."""
        if (said := signal.alert) is None:
            return
        at, service = int(signal.occurred_at.timestamp()), signal.service or ""
        key = f"{service}/{said.name}"
        fired = self._known.get(project, key)
        if said.state == "resolved":
            if fired is not None and not fired.resolved:
                fired.resolved = max(fired.since, at)
                self._known.keep(project, key, fired)
            return
        if fired is None or fired.resolved or at - fired.heard > UNHEARD_S:
            fired = Fired(said.name, service, at, at)
        fired.heard = max(fired.heard, at)
        self._known.keep(project, key, fired)
        if self._known.count(project) > MOST_KEPT:
            self._known.drop(project, min(self._known.of(project), key=lambda kept: kept[1].heard)[0])
            metrics.CAPPED.labels("alert").inc()

    def beside(self, project: str, sighting: Sighting) -> tuple[str, ...]:
        """Names of those that fired while it lasted, or shortly before it, the earliest first."""
        names = {alert.name: None for alert in sorted(self._near(project, sighting), key=lambda fired: fired.since)}
        return tuple(names)[:MOST_NAMED]

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)

    def _near(self, project: str, sighting: Sighting) -> Iterator[Fired]:
        for _, fired in self._known.of(project):
            over = fired.resolved or fired.heard + UNHEARD_S
            near = fired.since <= sighting.until and over >= sighting.since - BEFORE_S
            if near and concerns(fired.service, sighting.cause):
                yield fired
