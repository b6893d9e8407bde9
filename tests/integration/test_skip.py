"""A group moved past one record, which is kept; on a real broker, with a real worker in the way."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from contracts.dead_letters import described
from contracts.errors import Stop
from contracts.topics import GATEWAY
from hypercare.skip import Wish, skip
from hypercare.topic_reader import Place
from hypercare.topics import apply_topics
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import produce, read_topic
from tests.scenarios.workers import workers

pytestmark = pytest.mark.engines
GOOD = {"occurred_at": "2026-06-15T09:00:00Z", "request": {"path": "/a"}, "response": {"status": 200}}


def good(number: int) -> bytes:
    return json.dumps({**GOOD, "id": f"c{number}"}).encode()


def test_a_record_is_kept_and_passed_over_only_while_the_stage_is_stopped(
    engines: RunningEngines, prefix: str, tmp_path: Path
) -> None:
    kafka, topic = engines.endpoints.kafka, prefix + GATEWAY.name
    apply_topics(kafka, prefix=prefix, partitions=1)
    produce(engines.endpoints, topic, iter([good(0), b"poison", good(2)]))
    said: list[str] = []

    with pytest.raises(Stop) as stopped:
        skip(kafka, Wish("telemetry", Place(topic, 0, 1)), prefix=prefix, say=said.append)
    assert "--from 0" in stopped.value.fix
    with pytest.raises(Stop, match="no record"):
        skip(kafka, Wish("telemetry", Place(topic, 0, 99), first=0), prefix=prefix, say=said.append)

    report = skip(kafka, Wish("telemetry", Place(topic, 0, 1), first=0), prefix=prefix, say=said.append)
    assert (report.first, report.goes_on_at, len(report.kept)) == (0, 2, 2)
    letters = read_topic(engines.endpoints, topic + ".dlq")
    assert [letter.value() for letter in letters] == [good(0), b"poison"]
    assert [described(letter.headers())["reason"] for letter in letters] == ["skipped_along", "skipped_by_person"]
    with pytest.raises(Stop, match="past"):
        skip(kafka, Wish("telemetry", Place(topic, 0, 1)), prefix=prefix, say=said.append)

    with workers(engines.endpoints, tmp_path, prefix, {"HYPERCARE_SESSION_TIMEOUT_S": "6"}) as running:
        running.start("telemetry")
        running.wait_drained("telemetry")
        produce(engines.endpoints, topic, iter([good(3)]))
        running.wait_drained("telemetry")
        with pytest.raises(Stop, match="still at work"):
            skip(kafka, Wish("telemetry", Place(topic, 0, 4)), prefix=prefix, say=said.append)
        running.end("telemetry", signal.SIGTERM)
    produce(engines.endpoints, topic, iter([b"poison"]))
    assert not said
    report = skip(kafka, Wish("telemetry", Place(topic, 0, 4)), prefix=prefix, patience_s=30, say=said.append)
    assert report.goes_on_at == 5
    assert len(said) == 1, "the broker remembers a static member until its session times out"
    calls = read_topic(engines.endpoints, prefix + "hypercare.calls.v1")
    assert [json.loads(call.value())["id"] for call in calls] == ["c2", "c3"]
