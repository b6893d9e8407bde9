"""What a finding, a group of feedback or an alert proves, as an incident keeps it."""

from __future__ import annotations

import math

from contracts.findings import Finding, FindingKind
from contracts.incidents import Nature
from contracts.signals import Signal
from processors.incidents.dimensions import canonical, spelled
from processors.incidents.record import Proof

QUIET_S = 300.0
"""A finding closes so long after its last sign."""
NATURES: dict[FindingKind, Nature] = {
    "logins": "security",
    "data_access": "security",
    "ai_cost": "cost",
    "ai_tokens": "cost",
    "blind_spot": "telemetry",
}
"""Every other kind of finding is a malfunction."""
SUMMARIES: frozenset[FindingKind] = frozenset({"burn_rate", "forecast", "worse_than_before", "volume_drop", "capacity"})
"""Kinds that tell what a fault adds up to: they join what they follow from, and never widen it."""
SLOWNESS: frozenset[str] = frozenset({"latency", "forecast"})
FAILURES: frozenset[str] = frozenset(
    {
        "errors",
        "outage",
        "rate_limited",
        "auth_failures",
        "routing_failures",
        "burn_rate",
        "worse_than_before",
        "ai_rate_limited",
        "ai_failover",
    }
)
"""Kinds that show in calls which took too long, and in calls which failed."""
BREACHES: frozenset[FindingKind] = frozenset(
    {"errors", "outage", "burn_rate", "routing_failures", "auth_failures", "rate_limited", "blind_spot", "volume_drop"}
)
"""Kinds that tell of a limit which is exceeded now."""
SEVERITY: dict[FindingKind, float] = {
    "outage": 1.0,
    "volume_drop": 0.6,
    "routing_failures": 0.7,
    "rate_limited": 0.5,
    "auth_failures": 0.6,
    "blind_spot": 0.5,
    "burn_rate": 0.6,
    "forecast": 0.4,
    "capacity": 0.4,
    "error_logs": 0.4,
    "logins": 0.6,
    "data_access": 0.8,
    "worse_than_before": 0.5,
    "volume_surge": 0.3,
}
"""How bad each kind is for whoever meets it, 0 to 1; errors and latency depend on their numbers, others are .4."""
OTHER_SEVERITY = 0.4
FAILED_LEAST, FAILED_ALL = 0.4, 1.0
"""A call that fails now and then can be tried again, one that always fails cannot."""
SLOW_LEAST, SLOW_PER_DOUBLING, SLOW_MOST = 0.3, 0.2, 0.8
"""Half again as long annoys, four times as long keeps people from working."""
MOST_BURN = 1_000.0


def nature_of(kind: FindingKind) -> Nature:
    """What kind of trouble a finding tells of."""
    return NATURES.get(kind, "malfunction")


def name_of(finding: Finding) -> str:
    """Under which an incident keeps a finding."""
    return f"finding:{finding.finding}"


def proof_of(finding: Finding, error_budget: float) -> Proof:
    """What a finding proves; one that is open is still going on."""
    evidence = finding.evidence
    over = finding.state == "closed"
    last = finding.closed_at if over and finding.closed_at is not None else finding.occurred_at
    return Proof(
        kind="finding",
        id=name_of(finding),
        what=finding.sentence,
        reason="",
        since=finding.since.timestamp(),
        last_at=last.timestamp() - QUIET_S * over,
        active=not over,
        confidence=finding.confidence,
        count=round(max(0.0, evidence.observed)),
        cause=canonical(finding.cause),
        finding=finding.kind,
        facts=_facts(finding, error_budget),
    )


def _facts(finding: Finding, error_budget: float) -> dict[str, float]:
    evidence, share = finding.evidence, _share(finding)
    facts = {
        "calls": evidence.calls,
        "observed": evidence.observed,
        "expected": max(0.0, evidence.expected),
        "severity": _severity(finding, share),
        "breach": float(finding.kind in BREACHES or _beyond_limit(finding)),
    }
    if evidence.burn_long is not None and evidence.burn_short is not None:
        facts |= {"burn_long": evidence.burn_long, "burn_short": evidence.burn_short}
    elif finding.kind == "latency":
        facts["burn_long"] = facts["burn_short"] = _slow_burn(finding)
    elif finding.kind in FAILURES:
        facts["burn_long"] = facts["burn_short"] = min(MOST_BURN, share / error_budget)
    if evidence.breach_s is not None:
        facts["hours"] = max(0.0, evidence.breach_s / 3_600)
    return facts


def _share(finding: Finding) -> float:
    evidence = finding.evidence
    return min(1.0, max(0.0, evidence.observed / evidence.calls)) if evidence.calls else 0.0


def _severity(finding: Finding, share: float) -> float:
    if finding.kind == "errors":
        return FAILED_LEAST + (FAILED_ALL - FAILED_LEAST) * share
    if finding.kind == "latency":
        return min(SLOW_MOST, SLOW_LEAST + SLOW_PER_DOUBLING * math.log2(max(1.0, _times_slower(finding))))
    return SEVERITY.get(finding.kind, OTHER_SEVERITY)


def _times_slower(finding: Finding) -> float:
    """How many times as long as usual, by the measure that the finding has; 1 where it has none."""
    said = finding.evidence
    pairs = (
        (said.own_ms, said.usual_own_ms),
        (said.typical_ms, said.usual_typical_ms),
        (said.mean_ms, said.usual_mean_ms),
        (said.p95_ms, said.usual_p95_ms),
    )
    return max((now / usual for now, usual in pairs if now and usual), default=1.0)


def _slow_burn(finding: Finding) -> float:
    """How many times more calls are slow than usual: their usual share is the budget; else how much slower they are."""
    evidence = finding.evidence
    if evidence.observed > 0 and evidence.expected > 0:
        return min(MOST_BURN, evidence.observed / evidence.expected)
    return _times_slower(finding)


def _beyond_limit(finding: Finding) -> bool:
    said = finding.evidence
    slow = finding.kind == "latency" and said.limit_ms is not None and (said.p95_ms or 0) > said.limit_ms
    full = said.used is not None and said.limit_used is not None and said.used >= said.limit_used
    return slow or full


ALERT_SEVERITY = {"critical": 0.9, "page": 0.9, "high": 0.7, "error": 0.7, "warning": 0.5, "medium": 0.5, "info": 0.2}
ALERT_CONFIDENCE = 0.6
"""Another system's rule fired; whether somebody is hurt is not known."""


def proof_of_alert(signal: Signal) -> Proof:
    """What an alert of another monitoring system proves about its service."""
    if signal.alert is None:
        raise ValueError("a signal without an alert")
    at, alert = signal.occurred_at.timestamp(), signal.alert
    cause = (("upstream", signal.service),) if signal.service else ()
    about = f": {alert.summary}" if alert.summary else ""
    return Proof(
        kind="alert",
        id=f"alert:{alert.name}@{signal.service or ''}",
        what=f"Alert {alert.name} of {spelled(cause)}{about}",
        reason="",
        since=at,
        last_at=at,
        active=alert.state == "firing",
        confidence=ALERT_CONFIDENCE,
        count=1,
        cause=cause,
        facts={"severity": ALERT_SEVERITY.get((alert.severity or "").lower(), OTHER_SEVERITY)},
    )
