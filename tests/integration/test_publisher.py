"""The publisher and the importer on a real broker."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka.partitioner import DefaultPartitioner

from contracts.dead_letters import described
from contracts.errors import Rejected, Unavailable
from contracts.feedback import Feedback
from contracts.topics import FEEDBACK, GATEWAY
from hypercare.topics import apply_topics
from producers.importing import import_file
from producers.outlet import MemoryOutlet
from producers.publisher import Publisher
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import read_topic

pytestmark = pytest.mark.engines

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
LINES = (
    b'203.0.113.9 - - [15/Jun/2026:09:00:00 +0000] "GET /a HTTP/1.1" 200 1 "-" "curl/8"\n',
    b"\xff not a line\n",
    b'203.0.113.9 - - [15/Jun/2026:09:00:01 +0000] "GET /b HTTP/1.1" 502 1 "-" "curl/8"\n',
)


def feedback(number: int, **changes: Any) -> Feedback:
    return Feedback.model_validate({"id": f"f{number}", "occurred_at": NOW, "text": "x"} | changes)


def test_keys_lie_where_every_murmur2_client_puts_them(engines: RunningEngines, prefix: str) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=4)
    with Publisher(engines.endpoints.kafka, source="urn:test", topic_prefix=prefix) as publisher:
        for number in range(40):
            publisher.publish(feedback(number, project=f"p{number}"))
    records = read_topic(engines.endpoints, prefix + FEEDBACK.name)
    assert len(records) == 40
    place = DefaultPartitioner()
    for record in records:
        assert record.partition() == place(record.key(), [0, 1, 2, 3], [0, 1, 2, 3])
    assert len({record.partition() for record in records}) == 4


def test_events_carry_cloudevents_headers(engines: RunningEngines, prefix: str) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    with Publisher(engines.endpoints.kafka, source="urn:test", topic_prefix=prefix) as publisher:
        publisher.publish(feedback(1))
    (record,) = read_topic(engines.endpoints, prefix + FEEDBACK.name)
    headers = dict(record.headers())
    assert headers["ce_type"] == Feedback.ce_type.encode()
    assert headers["ce_source"] == b"urn:test"
    assert json.loads(record.value())["id"] == "f1"


def test_a_broker_that_does_not_know_the_topic_is_said(engines: RunningEngines, prefix: str) -> None:
    publisher = Publisher(
        engines.endpoints.kafka,
        source="urn:test",
        topic_prefix=prefix,
        settings={"delivery.timeout.ms": 3_000, "topic.metadata.propagation.max.ms": 500},
    )
    publisher.publish(feedback(1))
    with pytest.raises(Unavailable, match="1 of 1"):
        publisher.flush(30)


def test_what_is_too_big_or_cannot_be_stored_is_refused_before_it_is_sent(engines: RunningEngines) -> None:
    publisher = Publisher(engines.endpoints.kafka, source="urn:test")
    with pytest.raises(Rejected, match="unstorable"):
        publisher.publish(feedback(1, text="a\x00b"))
    assert publisher.deliveries.published == 0


@pytest.mark.parametrize("real", [True, False], ids=["kafka", "memory"])
def test_an_import_publishes_good_lines_and_keeps_bad_ones(
    engines: RunningEngines, prefix: str, tmp_path: Path, *, real: bool
) -> None:
    """One contract, the broker and the fake."""
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    file = tmp_path / "access.log"
    file.write_bytes(b"".join(LINES))
    outlet: Any = Publisher(engines.endpoints.kafka, source="urn:test", topic_prefix=prefix) if real else MemoryOutlet()
    report = import_file(str(file), kind="calls", publisher=outlet, replay_at=NOW)
    if real:
        paths = [json.loads(r.value())["request"]["path"] for r in read_topic(engines.endpoints, prefix + GATEWAY.name)]
        (dead,) = read_topic(engines.endpoints, f"{prefix}{GATEWAY.name}.dlq")
        kept, said = dead.value(), described(dead.headers())
    else:
        paths = [event.request.path for event in outlet.events]
        (letter,) = outlet.letters
        kept, said = letter.value, described(letter.message_headers())
    assert paths == ["/a", "/b"]
    assert kept == LINES[1].rstrip(b"\n")
    assert (said["source"], said["line"], said["reason"]) == ("access.log", "2", "not_access_log")
    assert (report.read, report.published, report.rejected, report.last_time) == (3, 2, 1, NOW)
