"""Saved searches: lists of documents with the columns that answer a question."""

from __future__ import annotations

from sinks.kibana.conditions import AtLeast, Has, is_
from sinks.kibana.panels import SavedSearch
from sinks.kibana.views import ALERTS, AUDIT, CALLS, DEADLETTERS, FEEDBACK, FINDINGS, INCIDENTS, PREFIX

FAILED_CALLS = SavedSearch(
    f"{PREFIX}failed-calls",
    "Failed calls",
    "What the serving side or a rate limit failed, newest first; filter by a trace to see what a complaint is about.",
    CALLS,
    (
        "hypercare.outcome", "http.request.method", "http.route", "service.name", "http.response.status_code",
        "hypercare.latency.total_ms", "error.message", "user_agent.name", "trace.id",
    ),
    AtLeast("hypercare.failed", 1),
)  # fmt: skip
CALLS_OF_A_TRACE = SavedSearch(
    f"{PREFIX}traced-calls",
    "Calls with a trace",
    "Every call that names a trace, in the order of time: filter by one trace to follow it.",
    CALLS,
    (
        "trace.id", "hypercare.outcome", "http.request.method", "http.route", "service.name",
        "http.response.status_code", "hypercare.latency.total_ms",
    ),
    Has("trace.id"),
    (("@timestamp", "asc"),),
)  # fmt: skip
MESSAGES = SavedSearch(
    f"{PREFIX}messages",
    "Messages",
    "What people wrote, personal data masked, newest first.",
    FEEDBACK,
    (
        "message", "hypercare.category", "hypercare.channel", "hypercare.severity", "hypercare.group.title",
        "hypercare.match", "trace.id",
    ),
)  # fmt: skip
NEEDS_TRIAGE = SavedSearch(
    f"{PREFIX}needs-triage",
    "Waits for a person",
    "Feedback of which no category is likely enough, the worst first: relabel it with `hypercare feedback relabel`.",
    FEEDBACK,
    ("message", "hypercare.language", "hypercare.category", "hypercare.category_probability", "hypercare.score"),
    is_("hypercare.needs_triage", True),
    (("hypercare.score", "desc"),),
)
SUGGESTED = SavedSearch(
    f"{PREFIX}suggested-merges",
    "May be the same problem",
    "Feedback that may belong to another group: `hypercare feedback merge GROUP INTO` decides.",
    FEEDBACK,
    (
        "message", "hypercare.group.id", "hypercare.group.title", "hypercare.group.suggested",
        "hypercare.group.suggested_similarity",
    ),
    Has("hypercare.group.suggested"),
    (("hypercare.group.suggested_similarity", "desc"),),
)  # fmt: skip
OPEN_INCIDENTS = SavedSearch(
    f"{PREFIX}open-incidents",
    "Open incidents",
    "What to fix next: the most urgent first.",
    INCIDENTS,
    (
        "hypercare.incident.priority", "hypercare.incident.severity", "hypercare.incident.score.value",
        "hypercare.incident.title", "hypercare.incident.state", "hypercare.incident.owner", "message",
    ),
    is_("hypercare.incident.open", True),
    (("hypercare.incident.priority", "asc"), ("hypercare.incident.score.order", "desc")),
)  # fmt: skip
ONE_INCIDENT = SavedSearch(
    f"{PREFIX}incident",
    "Incident",
    "Everything that is stored of an incident, one document each.",
    INCIDENTS,
    (
        "hypercare.incident.title", "message", "hypercare.incident.cause", "hypercare.incident.evidence.what",
        "hypercare.incident.evidence.reason", "hypercare.incident.messages.text",
    ),
    None,
    (("hypercare.incident.priority", "asc"), ("hypercare.incident.score.order", "desc")),
)  # fmt: skip
FINDING_CHANGES = SavedSearch(
    f"{PREFIX}finding-changes",
    "Findings",
    "What was found to be wrong, and when it was right again.",
    FINDINGS,
    ("message", "hypercare.finding.kind", "hypercare.finding.state", "hypercare.finding.confidence", "hypercare.blame"),
)
DECISIONS = SavedSearch(
    f"{PREFIX}decisions",
    "Decisions and changes",
    "Who or what changed what, when and why.",
    AUDIT,
    ("event.action", "hypercare.audit.actor", "event.outcome", "hypercare.audit.subject_id", "message"),
)
ALERTED = SavedSearch(
    f"{PREFIX}alerts",
    "Alerts",
    "What the rules of `hypercare kibana rules` noticed, and when it was over; empty until they are in place.",
    ALERTS,
    ("event.action", "rule.name", "hypercare.alert", "message"),
)
DEAD = SavedSearch(
    f"{PREFIX}dead-letters",
    "Dead letters",
    "What could not be processed and why; `hypercare dlq show` tells more.",
    DEADLETTERS,
    (
        "error.code",
        "error.message",
        "hypercare.stage",
        "hypercare.dead_letter.source.topic",
        "hypercare.dead_letter.bytes",
    ),
)
SEARCHES = (
    OPEN_INCIDENTS, ONE_INCIDENT, FAILED_CALLS, CALLS_OF_A_TRACE, MESSAGES, NEEDS_TRIAGE, SUGGESTED, FINDING_CHANGES,
    DECISIONS, ALERTED, DEAD,
)  # fmt: skip
