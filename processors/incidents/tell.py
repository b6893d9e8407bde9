"""An incident as it is told to everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.agreements import Project
from contracts.cloudevents import derived_id
from contracts.incidents import MOST_EVIDENCE, MOST_RELATED, MOST_SAMPLES, Incident, TimeTarget
from contracts.scores import Score
from contracts.scoring import Priority, SeverityLevel
from processors.incidents.attribution import told as attribution_told
from processors.incidents.book import Book
from processors.incidents.complaint import Complaint
from processors.incidents.complaints import Complaints
from processors.incidents.dimensions import cause_of
from processors.incidents.facts import inputs_of
from processors.incidents.record import Proof, Record
from processors.incidents.score import score_of
from processors.incidents.targets import moment, targets_of
from processors.incidents.titles import best_finding

LONGEST = 8_000


def score_now(record: Record, book: Book, complaints: Complaints, agreed: Project, now: float) -> Score:
    """What it is worth now."""
    return score_of(inputs_of(record, book, complaints, agreed, now), agreed.scoring)


def decided(record: Record, score: Score, now: float) -> tuple[SeverityLevel, Priority]:
    """Severity and priority: a person's while that holds, else the computed ones."""
    said = record.override
    if said is None or (said.get("until") and said["until"] <= now):
        return score.severity, score.priority
    return said.get("severity") or score.severity, said.get("priority") or score.priority


def incident_of(
    record: Record,
    book: Book,
    complaints: Complaints,
    *,
    agreed: Project,
    score: Score,
    linked: tuple[str, list[dict[str, Any]]],
    now: float,
) -> Incident:
    """The whole of it, at its present revision; ``linked`` are the calls behind its complaints (`behind.py`)."""
    severity, priority = decided(record, score, now)
    tenant, project, environment = record.project.split("/", 2)
    best = best_finding(record)
    facts = best.facts if best else {}
    return Incident.model_validate(
        {
            "id": derived_id(record.incident, record.revision),
            "occurred_at": moment(now),
            "tenant": tenant,
            "project": project,
            "environment": environment,
            "incident": record.incident,
            "revision": record.revision,
            "state_version": record.state_version,
            "state": record.state,
            "until": _moment(record.until),
            "nature": record.nature,
            "title": record.title,
            "sentence": score.sentence,
            "cause": cause_of(record.cause or next(iter(record.also), ())),
            "blame": record.blame,
            "severity": severity,
            "priority": priority,
            "score": score,
            "rank": book.rank(record),
            "override": _override(record, now),
            "restricted": record.restricted,
            "regressed": record.regressed,
            "escalating": score.parts.growth * score.parts.decay >= ESCALATES,
            "workaround": record.workaround or None,
            "owner": record.owner or None,
            "onset": moment(record.onset),
            "opened_at": moment(record.opened_at),
            "noticed_at": _moment(record.noticed_at),
            "state_since": moment(record.state_since),
            "acknowledged_at": _moment(record.acknowledged_at),
            "resolved_at": _moment(record.resolved_at),
            "to_acknowledge_s": _seconds(record, record.acknowledged_at),
            "to_resolve_s": _seconds(record, record.resolved_at),
            "last_evidence_at": moment(record.last_evidence_at),
            "closed_reason": record.closed_reason or None,
            "calls": round(facts.get("calls", 0)),
            "observed": round(facts.get("observed", 0)),
            "expected": facts.get("expected", 0.0),
            "users": score.inputs.users,
            "reports": record.reports,
            "anonymous": record.anonymous,
            "reporters": len(book.all_reporters(record)),
            "evidence": [_item(proof) for proof in _foremost(record)],
            "linked": linked[0][:LONGEST] or None,
            "victims": record.victims[:MOST_RELATED],
            "related": record.related[:MOST_RELATED],
            "merged_into": record.merged_into or None,
            "same_as_past": _with_moments(record.past, "ended_at"),
            "attribution": attribution_told(record.attribution) if record.attribution else None,
            "targets": _targets(record, severity, agreed, now),
            "verification": _with_moments(record.verification, "since"),
            "fix_release": record.fix_release or None,
            "samples": [_with_moments(sample, "at") for sample in _samples(record, book) or linked[1]],
            "messages": [_message(complaint) for complaint in messages_of(record, complaints)],
            "feedback": record.feedback,
        }
    )


def _targets(record: Record, severity: SeverityLevel, agreed: Project, now: float) -> tuple[TimeTarget, ...]:
    """How they stand, or stood when it was resolved; of what was no incident, or is part of another, there are none."""
    if record.over and not record.resolved_at:
        return ()
    return targets_of(record, severity, agreed.targets, record.resolved_at or now)


def _seconds(record: Record, at: float) -> float | None:
    """From the opening to a moment, if that has come."""
    return round(max(0.0, at - record.opened_at), 3) if at else None


ESCALATES = 0.5
"""Growth of the reports, 0 to 1, from which it is said to escalate: some four times as many as usual, surely."""


def messages_of(record: Record, complaints: Complaints) -> list[Complaint]:
    """The most central reports of its groups, largest group first, then its first reports: five at most.

    What few may read is left out of an incident that everybody may.
    """
    names: dict[str, None] = {}
    groups = sorted(record.proofs("group"), key=lambda proof: (-proof.count, proof.id))
    for proof in groups[:MOST_SAMPLES]:
        facts = complaints.group(record.project, proof.id.partition(":")[2])
        names |= dict.fromkeys(facts.representatives if facts else ())
    names |= dict.fromkeys(record.feedback[:MOST_SAMPLES])
    found = (complaints.get(record.project, name) for name in names)
    shown = (one for one in found if one is not None and one.incident == record.incident)
    return [one for one in shown if record.restricted or not one.restricted][:MOST_SAMPLES]


def _samples(record: Record, book: Book) -> list[dict[str, Any]]:
    """Calls of it, then of its parts."""
    found = [sample for one in (record, *book.parts(record)) for sample in one.samples]
    return found[:MOST_SAMPLES]


def _foremost(record: Record) -> list[Proof]:
    """What shows it best, as much as fits."""
    order = {"finding": 0, "alert": 1, "group": 2}
    proofs = sorted(
        record.evidence.values(),
        key=lambda proof: (proof.role != "cause", order[proof.kind], not proof.active, -proof.count, proof.id),
    )
    return proofs[:MOST_EVIDENCE]


def _item(proof: Proof) -> dict[str, Any]:
    return {
        "kind": proof.kind,
        "id": proof.id,
        "role": proof.role,
        "what": proof.what[:LONGEST],
        "reason": proof.reason[:LONGEST],
        "by": proof.by[:300],
        "since": moment(proof.since),
        "last_at": moment(proof.last_at),
        "active": proof.active,
        "confidence": proof.confidence,
        "count": proof.count,
        "people": proof.people,
        "cause": cause_of(proof.cause),
    }


def _message(complaint: Complaint) -> dict[str, Any]:
    return {
        "feedback": complaint.id,
        "at": moment(complaint.at),
        "channel": complaint.channel,
        "text": complaint.text,
        "language": complaint.language,
        "call": complaint.call,
        "by": complaint.tie,
    }


def _override(record: Record, now: float) -> dict[str, Any] | None:
    said = record.override
    if said is None or (said.get("until") and said["until"] <= now):
        return None
    return {**said, "at": moment(said["at"]), "until": _moment(said.get("until") or 0.0)}


def _with_moments(said: dict[str, Any] | None, name: str) -> dict[str, Any] | None:
    return None if said is None else {**said, name: moment(said[name])}


def _moment(seconds: float) -> datetime | None:
    return moment(seconds) if seconds else None
