"""Every topic, in one place: created from here, documented from here, checked against here."""

from __future__ import annotations

from contracts.audit import AuditEntry
from contracts.baselines import RouteBefore
from contracts.calls import EnrichedCall, GatewayCall
from contracts.commands import Command
from contracts.event import Event
from contracts.feedback import EnrichedFeedback, Feedback
from contracts.findings import Finding, WindowHealth
from contracts.groups import FeedbackGroup, ReportedObserved
from contracts.incidents import Incident
from contracts.signals import Signal
from contracts.symptoms import Symptom
from contracts.topic import DAY_MS, RAW_MAX_BYTES, Topic, dead_letters_of, state_of
from contracts.windows import WindowSums

GATEWAY = Topic(
    name="hypercare.gateway.v1",
    key="none or request id",
    partitions=16,
    retention_ms=3 * DAY_MS,
    events=(GatewayCall,),
    written_by="gateways, importers, any Kafka client",
    read_by="telemetry stage",
    about="one API call as the gateway saw it; holds originals, restrict access",
    max_message_bytes=RAW_MAX_BYTES,
)
FEEDBACK = Topic(
    name="hypercare.feedback.v1",
    key="tenant/project",
    partitions=4,
    retention_ms=3 * DAY_MS,
    events=(Feedback,),
    written_by="applications, help desks, importers",
    read_by="feedback stage",
    about="one piece of feedback, any channel; holds originals, restrict access",
    max_message_bytes=RAW_MAX_BYTES,
)
CALLS = Topic(
    name="hypercare.calls.v1",
    key="none",
    partitions=16,
    retention_ms=3 * DAY_MS,
    events=(EnrichedCall,),
    written_by="telemetry stage",
    read_by="calls sink",
    about="enriched call: route, outcome, blame, client understood; secrets masked",
)
FEEDBACK_SCORED = Topic(
    name="hypercare.feedback.scored.v1",
    key="tenant/project",
    partitions=4,
    retention_ms=30 * DAY_MS,
    events=(EnrichedFeedback,),
    written_by="feedback stage",
    read_by="incidents stage, feedback sink",
    about="feedback understood: category, severity, group, likeliest calls; masked; comes again when it changes",
)
GROUPS = Topic(
    name="hypercare.feedback.groups.v1",
    key="tenant/project",
    partitions=FEEDBACK.partitions,
    retention_ms=30 * DAY_MS,
    events=(FeedbackGroup,),
    written_by="feedback stage",
    read_by="incidents stage, feedback sink",
    about="a group of feedback about the same problem, whole, each time it changes",
)
MATRIX = Topic(
    name="hypercare.feedback.matrix.v1",
    key="tenant/project",
    partitions=FEEDBACK.partitions,
    retention_ms=30 * DAY_MS,
    events=(ReportedObserved,),
    written_by="feedback stage",
    read_by="feedback sink",
    about="reported and observed, observed and not reported, reported while telemetry is green, by route and journey",
)
WINDOWS = Topic(
    name="hypercare.windows.v1",
    key="tenant/project",
    partitions=4,
    retention_ms=3 * DAY_MS,
    events=(WindowSums,),
    written_by="telemetry stage",
    read_by="health stage",
    about="partial sums of calls per ten-second window, tagged with the records they cover",
)
SYMPTOMS = Topic(
    name="hypercare.symptoms.v1",
    key="tenant/project",
    partitions=FEEDBACK.partitions,
    retention_ms=3 * DAY_MS,
    events=(Symptom,),
    written_by="telemetry stage",
    read_by="feedback and incidents stages",
    about="failing and slow calls, capped, with what a complaint can be joined on",
)
FINDINGS = Topic(
    name="hypercare.findings.v1",
    key="tenant/project",
    partitions=4,
    retention_ms=30 * DAY_MS,
    events=(Finding,),
    written_by="health stage",
    read_by="incidents stage, health sink",
    about="an anomaly with its evidence and localised cause: opened, updated, closed",
)
HEALTH = Topic(
    name="hypercare.health.v1",
    key="tenant/project",
    partitions=4,
    retention_ms=3 * DAY_MS,
    events=(WindowHealth,),
    written_by="health stage",
    read_by="health sink",
    about="each route at each upstream per window: calls, failures, latencies; parts of a window add up",
)
BASELINES = Topic(
    name="hypercare.baselines.v1",
    key="tenant/project",
    partitions=WINDOWS.partitions,
    retention_ms=30 * DAY_MS,
    events=(RouteBefore,),
    written_by="`hypercare baseline import`",
    read_by="health stage",
    about="how a route was before the go-live: calls and failures by hour of the week, latency",
)

