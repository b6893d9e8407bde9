"""Everything malformed, through the real stage: kept byte for byte with its reason, neighbours unaffected."""

from __future__ import annotations

import json
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from contracts.dead_letters import described
from contracts.topics import CALLS, GATEWAY
from hypercare.topics import apply_topics
from processors.runtime.worker import EXIT_PERSON
from tests.conftest import RunningEngines
from tests.scenarios.ledger import Ledger, produce, read_topic
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


def test_a_stage_that_would_reject_everything_stops_loudly(
    engines: RunningEngines, prefix: str, project: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    poison = Ledger(project, seed=1, size=500, poison_share=1.0)
    produce(engines.endpoints, prefix + GATEWAY.name, poison.values())
    limit = {"HYPERCARE_DEAD_LETTERS_PER_MINUTE": "100", "HYPERCARE_RUN_RECORDS": "50"}
    with workers(engines.endpoints, tmp_path, prefix, limit) as running:
        running.start("telemetry")
        process = running.processes.pop("telemetry")
        assert process.wait(60) == EXIT_PERSON
        assert "rejects most of what it reads" in running.log_of("telemetry")
        assert "hypercare dlq ls" in running.log_of("telemetry")
        assert running.lags()["telemetry"].lag > 0, "what was not looked at is still there"


def test_a_worker_tells_its_health_while_it_runs(
    engines: RunningEngines, prefix: str, project: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    produce(engines.endpoints, prefix + GATEWAY.name, Ledger(project, seed=2, size=10, poison_share=0).values())
    port = tmp_path / "workers" / "telemetry-test.port"
    with workers(engines.endpoints, tmp_path, prefix) as running:
        running.start("telemetry")
        running.wait_drained("telemetry")
        assert page(port, "/health/live") == "ok"
        wait_until(lambda: page(port, "/health/ready") == "ok", 10)
        assert 'hypercare_records_total{topic="%s"} 10.0' % (prefix + GATEWAY.name) in page(port, "/metrics")
        assert running.end("telemetry", signal.SIGTERM) == 0
        assert not port.exists(), "a stopped worker leaves no port behind"


def page(port: Path, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port.read_text()}{path}", timeout=5) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return str(error.read().decode())
