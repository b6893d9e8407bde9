"""The list of incidents as people read it: the most urgent first, one line each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.cloudevents import rfc3339
from contracts.findings import Cause
from contracts.incidents import OPEN, Incident
from hypercare.masked import masked_line
from processors.incidents.score import ranking

FLAGS = ("escalating", "regressed", "restricted")


@dataclass(frozen=True, slots=True)
class Which:
    """Which incidents are meant; what is left empty does not matter. Without ``states`` only the open ones are."""

    tenant: str = ""
    project: str = ""
    environment: str = ""
    states: tuple[str, ...] = ()
    every: bool = False
    since: datetime | None = None

    def takes(self, incident: Incident) -> bool:
        """Whether this one is meant."""
        places = (
            (self.tenant, incident.tenant),
            (self.project, incident.project),
            (self.environment, incident.environment),
        )
        if any(wanted and wanted != found for wanted, found in places):
            return False
        if self.since is not None and max(incident.last_evidence_at, incident.opened_at) < self.since:
            return False
        return incident.state in self.states if self.states else self.every or incident.state in OPEN


@dataclass(frozen=True, slots=True)
class Row:
    """One incident in the list; ``rank`` is its place in this list, 0 where it is not open; ``age_s`` since onset."""

    rank: int
    incident: str
    project: str
    priority: str
    severity: str
    score: float
    state: str
    flags: tuple[str, ...]
    title: str
    cause: str
    users: int
    reports: int
    onset: str
    age_s: float
    owner: str
    overridden: bool
    sentence: str
    state_version: int


def ranked(incidents: Iterable[Incident], which: Which) -> list[Incident]:
    """Those that are meant, the open ones first, each by priority and then by how much is sure."""
    meant = [incident for incident in incidents if which.takes(incident)]
    return sorted(meant, key=lambda one: (one.state not in OPEN, ranking(one.score, one.priority, one.incident)))


def rows(incidents: Iterable[Incident], when: datetime) -> list[Row]:
    """Incidents in their order as lines of a list, with their age at a moment."""
    return [_row(number, incident, when) for number, incident in enumerate(incidents, 1)]


def _row(number: int, incident: Incident, when: datetime) -> Row:
    return Row(
        rank=number if incident.state in OPEN else 0,
        incident=incident.incident,
        project=place_of(incident),
        priority=incident.priority,
        severity=incident.severity,
        score=incident.score.value,
        state=incident.state,
        flags=tuple(flag for flag in FLAGS if getattr(incident, flag)),
        title=masked_line(incident.title),
        cause=masked_line(cause_of(incident.cause)),
        users=incident.users,
        reports=incident.reports,
        onset=rfc3339(incident.onset),
        age_s=max(0.0, (when - incident.onset).total_seconds()),
        owner=masked_line(incident.owner or ""),
        overridden=incident.override is not None,
        sentence=masked_line(incident.sentence),
        state_version=incident.state_version,
    )


def place_of(incident: Incident) -> str:
    """The project, with tenant and environment where these are not the usual ones."""
    tenant = "" if incident.tenant == "default" else f"{incident.tenant}/"
    environment = "" if incident.environment == "production" else f"/{incident.environment}"
    return f"{tenant}{incident.project}{environment}"


def cause_of(cause: Cause) -> str:
    """The calls concerned, in words; nothing where telemetry shows none."""
    return " + ".join(f"{dimension.attribute} {dimension.value}" for dimension in cause)


def length(seconds: float) -> str:
    """A length of time in its two largest units."""
    minutes = int(max(0.0, seconds)) // 60
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def age(seconds: float) -> str:
    """A length of time in one unit, as a column has room for."""
    for unit, size in (("d", 86_400), ("h", 3_600)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{max(0.0, seconds) / 60:.0f} min"


def clock(moment: datetime) -> str:
    """A moment to the minute, UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
