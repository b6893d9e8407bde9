"""Everything malformed, through the real stage: kept byte for byte with its reason, neighbours unaffected."""

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from confluent_kafka import Consumer, Producer, TopicPartition

from contracts.dead_letters import KEPT_OF_VALUE, described
from contracts.topics import CALLS, GATEWAY
from hypercare.topics import apply_topics
from processors.runtime.ending import EXIT_CRASH, EXIT_PERSON
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import produce, read_topic
from tests.scenarios.workers import wait_until, workers
from tests.unit.contracts.test_cloudevents import MALFORMED, call

pytestmark = pytest.mark.engines


def test_each_malformed_record_becomes_a_dead_letter_and_its_neighbours_go_on(
    engines: RunningEngines, prefix: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    producer = Producer({"bootstrap.servers": engines.endpoints.kafka, "message.max.bytes": 4_000_000})
    for number, (_, value, headers, _, _) in enumerate(MALFORMED):
        given: Any = headers
        producer.produce(prefix + GATEWAY.name, call(id=f"good-{number}"))
        producer.produce(prefix + GATEWAY.name, value, key=b"k%d" % number, headers=given)
    producer.produce(prefix + GATEWAY.name, call(id="old", occurred_at="2001-01-01T00:00:00Z"))
    assert producer.flush(30) == 0
    with workers(engines.endpoints, tmp_path, prefix) as running:
        running.start("telemetry")
        running.wait_drained("telemetry")

    letters = read_topic(engines.endpoints, f"{prefix}{GATEWAY.name}.dlq")
    by_key = {letter.key(): letter for letter in letters}
    assert len(letters) == len(MALFORMED)
    for number, (name, value, headers, reason, place) in enumerate(MALFORMED):
        letter = by_key[b"k%d" % number]
        said = described(letter.headers())
        assert letter.value() == value, name
        assert letter.headers()[: len(headers)] == headers, "the original headers, untouched"
        assert (said["reason"], said["stage"], said["partition"], said["offset"]) == (
            reason,
            "telemetry",
            "0",
            str(2 * number + 1),
        )
        assert place in said["detail"]
    calls = {
        body["id"]: body for body in (json.loads(m.value()) for m in read_topic(engines.endpoints, prefix + CALLS.name))
    }
    assert set(calls) == {f"good-{number}" for number in range(len(MALFORMED))} | {"old"}
    assert "occurred_at_clamped" in calls["old"]["notes"]


def produce_with_raw_header_name(kafka: str, topic: str, name: bytes, value: bytes) -> None:
    """As a client does that does not look into header names; aiokafka's slow builder can be told to."""

    class Raw(str):
        __slots__ = ()

        def encode(self, *_: Any) -> bytes:
            return name

    async def send() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=kafka)
        await producer.start()
        try:
            batch = producer.create_batch()
            batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, -1, 1 << 20)
            assert batch.append(timestamp=None, key=None, value=value, headers=[(Raw("x"), b"")])
            await (await producer.send_batch(batch, topic, partition=0))
        finally:
            await producer.stop()

    asyncio.run(send())