SIGNALS = Topic(
    name="hypercare.signals.v1",
    key="tenant/project",
    partitions=WINDOWS.partitions,
    retention_ms=7 * DAY_MS,
    events=(Signal,),
    written_by="pipelines, monitors, applications, importers",
    read_by="health and incidents stages, health sink",
    about="deployments, alerts, uptime, resources, error logs, log-ins, use of data; holds originals, restrict access",
    max_message_bytes=RAW_MAX_BYTES,
)
COMMANDS = Topic(
    name="hypercare.commands.v1",
    key="tenant/project",
    partitions=FEEDBACK.partitions,
    retention_ms=365 * DAY_MS,
    events=(Command,),
    written_by="`hypercare feedback`, `hypercare incidents`, any client",
    read_by="feedback and incidents stages",
    about="what a person or another system decided, about feedback and about incidents",
    max_message_bytes=RAW_MAX_BYTES,
)
AUDIT = Topic(
    name="hypercare.audit.v1",
    key="tenant/project",
    partitions=FEEDBACK.partitions,
    retention_ms=365 * DAY_MS,
    events=(AuditEntry,),
    written_by="feedback and incidents stages",
    read_by="feedback sink",
    about="who or what changed what, when and why: the answer to every command",
)

INCIDENTS = Topic(
    name="hypercare.incidents.v1",
    key="incident id, on the partition of tenant/project",
    partitions=FEEDBACK.partitions,
    retention_ms=-1,
    events=(Incident,),
    written_by="incidents stage",
    read_by="incidents sink, subscribers",
    about="the whole incident, each time it changes: the topic to subscribe to; of every revision for 30 days",
    compacted=True,
    kept_whole_ms=30 * DAY_MS,
)

SOURCES = (
    GATEWAY,
    FEEDBACK,
    CALLS,
    FEEDBACK_SCORED,
    GROUPS,
    MATRIX,
    WINDOWS,
    SYMPTOMS,
    FINDINGS,
    HEALTH,
    BASELINES,
    SIGNALS,
    COMMANDS,
    AUDIT,
    INCIDENTS,
)
DEAD_LETTERS = tuple(dead_letters_of(topic) for topic in SOURCES)
REPLAYS = Topic(
    name="hypercare.replays.v1",
    key="place of the dead letter",
    partitions=1,
    retention_ms=30 * DAY_MS,  # younger than its letter, so it outlives it
    events=(),
    written_by="`hypercare dlq replay`",
    read_by="`hypercare dlq`",
    about="one receipt for each dead letter that was replayed, and where to",
)
HEALTH_STATE = state_of("health", partitions=WINDOWS.partitions, version=3)
FEEDBACK_STATE = state_of("feedback", partitions=FEEDBACK.partitions)
INCIDENTS_STATE = state_of("incidents", partitions=FEEDBACK.partitions)
CATALOGUE = (*SOURCES, *DEAD_LETTERS, REPLAYS, HEALTH_STATE, FEEDBACK_STATE, INCIDENTS_STATE)
EVENT_TYPES: tuple[type[Event], ...] = (
    GatewayCall,
    EnrichedCall,
    Feedback,
    EnrichedFeedback,
    FeedbackGroup,
    ReportedObserved,
    WindowSums,
    Symptom,
    Finding,
    WindowHealth,
    RouteBefore,
    Signal,
    Command,
    AuditEntry,
    Incident,
)
