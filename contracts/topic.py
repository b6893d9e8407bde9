"""What a Kafka topic of ours is: its settings, its dead letters, and where a stage keeps its state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from contracts.event import Event
from contracts.limits import MAX_EVENT_BYTES

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
    key: Literal[
        "none or request id",
        "tenant/project",
        "none",
        "original",
        "state key",
        "place of the dead letter",
        "incident id, on the partition of tenant/project",
    ]
    partitions: int
    retention_ms: int
    events: tuple[type[Event], ...]
    written_by: str
    read_by: str
    about: str
    max_message_bytes: int = MAX_EVENT_BYTES + DEAD_LETTER_HEADROOM
    compacted: bool = False
    kept_whole_ms: int = 0
    """Of a compacted topic: for so long every revision is kept, not only the last one of each key."""

    def config(self) -> dict[str, str]:
        """Kafka topic settings."""
        if self.compacted:
            return {
                "cleanup.policy": "compact",
                "min.cleanable.dirty.ratio": "0.2",
                "segment.ms": str(STATE_SEGMENT_MS),
                "segment.bytes": str(STATE_SEGMENT_BYTES),
                "max.message.bytes": str(self.max_message_bytes),
                **({"min.compaction.lag.ms": str(self.kept_whole_ms)} if self.kept_whole_ms else {}),
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
