"""What a stage remembers is spoiled, said to be, and built anew; on a real broker, with the real stage."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from confluent_kafka import Producer

from contracts.errors import Stop
from contracts.topics import FEEDBACK, FEEDBACK_SCORED
from hypercare.rebuild import STATES, Rebuilt, rebuild
from hypercare.topics import apply_topics
from processors.runtime.ending import EXIT_PERSON
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import produce, read_topic
from tests.scenarios.workers import Workers, workers

pytestmark = pytest.mark.engines
FORGOTTEN_S = 30.0


def said(number: int) -> bytes:
    text = f"The pay button does nothing, attempt {number}"
    body = {"id": f"f{number}", "occurred_at": "2026-06-15T09:00:00Z", "channel": "in_app", "text": text}
    return json.dumps(body).encode()


def groups_told(running: Workers) -> dict[str, str]:
    """The group of each piece of feedback as it was told last."""
    scored = read_topic(running.endpoints, running.prefix + FEEDBACK_SCORED.name)
    told = [json.loads(message.value()) for message in scored]
    return {one["id"]: one["group"]["group"] for one in told}


def spoil(running: Workers) -> None:
    """As a program with a mistake could: an entry that no version can read."""
    producer = Producer({"bootstrap.servers": running.endpoints.kafka})
    producer.produce(running.prefix + STATES["feedback"].name, b"{", key=b"feedback_told_groups/x", partition=0)
    assert producer.flush(30) == 0


def try_to(running: Workers, patience_s: float = FORGOTTEN_S) -> Rebuilt:
    prefix = running.prefix
    return rebuild(running.endpoints.kafka, "feedback", prefix=prefix, patience_s=patience_s, say=lambda _: None)


def test_a_spoiled_state_is_said_and_built_anew_and_loses_nothing(
    engines: RunningEngines, prefix: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    produce(engines.endpoints, prefix + FEEDBACK.name, map(said, range(20)))
    with workers(engines.endpoints, tmp_path, prefix, {"HYPERCARE_SESSION_TIMEOUT_S": "6"}) as running:
        running.start("feedback")
        running.wait_drained("feedback")
        before = groups_told(running)
        with pytest.raises(Stop, match="still at work"):
            try_to(running, patience_s=0)
        running.end("feedback", signal.SIGTERM)

        spoil(running)
        running.start("feedback")
        assert running.processes.pop("feedback").wait(60) == EXIT_PERSON
        assert "hypercare rebuild feedback" in running.log_of("feedback")
        assert not read_topic(engines.endpoints, prefix + FEEDBACK.name + ".dlq"), "no record is to blame"

        done = try_to(running)
        assert done.records[prefix + FEEDBACK.name] == 20
        assert not read_topic(engines.endpoints, done.state)
        produce(engines.endpoints, prefix + FEEDBACK.name, map(said, range(20, 25)))
        running.start("feedback")
        running.wait_drained("feedback")
        after = groups_told(running)
        running.end("feedback", signal.SIGTERM)
    assert len(before) == 20
    assert len(after) == 25
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize(("stage", "problem"), [("sink-calls", "remembers nothing"), ("paying", "no stage")])
def test_who_remembers_nothing_is_refused(engines: RunningEngines, prefix: str, stage: str, problem: str) -> None:
    with pytest.raises(Stop, match=problem):
        rebuild(engines.endpoints.kafka, stage, prefix=prefix, say=lambda _: None)
