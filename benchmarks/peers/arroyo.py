"""Arroyo (sentry-arroyo) 2.38: a stream processor with the strategies RunTask, Produce and CommitOffsets.

`Produce` hands a message on to the commit when its delivery is reported, so it is at least once. Its batches gather
messages for one bulk write; a topic takes message after message, so there is nothing to batch. The simple futures are
its cheaper ones. Offsets are stored by Arroyo and committed once a second by librdkafka, which is what its own
configuration chooses; the producer has the settings of our writer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

from arroyo.backends.kafka import (
    KafkaConsumer,
    KafkaPayload,
    KafkaProducer,
    build_kafka_configuration,
    build_kafka_consumer_configuration,
)
from arroyo.processing import StreamProcessor
from arroyo.processing.strategies import CommitOffsets, Produce, RunTask
from arroyo.processing.strategies.abstract import ProcessingStrategy, ProcessingStrategyFactory
from arroyo.types import BrokerValue, Message, Partition, Topic

from benchmarks.arms import COMMIT_S, Measured
from contracts.topics import CALLS, GATEWAY
from processors.runtime.kafka_writer import SETTINGS
from processors.runtime.records import PlainRecord

SAYS = f"RunTask, Produce with simple futures, CommitOffsets; librdkafka commits every {COMMIT_S:g} s"


class Telemetry(ProcessingStrategyFactory):
    """The chain of strategies; it asks the processor to stop when ``count`` outputs are delivered."""

    processor: StreamProcessor

    def __init__(self, stage: Measured, producer: KafkaProducer, target: Topic, count: int) -> None:
        self._stage, self._producer, self._target = stage, producer, target
        self._left = count

    def create_with_partitions(self, commit: Any, _: Mapping[Partition, int]) -> ProcessingStrategy:
        def count_and_commit(offsets: Mapping[Partition, int], *, force: bool = False) -> None:
            commit(offsets, force)
            self._left -= len(offsets)
            if not self._left:
                self.processor.signal_shutdown()

        return RunTask(self._rules, Produce(self._producer, self._target, CommitOffsets(count_and_commit)))

    def _rules(self, message: Message) -> KafkaPayload:
        value: BrokerValue = message.value
        payload: KafkaPayload = value.payload
        record = PlainRecord(
            payload.value,
            payload.key,
            payload.headers,
            value.partition.topic.name,
            value.partition.index,
            value.offset,
            int(value.timestamp.replace(tzinfo=UTC).timestamp() * 1000),
        )
        (output,) = self._stage.process(record)  # a chain of these strategies takes exactly one
        return KafkaPayload(output.key, output.value, output.headers)


def run(bootstrap: str, prefix: str, count: int, _: Path) -> None:
    """Run until ``count`` outputs are delivered and their offsets committed."""
    stage = Measured(count)
    consumer = KafkaConsumer(
        build_kafka_consumer_configuration(
            {"auto.commit.interval.ms": int(COMMIT_S * 1000)},
            group_id=f"{prefix}arroyo",
            auto_offset_reset="earliest",
            bootstrap_servers=[bootstrap],
        )
    )
    producer = KafkaProducer(
        build_kafka_configuration(SETTINGS, bootstrap_servers=[bootstrap]), use_simple_futures=True
    )
    telemetry = Telemetry(stage, producer, Topic(prefix + CALLS.name), count)
    telemetry.processor = StreamProcessor(consumer, Topic(prefix + GATEWAY.name), telemetry)
    telemetry.processor.run()
    producer.close().result()
    stage.report(SAYS)