def test_what_kafka_takes_but_its_readers_or_the_next_topic_do_not(
    engines: RunningEngines, prefix: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    topic = prefix + GATEWAY.name
    plain = Producer({"bootstrap.servers": engines.endpoints.kafka, "message.max.bytes": 4_000_000})
    squeezed = Producer(
        {"bootstrap.servers": engines.endpoints.kafka, "message.max.bytes": 40_000_000, "compression.type": "gzip"}
    )
    plain.produce(topic, call(id="before"))
    assert plain.flush(30) == 0
    produce_with_raw_header_name(engines.endpoints.kafka, topic, "naïve".encode("latin-1"), call(id="header"))
    plain.produce(topic, call(id="key"), key=b"k" * 1_300_000)
    assert plain.flush(30) == 0
    large, larger = b"9" * 9_000_000, b"4" * 36_000_000
    for value in (large, larger):
        squeezed.produce(topic, value)
        assert squeezed.flush(30) == 0
    plain.produce(topic, call(id="after", attributes={"huge": 10**30}))
    assert plain.flush(30) == 0
    with workers(engines.endpoints, tmp_path, prefix) as running:
        running.start("telemetry")
        running.wait_drained("telemetry")

    calls = [json.loads(m.value()) for m in read_topic(engines.endpoints, prefix + CALLS.name)]
    assert [body["id"] for body in calls] == ["before", "header", "key", "after"]
    letters = read_topic(engines.endpoints, f"{topic}.dlq")
    said = [described(letter.headers()) for letter in letters]
    assert [one["reason"] for one in said] == ["too_large"] * 2
    for letter, one, value in zip(letters, said, (large, larger), strict=True):
        whole = not one["shortened"]
        assert letter.value() == (value if whole else value[:KEPT_OF_VALUE])
        assert whole or hashlib.sha256(value).hexdigest() in one["shortened"]
    assert said[1]["shortened"], "what fits no queue is kept shortened"


def test_records_that_crash_a_stage_are_given_up_one_after_the_other(
    engines: RunningEngines, prefix: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    values = [b"1", b"crash-a 1", b"2", b"crash-b 1", b"3", b"crash-a 2", b"4", *(b"crash-b %d" % n for n in range(9))]
    produce(engines.endpoints, prefix + GATEWAY.name, iter(values))
    settings = json.dumps(
        {"kafka": engines.endpoints.kafka, "folder": str(tmp_path), "topic_prefix": prefix, "instance_id": "crashing"}
    )
    exits = []

    def all_committed() -> bool:
        return committed(engines.endpoints.kafka, f"{prefix}hypercare-crashing", prefix + GATEWAY.name) == len(values)

    while not all_committed():
        with (tmp_path / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.scenarios.crashing_stage", settings], stdout=log, stderr=log
            )
        wait_until(lambda p=process: p.poll() is not None or all_committed(), 60)  # type: ignore[misc]
        if process.poll() is None:
            process.terminate()
        exits.append(process.wait(60))
        assert len(exits) < 10, (tmp_path / "log").read_text()[-3000:]
    assert exits == [EXIT_CRASH] * 4 + [0], "two exits for each fault, and then no more"
    letters = read_topic(engines.endpoints, f"{prefix}{GATEWAY.name}.dlq")
    assert [m.value() for m in letters] == [value for value in values if value.startswith(b"crash")]
    assert {described(m.headers())["reason"] for m in letters} == {"unexpected_error"}
    assert [m.value() for m in read_topic(engines.endpoints, prefix + CALLS.name)][-4:] == [b"1", b"2", b"3", b"4"]


def test_a_stage_that_would_reject_everything_stops_loudly(
    engines: RunningEngines, prefix: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    produce(engines.endpoints, prefix + GATEWAY.name, (b"not json %d" % n for n in range(500)))
    limit = {"HYPERCARE_DEAD_LETTERS_PER_MINUTE": "100", "HYPERCARE_RUN_RECORDS": "50"}
    with workers(engines.endpoints, tmp_path, prefix, limit) as running:
        running.start("telemetry")
        process = running.processes.pop("telemetry")
        assert process.wait(60) == EXIT_PERSON
        assert "rejects most of what it reads" in running.log_of("telemetry")
        assert "hypercare dlq ls" in running.log_of("telemetry")
        assert running.lags()["telemetry"].lag > 0, "what was not looked at is still there"


def test_a_worker_tells_its_health_while_it_runs(engines: RunningEngines, prefix: str, tmp_path: Path) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    produce(engines.endpoints, prefix + GATEWAY.name, (call(id=f"c-{n}") for n in range(10)))
    port = tmp_path / "workers" / "telemetry-test.port"
    with workers(engines.endpoints, tmp_path, prefix) as running:
        running.start("telemetry")
        running.wait_drained("telemetry")
        assert page(port, "/health/live") == "ok"
        wait_until(lambda: page(port, "/health/ready") == "ok", 10)
        assert 'hypercare_records_total{topic="%s"} 10.0' % (prefix + GATEWAY.name) in page(port, "/metrics")
        assert running.end("telemetry", signal.SIGTERM) == 0
        assert not port.exists(), "a stopped worker leaves no port behind"


def committed(kafka: str, group: str, topic: str) -> int:
    consumer = Consumer({"bootstrap.servers": kafka, "group.id": group, "enable.auto.commit": False, "log_level": 0})
    try:
        (place,) = consumer.committed([TopicPartition(topic, 0)], timeout=10)
        return int(place.offset)
    finally:
        consumer.close()


def page(port: Path, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port.read_text()}{path}", timeout=5) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return str(error.read().decode())
