"""Everything that signals said about the projects of a partition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from contracts.agreements import Limits, without_import
from contracts.findings import FindingKind
from contracts.signals import Signal
from processors.health.sighting import Sighting
from processors.health.signals import (
    alerts,
    capacity,
    data_access,
    deployments,
    error_logs,
    filling,
    logins,
    repeats,
    uptime,
)
from processors.runtime.tables import State, TableSpec

TABLES: tuple[TableSpec[Any], ...] = (
    repeats.TAKEN,
    deployments.DEPLOYMENTS,
    alerts.ALERTS,
    uptime.MONITORS,
    capacity.USES,
    filling.FILLINGS,
    error_logs.LOGGED,
    *logins.TABLES,
    data_access.HOURS,
)
SHOWN: frozenset[FindingKind] = frozenset({"capacity", "error_logs", "logins", "data_access"})


def shown(said: Sighting) -> bool:
    """Whether it is what signals show themselves, whether calls come or not."""
    return said.kind in SHOWN or bool({"uptime", capacity.FILLS} & set(said.detectors))


class Noticed:
    """Signals in; what they show themselves, and what stands beside a problem, out."""

    def __init__(self, state: State) -> None:
        self._deployments = deployments.Deployments(state)
        self._alerts = alerts.Alerts(state)
        self._uptimes = uptime.Uptimes(state)
        self._capacities = capacity.Capacities(state)
        self._error_logs = error_logs.ErrorLogs(state)
        self._logins = logins.Logins(state)
        self._data_access = data_access.DataAccess(state)

    def take(self, project: str, signal: Signal, limits: Limits) -> Iterator[Sighting]:
        """Take one in, and say what it shows."""
        self.remember(project, signal)
        yield from self._uptimes.take(project, signal)
        yield from self._capacities.take(project, signal, limits)
        yield from self._error_logs.take(project, signal)
        yield from self._logins.take(project, signal)
        yield from self._data_access.take(project, signal)

    def remember(self, project: str, signal: Signal) -> None:
        """Take in what explains, and shows nothing itself."""
        self._deployments.take(project, signal)
        self._alerts.take(project, signal)

    def standing(self, project: str, end: int, limits: Limits) -> Iterator[Sighting]:
        """What was so when it was heard last, and is not known to have ended."""
        yield from self._uptimes.standing(project, end)
        yield from self._capacities.standing(project, end, limits)

    def beside(self, project: str, sighting: Sighting) -> Sighting:
        """The same problem, with the deployments and alerts that came shortly before it; an import has the same."""
        project = without_import(project)
        came = tuple(
            (deployed.at, deployed.service, deployed.release, deployed.state)
            for deployed in self._deployments.before(project, sighting)
        )
        alerted = self._alerts.beside(project, sighting)
        return replace(sighting, deployments=came, alerts=alerted) if came or alerted else sighting

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        for part in (
            self._deployments,
            self._alerts,
            self._uptimes,
            self._capacities,
            self._error_logs,
            self._logins,
            self._data_access,
        ):
            part.forget(project)
