"""How far behind each stage is, asked of the broker: end of each partition minus the committed offset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import stamina
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from contracts.errors import Unavailable
from hypercare.flow import READS, group_of
from hypercare.topic_reader import Partition

TIMEOUT_S = 10.0
PATIENCE_S = 15.0
MAX_MARKERS = 64
"""A transaction ends with a marker that takes an offset and is no record; few of them can follow the last record."""


@dataclass(frozen=True, slots=True)
class StageLag:
    """Records in a stage's topics, how many of them are committed, and the difference.

    ``next_offsets`` says where it reads on in partitions where something waits.
    """

    stage: str
    records: int
    committed: int
    next_offsets: Mapping[Partition, int] = field(default_factory=dict)

    @property
    def lag(self) -> int:
        """Records not yet known to be done."""
        return self.records - self.committed


def stage_lags(bootstrap: str, *, prefix: str = "") -> list[StageLag]:
    """Ask for every stage; raise `Unavailable` when the broker does not answer."""
    try:
        for attempt in stamina.retry_context(on=KafkaException, attempts=5, timeout=PATIENCE_S):
            with attempt:  # right after a start the broker still looks for its coordinators
                partitions = _partitions(bootstrap, prefix)
                return [_stage_lag(bootstrap, prefix, stage, partitions) for stage in READS]
    except KafkaException as error:
        raise Unavailable(f"Kafka at {bootstrap} does not answer: {error.args[0].str()}") from error
    return []


def _partitions(bootstrap: str, prefix: str) -> dict[str, int]:
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    found = admin.list_topics(timeout=TIMEOUT_S).topics
    names = {prefix + topic.name for topics in READS.values() for topic in topics}
    return {name: len(found[name].partitions) for name in names if name in found}


def _stage_lag(bootstrap: str, prefix: str, stage: str, partitions: dict[str, int]) -> StageLag:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group_of(stage, prefix),
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "log_level": 0,
        }
    )
    places = [
        TopicPartition(prefix + topic.name, number)
        for topic in READS[stage]
        for number in range(partitions.get(prefix + topic.name, 0))
    ]
    records = committed = 0
    following: dict[Partition, int] = {}
    try:
        for place in consumer.committed(places, timeout=TIMEOUT_S) if places else ():
            low, high = consumer.get_watermark_offsets(place, timeout=TIMEOUT_S)
            records += high - low
            stands_at = max(low, min(place.offset, high)) if place.offset >= 0 else low
            few = 0 < high - stands_at <= MAX_MARKERS
            if few and _holds_markers_only(consumer, place.topic, place.partition, stands_at):
                stands_at = high
            committed += stands_at - low
            if stands_at < high:
                following[place.topic, place.partition] = stands_at
    finally:
        consumer.close()
    return StageLag(stage, records, committed, following)


def _holds_markers_only(consumer: Consumer, topic: str, partition: int, offset: int) -> bool:
    """Whether no committed record stands at or after an offset."""
    consumer.assign([TopicPartition(topic, partition, offset)])
    try:
        found = consumer.poll(TIMEOUT_S)
        error = found.error() if found is not None else None
        return error is not None and error.code() == KafkaError._PARTITION_EOF  # noqa: SLF001 - its public name
    finally:
        consumer.unassign()
