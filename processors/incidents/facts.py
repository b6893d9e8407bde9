"""The facts of an incident that its score is computed from."""

from __future__ import annotations

from contracts.agreements import Project
from contracts.scores import ScoreInputs
from contracts.scoring import Scoring
from processors.incidents.book import Book
from processors.incidents.complaints import Complaints
from processors.incidents.record import Proof, Record

HOUR_S = 3_600.0
BY_REPORTS = 0.5
"""Chance that one report alone is mistaken about there being a problem; each further person halves it."""
MOST_SURE = 0.99
EXPLOITED = frozenset({"data_access"})
"""Findings that show a weakness being used."""


def inputs_of(record: Record, book: Book, complaints: Complaints, agreed: Project, now: float) -> ScoreInputs:
    """Gather them; ``now`` is in seconds since 1970."""
    proofs = record.proofs()
    findings = [proof for proof in proofs if proof.kind != "group"]
    hot = [proof for proof in findings if proof.active] or findings
    reports, expected = _reports(record, complaints, now)
    hours = [proof.facts["hours"] for proof in hot if proof.active and "hours" in proof.facts]
    security, exploited = _security(record, proofs)
    return ScoreInputs(
        users=len(book.everybody(record)),
        active_users=agreed.users,
        journey_weight=max(journey_weight(one, agreed) for one in (record, *book.parts(record))),
        severity_text=_share(record.severity_sum / record.reports if record.reports else 0.0),
        severity_telemetry=_share(max((proof.facts.get("severity", 0.0) for proof in hot), default=0.0)),
        burn_long=round(max((proof.facts.get("burn_long", 0.0) for proof in hot), default=0.0), 3),
        burn_short=round(max((proof.facts.get("burn_short", 0.0) for proof in hot), default=0.0), 3),
        reports=reports,
        expected_reports=round(expected, 3),
        in_breach=any(proof.active and proof.facts.get("breach") for proof in findings),
        hours_to_breach=round(min(hours), 3) if hours else None,
        evidence_age_h=evidence_age_h(record, now),
        security=_share(security),
        cvss=record.cvss if record.cvss is not None else (agreed.scoring.cvss if security else 0.0),
        exploited=record.exploited or exploited,
        confidence=confidence(record, agreed.scoring),
    )


def evidence_age_h(record: Record, now: float) -> float:
    """Hours since it last showed itself; none while a finding or an alert is open."""
    if record.lasts:
        return 0.0
    return round(max(0.0, now - record.last_evidence_at) / HOUR_S, 3)


def journey_weight(record: Record, agreed: Project) -> float:
    """The weight of the journey that matters most among those concerned."""
    dims = dict(record.cause)
    routes = [dims["route"]] if "route" in dims else list(record.routes)
    return max((agreed.journey_weight(route) for route in routes), default=agreed.scoring.default_journey)


def confidence(record: Record, scoring: Scoring) -> float:
    """That there is a problem: one minus the chance that all evidence is wrong, lowered by marks as noise."""
    doubt = 1.0
    for proof in record.proofs():
        doubt *= 1 - min(MOST_SURE, proof.confidence)
    return _share((1 - doubt) * scoring.noise**record.noise)


def confidence_of_reports(people: int) -> float:
    """That so many people who report the same are right."""
    return 1 - BY_REPORTS ** min(people, 50)


def _reports(record: Record, complaints: Complaints, now: float) -> tuple[int, float]:
    """Reports of its groups in the last hour, of each as many as are its own at the most, and how many are usual."""
    found, usual = 0, 0.0
    for proof in record.proofs("group"):
        facts = complaints.group(record.project, proof.id.partition(":")[2])
        if facts is not None and now - facts.last_at <= HOUR_S:
            found += min(facts.last_hour, proof.count)
            usual += facts.expected_hour
    return found, usual


def _security(record: Record, proofs: list[Proof]) -> tuple[float, bool]:
    """Probability of a weakness, and whether it shows that somebody uses it."""
    if record.nature != "security":
        return 0.0, False
    shown = max((proof.confidence for proof in proofs if proof.kind == "finding"), default=0.0)
    return max(record.security, shown), any(proof.finding in EXPLOITED for proof in proofs)


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)
