"""Stream libraries that carry events from topic to topic, at least once as each documents it, until they are ended.

``python -m tests.faults.others.subjects SUBJECT BOOTSTRAP PREFIX FOLDER``. All apply the same rule: it raises at one
event, takes long at another, and passes the rest on. Only Kafka clients' settings that at-least-once needs are set.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from contracts.topic import Topic
from contracts.topics import CALLS, GATEWAY
from processors.runtime.records import Record
from processors.runtime.stage import Outgoing

BEGUN = "slow-event-begun"
"""File that says that the slow event is being worked at; it is slow only the first time."""
COMMIT_S = 1.0
SESSION_S = 10
"""So that a killed member is not waited for longer than the trial lasts; the same for all that are members."""
SESSION = {"session.timeout.ms": SESSION_S * 1_000}


class Rule:
    """What every subject does with an event."""

    def __init__(self, folder: Path) -> None:
        self._begun = folder / BEGUN

    def seconds(self, value: bytes) -> float:
        """How long it takes; raise `ValueError` at the event that asks for it."""
        asked = json.loads(value)["attributes"]
        if asked.get("raise"):
            raise ValueError("the rule does not like this event")
        if "slow" not in asked or self._begun.exists():
            return 0.0
        self._begun.touch()
        return float(asked["slow"])

    def apply(self, value: bytes) -> bytes:
        """Take that long and pass the event on."""
        if seconds := self.seconds(value):
            time.sleep(seconds)
        return value


class PassOn:
    """The rule as a stage of ours."""

    name = "telemetry"
    topics: tuple[Topic, ...] = (GATEWAY,)

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def process(self, record: Record) -> Sequence[Outgoing]:
        return (Outgoing(CALLS.name, record.key, self._rule.apply(record.value or b""), []),)

    def forget_recent(self) -> None:
        """Nothing is remembered."""


def ours(bootstrap: str, prefix: str, folder: Path) -> None:
    """Our runtime."""
    from processors.runtime.kafka_writer import KafkaWriter  # noqa: PLC0415 - each subject has its own library
    from processors.runtime.run import run_stage  # noqa: PLC0415
    from processors.runtime.settings import WorkerSettings  # noqa: PLC0415

    settings = WorkerSettings(
        kafka=bootstrap, folder=folder, topic_prefix=prefix, instance_id="ours", session_timeout_s=SESSION_S
    )
    run_stage(PassOn(Rule(folder)), KafkaWriter(bootstrap, topic_prefix=prefix), settings)


def faust(bootstrap: str, prefix: str, folder: Path) -> None:
    """An agent as the documentation shows it: ``await topic.send``, which does not wait for delivery."""
    _faust(bootstrap, prefix, folder, wait=False, concurrency=1)


def faust_waiting(bootstrap: str, prefix: str, folder: Path) -> None:
    """The same agent, waiting for each delivery."""
    _faust(bootstrap, prefix, folder, wait=True, concurrency=1)


def faust_concurrent(bootstrap: str, prefix: str, folder: Path) -> None:
    """The same waiting agent four times, so that a slow event holds up nobody."""
    _faust(bootstrap, prefix, folder, wait=True, concurrency=4)


def _faust(bootstrap: str, prefix: str, folder: Path, *, wait: bool, concurrency: int) -> None:
    import faust  # noqa: PLC0415

    app = faust.App(
        f"{prefix}faust",
        broker=f"kafka://{bootstrap}",
        datadir=folder,
        value_serializer="raw",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        producer_acks=-1,
        broker_session_timeout=SESSION_S,
    )
    rule = Rule(folder)
    source = app.topic(prefix + GATEWAY.name, value_serializer="raw")
    target = app.topic(prefix + CALLS.name, value_serializer="raw")

    @app.agent(source, concurrency=concurrency)
    async def agent(stream: Any) -> None:
        async for event in stream.events():
            value = event.message.value
            await asyncio.sleep(rule.seconds(value))
            sending = await target.send(key=event.message.key, value=value)
            if wait:
                await sending

    faust.Worker(app, loglevel="info", redirect_stdouts=False).execute_from_commandline()


def quixstreams(bootstrap: str, prefix: str, folder: Path) -> None:
    """A streaming data frame; a checkpoint flushes the producer and then commits."""
    from quixstreams import Application  # noqa: PLC0415

    app = Application(
        broker_address=bootstrap,
        consumer_group=f"{prefix}quixstreams",
        auto_offset_reset="earliest",
        commit_interval=COMMIT_S,
        processing_guarantee="at-least-once",
        consumer_extra_config=dict(SESSION),
        auto_create_topics=False,
        state_dir=folder,
    )
    rule = Rule(folder)
    frame = app.dataframe(app.topic(prefix + GATEWAY.name, value_deserializer="bytes"))
    frame.apply(rule.apply).to_topic(app.topic(prefix + CALLS.name, value_serializer="bytes"))
    app.run()


def bytewax(bootstrap: str, prefix: str, folder: Path) -> None:
    """A dataflow with recovery: offsets are kept in a store of its own, at the end of an epoch."""
    from bytewax import operators  # noqa: PLC0415
    from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, KafkaSourceMessage  # noqa: PLC0415
    from bytewax.dataflow import Dataflow  # noqa: PLC0415
    from bytewax.recovery import RecoveryConfig, init_db_dir  # noqa: PLC0415
    from bytewax.testing import run_main  # noqa: PLC0415

    rule = Rule(folder)

    def apply(batch: list[KafkaSourceMessage]) -> Iterator[KafkaSinkMessage]:
        return (KafkaSinkMessage(message.key, rule.apply(message.value)) for message in batch)

    flow = Dataflow("rule")
    source = KafkaSource([bootstrap], [prefix + GATEWAY.name])
    outputs = operators.flat_map_batch("rule", operators.input("read", flow, source), apply)
    operators.output("write", outputs, KafkaSink([bootstrap], prefix + CALLS.name))
    store = folder / "recovery"
    if not store.exists():
        store.mkdir()
        init_db_dir(store, 1)
    # a restart takes the store up from any epoch that was complete: nothing is collected that might be needed
    config = RecoveryConfig(store, backup_interval=timedelta(minutes=10))
    run_main(flow, epoch_interval=timedelta(seconds=COMMIT_S), recovery_config=config)


def arroyo(bootstrap: str, prefix: str, folder: Path) -> None:
    """RunTask, Produce, CommitOffsets: an offset is committed after the delivery of its output."""
    from arroyo.backends.kafka import (  # noqa: PLC0415
        KafkaConsumer,
        KafkaPayload,
        KafkaProducer,
        build_kafka_configuration,
        build_kafka_consumer_configuration,
    )
    from arroyo.processing import StreamProcessor  # noqa: PLC0415
    from arroyo.processing.strategies import CommitOffsets, Produce, RunTask  # noqa: PLC0415
    from arroyo.processing.strategies.abstract import ProcessingStrategyFactory  # noqa: PLC0415
    from arroyo.types import Topic as ArroyoTopic  # noqa: PLC0415

    rule = Rule(folder)
    producer = KafkaProducer(build_kafka_configuration({}, bootstrap_servers=[bootstrap]))

    def apply(message: Any) -> KafkaPayload:
        payload = message.payload
        return KafkaPayload(payload.key, rule.apply(payload.value), [])

    class Chain(ProcessingStrategyFactory):  # type: ignore[misc, unused-ignore]
        def create_with_partitions(self, commit: Any, _: Mapping[Any, int]) -> Any:
            return RunTask(apply, Produce(producer, ArroyoTopic(prefix + CALLS.name), CommitOffsets(commit)))

    consumer = KafkaConsumer(
        build_kafka_consumer_configuration(
            dict(SESSION), group_id=f"{prefix}arroyo", auto_offset_reset="earliest", bootstrap_servers=[bootstrap]
        )
    )
    StreamProcessor(consumer, ArroyoTopic(prefix + GATEWAY.name), Chain()).run()


SUBJECTS: dict[str, Callable[[str, str, Path], None]] = {
    subject.__name__: subject
    for subject in (ours, faust, faust_waiting, faust_concurrent, quixstreams, bytewax, arroyo)
}

if __name__ == "__main__":
    SUBJECTS[sys.argv[1]](sys.argv[2], sys.argv[3], Path(sys.argv[4]))
