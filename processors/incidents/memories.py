"""What is remembered beside the incidents: releases, expected trouble, what was called noise, how others ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from processors.incidents.attribution import Deployed
from processors.incidents.record import Record
from processors.runtime.tables import State, TableSpec

HIDDEN = "Restricted"
"""Title of what only few may read, wherever everybody may."""
MOST_DEPLOYED, MOST_QUIET, MOST_SIGNATURES, MOST_OBEYED = 1_000, 200, 5_000, 5_000


@dataclass(slots=True)
class Quiet:
    """Trouble that is expected ``until`` a time, of a service or of the whole project."""

    until: float
    since: float
    service: str
    reason: str


@dataclass(slots=True)
class Obeyed:
    """A command that was obeyed, with what is needed to take it back."""

    action: str
    incident: str
    other: str
    before: dict[str, Any]
    state_version: int
    evidence: list[str] = field(default_factory=list)
    taken_back: bool = False
    acknowledged_at: float = 0.0
    """When it acknowledged the incident, if it did; in seconds since 1970."""


@dataclass(slots=True)
class Ended:
    """How the last incident of a signature ended, and how often people called it noise."""

    incident: str = ""
    title: str = ""
    ended_at: float = 0.0
    ended: str = "resolved"
    noise: int = 0


def _spec(kind: Any, name: str, capacity: int) -> TableSpec[Any]:
    return TableSpec(name, encode=orjson.dumps, decode=lambda stored: kind(**orjson.loads(stored)), capacity=capacity)


DEPLOYED: TableSpec[Deployed] = TableSpec(
    "incident_deployed",
    encode=lambda deployed: orjson.dumps(tuple(deployed)),
    decode=lambda stored: Deployed(*orjson.loads(stored)),
    capacity=MOST_DEPLOYED,
)
QUIET: TableSpec[Quiet] = _spec(Quiet, "incident_quiet", MOST_QUIET)
ENDED: TableSpec[Ended] = _spec(Ended, "incident_ended", MOST_SIGNATURES)
OBEYED: TableSpec[Obeyed] = _spec(Obeyed, "incident_obeyed", MOST_OBEYED)
TABLES = (DEPLOYED, QUIET, ENDED, OBEYED)


class Memories:
    """Those of one partition."""

    def __init__(self, state: State) -> None:
        self._deployed, self._quiet, self._ended, self.obeyed = (state[spec] for spec in TABLES)

    def deploy(self, project: str, deployed: Deployed) -> None:
        """Remember a release."""
        self._deployed[f"{project}|{deployed.at:.3f}|{deployed.service}|{deployed.release}"] = deployed

    def deployed(self, project: str) -> list[Deployed]:
        """The releases of a project, earliest first."""
        return sorted(one for key, one in self._deployed.items() if key.partition("|")[0] == project)

    def expect(self, project: str, quiet: Quiet) -> None:
        """Remember that trouble is expected; what was said of the same service before holds no longer."""
        self._quiet[f"{project}|{quiet.service}"] = quiet

    def expect_at_least(self, project: str, quiet: Quiet) -> None:
        """Remember that trouble is expected, unless it already is for longer."""
        known = self._quiet.get(f"{project}|{quiet.service}")
        if known is None or known.until < quiet.until:
            self.expect(project, quiet)

    def expected(self, record: Record, at: float) -> Quiet | None:
        """Whether the trouble of an incident was expected at that time; of several the one that lasts longest."""
        services = {value for attribute, value in record.cause if attribute == "upstream"}
        found = [
            quiet
            for key, quiet in self._quiet.items()
            if key.partition("|")[0] == record.project
            and quiet.since <= at < quiet.until
            and quiet.service in {"", *services}
        ]
        return max(found, key=lambda quiet: quiet.until, default=None)

    def end(self, record: Record, at: float) -> None:
        """Remember how an incident ended."""
        known = self.known(record)
        title = HIDDEN if record.restricted else record.title
        self._ended[_signature(record)] = Ended(record.incident, title, at, record.state, known.noise)

    def known(self, record: Record) -> Ended:
        """What is known of incidents with the same signature."""
        return self._ended.get(_signature(record)) or Ended()

    def mark_noise(self, record: Record, by: int) -> None:
        """Count, or take back, a mark that this was noise."""
        known = self.known(record)
        known.noise = max(0, known.noise + by)
        self._ended[_signature(record)] = known


def _signature(record: Record) -> str:
    """What is the same when it comes again: project, nature, and the calls concerned, or else its evidence (version 1).

    A finding that concerns no calls in particular is the same as any of its kind; a group or an alert only as itself.
    """
    kinds = sorted({proof.finding or proof.id for proof in record.evidence.values()})[:1]
    return orjson.dumps([1, record.project, record.nature, record.cause or kinds]).decode()
