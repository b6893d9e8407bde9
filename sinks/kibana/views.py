"""The data views: which documents there are to look at, what their fields mean, and what is computed from them.

Computed fields carry a value from one kind of document to another under the same name, so that a filter on one
dashboard narrows another: a trace, a group, a finding, an incident, a call.
"""

from __future__ import annotations

from sinks.kibana.columns import DOLLARS, HOURS, MILLISECONDS, MINUTES, PERCENT, POINTS, SHARE, Format
from sinks.kibana.computed import copied, divided, is_not, minutes, named
from sinks.kibana.labels import BLAME, INCIDENT_LABELS, LABELS
from sinks.kibana.panels import DataView

PREFIX = "hypercare-"
"""Every id of ours begins so."""
CALLS = DataView(
    id=f"{PREFIX}calls",
    name="Hypercare calls",
    pattern="logs-hypercare.calls-*",
    labels=LABELS
    | BLAME
    | {
        "hypercare.failed": ("Failed", "1 where the serving side or a rate limit failed the call, else 0"),
        "hypercare.weight": ("Stands for", "calls that the document stands for, where successful ones are sampled"),
        "hypercare.outcome": ("Outcome", "how the call ended"),
        "hypercare.delay_ms": ("Told after", "milliseconds from the call until it was understood and told"),
        "hypercare.latency.total_ms": ("Duration", "milliseconds at the gateway"),
        "hypercare.latency.upstream_ms": ("Upstream's part", "milliseconds of it behind the gateway"),
        "hypercare.latency.gateway_ms": ("Gateway's part", "milliseconds of it in the gateway"),
        "hypercare.consumer": ("Consumer", "client of the API as the gateway knows it"),
        "hypercare.routed": ("Routed", "0 where the gateway itself failed the call, else 1"),
        "hypercare.links.call": ("Call", "id of the call, as complaints name it"),
        "client.geo.country_iso_code": ("Country", "of the client"),
        "http.response.status_code": ("Status", "as answered to the client"),
    },
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
    labels=LABELS
    | {
        "hypercare.category": ("Category", "what it is about"),
        "hypercare.channel": ("Channel", "how it came"),
        "hypercare.language": ("Language", "BCP 47 tag"),
        "hypercare.severity": ("Severity", "how bad it is for whoever wrote, 0 to 1"),
        "hypercare.score": ("Score", "how much it is worth a look, 0 to 100"),
        "hypercare.category_probability": ("Likely", "how probable the category is, 0 to 1"),
        "hypercare.group.suggested": ("May belong to", "id of another group that may be about the same"),
        "hypercare.group.suggested_similarity": ("Alike", "how much, 0 to 1"),
        "hypercare.needs_triage": ("Needs triage", "no category is likely enough: a person should look"),
        "hypercare.match": ("Calls found", "whether failing calls stand behind it"),
        "hypercare.group.id": ("Group id", "the group of reports about the same problem"),
        "hypercare.group.title": ("Group", "a sentence of its most central report"),
        "hypercare.links.call": ("Call", "id of a call that stands behind it"),
        "hypercare.delay_min": ("Received after", "minutes from when it was written"),
    },
    formats={
        "hypercare.score": POINTS,
        "hypercare.category_probability": SHARE,
        "hypercare.group.suggested_similarity": SHARE,
        "hypercare.delay_min": MINUTES,
    },
    runtime={"hypercare.delay_min": minutes("@timestamp", "event.created")},
)
GROUPS = DataView(
    id=f"{PREFIX}groups",
    name="Hypercare groups of feedback",
    pattern="hypercare-groups-*",
    time="event.end",
    labels=LABELS
    | {
        "event.end": ("Latest report", "when somebody reported it last"),
        "event.start": ("First report", "when somebody reported it first"),
        "hypercare.group.title": ("Group", "a sentence of its most central report"),
        "hypercare.group.reports": ("Reports", "pieces of feedback"),
        "hypercare.group.reporters": ("People", "distinct people who reported"),
        "hypercare.group.last_hour": ("Last hour", "reports in the hour before it changed last"),
        "hypercare.group.expected_hour": ("Usual hour", "reports that are usual in an hour"),
    },
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
    labels=LABELS
    | BLAME
    | {
        "hypercare.finding.id": ("Finding", "id through its life"),
        "hypercare.finding.kind": ("Kind", "what sort of trouble"),
        "hypercare.finding.state": ("Change", "opened, updated or closed"),
        "hypercare.finding.confidence": ("Confidence", "how sure it is, 0 to 1"),
        "hypercare.finding.observed": ("Observed", "calls that went wrong"),
        "hypercare.finding.expected": ("Usual", "as many were usual"),
        "hypercare.finding.breach_h": ("Hours left", "until the limit is reached, at the pace of then"),
    },
    formats={
        "hypercare.finding.confidence": PERCENT,
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
    labels=LABELS
    | {
        "hypercare.health.calls": ("Calls", "of one route at one upstream in one window"),
        "hypercare.health.failed": ("Failed", "of these, failed by the serving side"),
    },
    formats={"hypercare.health.p95_ms": MILLISECONDS, "hypercare.health.bytes": Format("bytes", 1)},
)
SIGNALS = DataView(
    id=f"{PREFIX}signals",
    name="Hypercare signals",
    pattern="logs-hypercare.signals-*",
    labels=LABELS
    | {
        "hypercare.signal.kind": ("Kind", "deployment, alert, uptime, resources, error_log, login or usage"),
        "hypercare.signal.up": ("Up", "1 where a monitor reached it, else 0"),
        "hypercare.signal.monitor": ("Monitor", "who looked"),
        "hypercare.signal.instance": ("Instance", "server or container of the service"),
        "hypercare.signal.resource": ("Resource", "cpu, memory, disk, network and others"),
        "hypercare.signal.used": ("Used", "part of the resource, 0 to 1"),
    },
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
    labels=LABELS | {"hypercare.journey": ("Journey", "what people wanted to do")},
)
AUDIT = DataView(
    id=f"{PREFIX}audit",
    name="Hypercare audit",
    pattern="logs-hypercare.audit-*",
    labels=LABELS
    | {
        "hypercare.audit.actor": ("Actor", "who decided, or system"),
        "hypercare.audit.subject_id": ("About", "id of what was changed"),
        "hypercare.incident.id": ("Incident", "the incident in whose chain it stands"),
        "event.action": ("Action", "what was done"),
    },
    runtime={"hypercare.incident.id": copied("hypercare.audit.incident")},
)
ALERTS = DataView(
    id=f"{PREFIX}alerts",
    name="Hypercare alerts",
    pattern="logs-hypercare.alerts-*",
    labels={
        "rule.name": ("Rule", "what is watched"),
        "rule.description": ("It says", "when the rule fires"),
        "event.action": ("Change", "open when it began, close when it ended"),
        "hypercare.alert": ("About", "the route, incident, group or reason; of a rule about no single one, its state"),
        "message": ("Text", "what was counted, and a link to it"),
    },
)
DEADLETTERS = DataView(
    id=f"{PREFIX}deadletters",
    name="Hypercare dead letters",
    pattern="logs-hypercare.deadletters-*",
    labels={
        "error.code": ("Reason", "why it could not be processed"),
        "error.message": ("Detail", "what a person needs to mend it"),
        "hypercare.stage": ("Stage", "which stage refused it"),
        "hypercare.dead_letter.source.topic": ("Topic", "where it came from"),
        "hypercare.dead_letter.bytes": ("Size", "of the original"),
    },
    formats={"hypercare.dead_letter.bytes": Format("bytes", 1)},
)
VIEWS = (
    CALLS, FEEDBACK, GROUPS, INCIDENTS, INCIDENTS_OPENED, FINDINGS, HEALTH, SIGNALS, MATRIX, AUDIT, ALERTS,
    DEADLETTERS,
)  # fmt: skip
