"""Every topic, in one place: created from here, documented from here, checked against here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from contracts.baselines import RouteBefore
from contracts.calls import EnrichedCall, GatewayCall
from contracts.event import Event
from contracts.feedback import EnrichedFeedback, Feedback
from contracts.findings import Finding, WindowHealth
from contracts.limits import MAX_EVENT_BYTES
from contracts.signals import Signal
from contracts.symptoms import Symptom
from contracts.windows import WindowSums

DAY_MS = 86_400_000
DEAD_LETTER_SUFFIX = ".dlq"
DEAD_LETTER_HEADROOM = 65_536
"""A dead letter is its original plus headers, and must fit where the original did."""
STATE_SEGMENT_MS = 3_600_000
STATE_SEGMENT_BYTES = 67_108_864
"""Only closed segments are compacted: small ones keep a restore from reading much that is superseded."""
RAW_MAX_BYTES = 4 * MAX_EVENT_BYTES
"""Raw topics take more than an event may have, so that an oversize one is kept as a dead letter."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A Kafka topic and what may be relied on about it.

    ``partitions`` is the default; topics that are joined have the same number. ``events`` are the types that
    travel in it, an empty tuple for dead letters, which hold whatever arrived, and for notes of ours.
    """

    name: str
    key: Literal["none or request id", "tenant/project", "none", "original", "state key", "place of the dead letter"]
    partitions: int
    retention_ms: int
    events: tuple[type[Event], ...]
    written_by: str
    read_by: str
    about: str
    max_message_bytes: int = MAX_EVENT_BYTES + DEAD_LETTER_HEADROOM
    compacted: bool = False

    def config(self) -> dict[str, str]:
        """Kafka topic settings."""
        if self.compacted:
            return {
                "cleanup.policy": "compact",
                "min.cleanable.dirty.ratio": "0.2",
                "segment.ms": str(STATE_SEGMENT_MS),
                "segment.bytes": str(STATE_SEGMENT_BYTES),
                "max.message.bytes": str(self.max_message_bytes),
            }
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(self.max_message_bytes),
        }

    @property
    def raw(self) -> bool:
        """Whether others write it, not our stages."""
        return self.max_message_bytes == RAW_MAX_BYTES

    def prefixed(self, prefix: str) -> Topic:
        """The same topic under another name, to keep runs apart on one broker."""
        return replace(self, name=prefix + self.name)


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
    read_by="feedback sink",
    about="feedback with personal data masked and its language",
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
    read_by="feedback stage",
    about="failing and slow calls, capped, with what a complaint can be joined on",
)
FINDINGS = Topic(
    name="hypercare.findings.v1",
    key="tenant/project",
    partitions=4,
    retention_ms=30 * DAY_MS,
    events=(Finding,),
    written_by="health stage",
    read_by="findings sink",
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
    read_by="health stage",
    about="deployments, alerts, uptime, resources, error logs, log-ins, use of data; holds originals, restrict access",
    max_message_bytes=RAW_MAX_BYTES,
)


def dead_letters_of(topic: Topic) -> Topic:
    """Where what could not be processed from ``topic`` is kept, byte for byte."""
    return Topic(
        name=topic.name + DEAD_LETTER_SUFFIX,
        key="original",
        partitions=topic.partitions,
        retention_ms=30 * DAY_MS,
        events=(),
        written_by=topic.read_by + (", importers" if topic.raw else ""),
        read_by="dead-letter sink",
        about=f"what {topic.read_by} could not process, with the reason in `dlq.*` headers; restrict access",
        max_message_bytes=topic.max_message_bytes + DEAD_LETTER_HEADROOM,
    )


def state_of(stage: str, *, partitions: int, version: int = 1) -> Topic:
    """Where a stateful stage keeps what it remembers; as many partitions as its input, written by number.

    What is stored changes its form only with the version in the name: the stage then begins anew, on a new topic.
    """
    return Topic(
        name=f"hypercare.state.{stage}.v{version}",
        key="state key",
        partitions=partitions,
        retention_ms=-1,
        events=(),
        written_by=f"{stage} stage",
        read_by=f"{stage} stage",
        about=f"what the {stage} stage remembers, and how far it has read; compacted",
        compacted=True,
    )


SOURCES = (GATEWAY, FEEDBACK, CALLS, FEEDBACK_SCORED, WINDOWS, SYMPTOMS, FINDINGS, HEALTH, BASELINES, SIGNALS)
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
CATALOGUE = (*SOURCES, *DEAD_LETTERS, REPLAYS, HEALTH_STATE)
EVENT_TYPES: tuple[type[Event], ...] = (
    GatewayCall,
    EnrichedCall,
    Feedback,
    EnrichedFeedback,
    WindowSums,
    Symptom,
    Finding,
    WindowHealth,
    RouteBefore,
    Signal,
)
