"""What a run of stages left in the topics and the index, to be held against another run of the same story."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.audit import AuditEntry
from contracts.incidents import Incident
from contracts.topics import AUDIT, INCIDENTS
from hypercare.incidents.audit_chain import verify_topic
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import documents, read_topic

ALIKE = 0.9
"""Part of the complaints of an incident that have to be the same: what a call and a complaint that come at once are
joined by depends on which is read first."""

ON_THE_WAY = ("merged", "priority_")
"""What only says whether people or telemetry told first of the same trouble, and with how much each began."""


@dataclass(frozen=True)
class Ended:
    """What a run left, by cause: the incident, what was done about it, and its complaints; and what is wrong."""

    incidents: dict[str, dict[str, Any]]
    deeds: dict[str, tuple[str, ...]]
    complaints: dict[str, frozenset[str]]
    wrong: tuple[str, ...]
    kills: tuple[str, ...]

    def differences(self, other: Ended) -> list[str]:
        """In words; empty where the same came of both."""
        found = [*self.wrong, *other.wrong]
        for name in sorted(self.incidents | other.incidents):
            mine, theirs = self.incidents.get(name), other.incidents.get(name)
            if mine is None or theirs is None:
                found.append(f"{name}: only in one of both: {mine or theirs}")
                continue
            found += [f"{name}: {key}: {mine[key]} and {theirs[key]}" for key in mine if mine[key] != theirs[key]]
            if self.deeds[name] != other.deeds[name]:
                found.append(f"{name}: audit: {self.deeds[name]} and {other.deeds[name]}")
            both, either = (
                self.complaints[name] & other.complaints[name],
                self.complaints[name] | other.complaints[name],
            )
            if len(both) < ALIKE * len(either):
                found.append(f"{name}: complaints differ: {sorted(either - both)}")
        return found


def told(engines: RunningEngines, prefix: str) -> tuple[dict[str, Incident], list[str]]:
    """What was told last of each incident, and revisions that are missing or came twice."""
    found: dict[str, Incident] = {}
    wrong: list[str] = []
    for record in read_topic(engines.endpoints, prefix + INCIDENTS.name):
        incident = Incident.model_validate_json(record.value())
        before = found.get(incident.incident)
        if incident.revision != (before.revision + 1 if before else 1):
            wrong.append(f"{incident.incident}: revision {incident.revision} after {before.revision if before else 0}")
        found[incident.incident] = incident
    return found, wrong


def ended(engines: RunningEngines, prefix: str, project: str, began: datetime, kills: tuple[str, ...]) -> Ended:
    """Read what a run left; ``began`` is when its story began."""
    last, wrong = told(engines, prefix)
    verified = verify_topic(engines.endpoints.kafka, prefix=prefix)
    wrong += [f"audit: {broken}" for broken in verified.breaks]
    audit = [
        AuditEntry.model_validate_json(record.value()) for record in read_topic(engines.endpoints, prefix + AUDIT.name)
    ]
    wrong += _not_indexed(engines, project, last)
    kept = {_name(one): one for one in last.values() if one.merged_into is None and one.cause}
    return Ended(
        {name: _facts(one, began) for name, one in kept.items()},
        {name: tuple(_deeds(one, audit)) for name, one in kept.items()},
        {name: frozenset(one.feedback) for name, one in kept.items()},
        tuple(wrong),
        kills,
    )


def _not_indexed(engines: RunningEngines, project: str, last: dict[str, Incident]) -> list[str]:
    indexed = documents(engines.endpoints, f"hypercare-incidents-default.{project}")
    revisions = {hit["_id"]: hit["_source"]["hypercare"]["incident"]["revision"] for hit in indexed}
    behind = {name for name, one in last.items() if not one.restricted and revisions.get(name) != one.revision}
    return [f"{name}: the index has revision {revisions.get(name)} of {last[name].revision}" for name in sorted(behind)]


def _name(incident: Incident) -> str:
    return " + ".join(sorted(f"{each.attribute} {each.value}" for each in incident.cause))


def _facts(one: Incident, began: datetime) -> dict[str, Any]:
    """Whatever does not depend on the names that a run gives, nor on when it was played."""
    return {
        "nature": one.nature,
        "state": one.state,
        "severity": one.severity,
        "priority": one.priority,
        "blame": one.blame,
        "evidence": tuple(sorted({item.kind for item in one.evidence if item.role == "cause"})),
        "victims": tuple(sorted(one.victims)),
        "onset": (one.onset - began).total_seconds(),
        "noticed": (one.noticed_at - began).total_seconds() if one.noticed_at else None,
        "calls": one.calls,
        "observed": one.observed,
        "expected": one.expected,
    }


def _deeds(one: Incident, audit: Iterable[AuditEntry]) -> Iterable[str]:
    """What was done about an incident, in the order of its chain, and by whom; without what was so `ON_THE_WAY`."""
    mine = sorted(
        (entry for entry in audit if entry.incident == one.incident and not entry.action.startswith(ON_THE_WAY)),
        key=lambda entry: entry.link.sequence if entry.link else 0,
    )
    return (f"{entry.action} by {entry.actor}" for entry in mine)
