"""The data views: which documents there are to look at, what their fields mean, and what is computed from them.

Computed fields carry a value from one kind of document to another under the same name, so that a filter on one
dashboard narrows another: a trace, a group, a finding, an incident, a call.
"""

from __future__ import annotations

from sinks.kibana.columns import DOLLARS, HOURS, MILLISECONDS, MINUTES, PERCENT, POINTS, SECONDS, SHARE, Format
from sinks.kibana.computed import copied, divided, is_not, minutes, named, seconds
from sinks.kibana.labels import (
    ALERT_LABELS,
    AUDIT_LABELS,
    BLAME,
    CALL_LABELS,
    DEAD_LETTER_LABELS,
    FEEDBACK_LABELS,
    FINDING_LABELS,
    GROUP_LABELS,
    HEALTH_LABELS,
    INCIDENT_LABELS,
    LABELS,
    MATRIX_LABELS,
    SIGNAL_LABELS,
)
from sinks.kibana.panels import DataView

PREFIX = "hypercare-"
"""Every id of ours begins so."""
CALLS = DataView(
    id=f"{PREFIX}calls",
    name="Hypercare calls",
    pattern="logs-hypercare.calls-*",
    labels=LABELS | BLAME | CALL_LABELS,
    formats={
        "hypercare.delay_ms": MILLISECONDS,
        "hypercare.latency.total_ms": MILLISECONDS,
        "hypercare.latency.upstream_ms": MILLISECONDS,
        "hypercare.latency.gateway_ms": MILLISECONDS,
        "hypercare.ai.cost": DOLLARS,
        "http.response.body.bytes": Format("bytes", 1),
        "http.request.body.bytes": Format("bytes", 1),
        "hypercare.failed": PERCENT,
        "hypercare.routed": PERCENT,
    },
    runtime={
        "hypercare.routed": is_not("hypercare.outcome", "gateway_error", each="hypercare.failed"),
        "hypercare.links.call": copied("event.id"),
    },
)
FEEDBACK = DataView(
    id=f"{PREFIX}feedback",
    name="Hypercare feedback",
    pattern="hypercare-feedback-*",
    labels=LABELS | FEEDBACK_LABELS,
    formats={
        "hypercare.score": POINTS,
        "hypercare.category_probability": SHARE,
        "hypercare.group.suggested_similarity": SHARE,
        "hypercare.delay_s": SECONDS,
    },
    runtime={"hypercare.delay_s": seconds("@timestamp", "event.created")},
)
GROUPS = DataView(
    id=f"{PREFIX}groups",
    name="Hypercare groups of feedback",
    pattern="hypercare-groups-*",
    time="event.end",
    labels=LABELS | GROUP_LABELS,
)
_INCIDENT_RUNTIME = {
    "hypercare.incident.acknowledge_min": minutes(
        "hypercare.incident.opened_at", "hypercare.incident.targets.acknowledge.met_at"
    ),
    "hypercare.incident.resolve_min": minutes("hypercare.incident.opened_at", "event.end"),
    "hypercare.incident.acknowledge_target_min": minutes(
        "hypercare.incident.opened_at", "hypercare.incident.targets.acknowledge.due_at"
    ),
    "hypercare.incident.fix_target_min": minutes(
        "hypercare.incident.opened_at", "hypercare.incident.targets.fix.due_at"
    ),
    "hypercare.finding.id": named("hypercare.incident.evidence.id", "finding"),
    "hypercare.group.id": named("hypercare.incident.evidence.id", "group"),
    "hypercare.links.call": copied("hypercare.incident.samples.call"),
}
_INCIDENT_FORMATS = {
    "hypercare.incident.score.value": POINTS,
    "hypercare.incident.acknowledge_min": MINUTES,
    "hypercare.incident.resolve_min": MINUTES,
    "hypercare.incident.acknowledge_target_min": MINUTES,
    "hypercare.incident.fix_target_min": MINUTES,
}
INCIDENTS = DataView(
    id=f"{PREFIX}incidents",
    name="Hypercare incidents, as they are now",
    pattern="hypercare-incidents-*",
    time="",
    labels=INCIDENT_LABELS,
    formats=_INCIDENT_FORMATS,
    runtime=_INCIDENT_RUNTIME,
)
INCIDENTS_OPENED = DataView(
    id=f"{PREFIX}incidents-opened",
    name="Hypercare incidents, by when they were opened",
    pattern="hypercare-incidents-*",
    time="hypercare.incident.opened_at",
    labels=INCIDENT_LABELS,
    formats=_INCIDENT_FORMATS,
    runtime=_INCIDENT_RUNTIME,
)
FINDINGS = DataView(
    id=f"{PREFIX}findings",
    name="Hypercare findings, each change",
    pattern="logs-hypercare.findings-*",
    labels=LABELS | BLAME | FINDING_LABELS,
    formats={
        "hypercare.finding.confidence": SHARE,
        "hypercare.finding.p95_ms": MILLISECONDS,
        "hypercare.finding.usual_p95_ms": MILLISECONDS,
        "hypercare.finding.breach_s": Format(suffix=" s"),
        "hypercare.finding.breach_h": HOURS,
        "hypercare.finding.used": PERCENT,
    },
    runtime={"hypercare.finding.breach_h": divided("hypercare.finding.breach_s", 3600.0)},
)
HEALTH = DataView(
    id=f"{PREFIX}health",
    name="Hypercare health of each window",
    pattern="metrics-hypercare.health-*",
    labels=LABELS | HEALTH_LABELS,
    formats={"hypercare.health.p95_ms": MILLISECONDS, "hypercare.health.bytes": Format("bytes", 1)},
)
SIGNALS = DataView(
    id=f"{PREFIX}signals",
    name="Hypercare signals",
    pattern="logs-hypercare.signals-*",
    labels=LABELS | SIGNAL_LABELS,
    formats={
        "hypercare.signal.up": PERCENT,
        "hypercare.signal.used": PERCENT,
        "hypercare.signal.latency_ms": MILLISECONDS,
        "hypercare.signal.bytes": Format("bytes", 1),
    },
)
MATRIX = DataView(
    id=f"{PREFIX}matrix",
    name="Hypercare reported and observed",
    pattern="metrics-hypercare.matrix-*",
    labels=LABELS | MATRIX_LABELS,
)
AUDIT = DataView(
    id=f"{PREFIX}audit",
    name="Hypercare audit",
    pattern="logs-hypercare.audit-*",
    labels=LABELS | AUDIT_LABELS,
    runtime={"hypercare.incident.id": copied("hypercare.audit.incident")},
)
ALERTS = DataView(
    id=f"{PREFIX}alerts",
    name="Hypercare alerts",
    pattern="logs-hypercare.alerts-*",
    labels=ALERT_LABELS,
)
DEADLETTERS = DataView(
    id=f"{PREFIX}deadletters",
    name="Hypercare dead letters",
    pattern="logs-hypercare.deadletters-*",
    labels=DEAD_LETTER_LABELS,
    formats={"hypercare.dead_letter.bytes": Format("bytes", 1)},
)
VIEWS = (
    CALLS, FEEDBACK, GROUPS, INCIDENTS, INCIDENTS_OPENED, FINDINGS, HEALTH, SIGNALS, MATRIX, AUDIT, ALERTS,
    DEADLETTERS,
)  # fmt: skip
