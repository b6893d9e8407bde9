"""Dead letters found, shown and sent back by the command itself, on a real broker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from contracts.dead_letters import DeadLetter
from contracts.topics import FEEDBACK, REPLAYS
from hypercare.dead_letters import count
from hypercare.topics import apply_topics
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import read_topic

pytestmark = pytest.mark.engines
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)


def a_letter(offset: int, **changes: Any) -> DeadLetter:
    said: dict[str, Any] = {
        "topic": FEEDBACK.name,
        "key": b"default/shop",
        "value": b'{"password": "hunter2hunter2", %d' % offset,
        "headers": [("ce_id", b"e%d" % offset), ("empty", None)],
        "reason": "not_json",
        "detail": "x",
        "stage": "feedback",
        "at": NOW,
        "partition": 0,
        "offset": offset,
    }
    return DeadLetter(**said | changes)


def keep(engines: RunningEngines, prefix: str, *letters: DeadLetter) -> None:
    producer = Producer({"bootstrap.servers": engines.endpoints.kafka})
    for letter in letters:
        topic = f"{prefix}{letter.topic}.dlq"
        producer.produce(topic, key=letter.key, value=letter.value, headers=letter.message_headers())
    assert producer.flush(30) == 0


def test_letters_are_counted_without_what_transactions_leave_between_them(engines: RunningEngines, prefix: str) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    assert count(engines.endpoints.kafka, prefix=prefix) == 0
    producer = Producer({"bootstrap.servers": engines.endpoints.kafka, "transactional.id": prefix})
    producer.init_transactions(30)
    for number, kept in enumerate((True, False, True)):
        producer.begin_transaction()
        producer.produce(f"{prefix}{FEEDBACK.name}.dlq", value=b"x", headers=a_letter(number).message_headers())
        (producer.commit_transaction if kept else producer.abort_transaction)(30)
    assert count(engines.endpoints.kafka, prefix=prefix) == 2


def test_letters_are_listed_shown_and_replayed_once(engines: RunningEngines, prefix: str, tmp_path: Path) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    line = a_letter(-1, partition=-1, source="tickets.csv", line=7, reason="invalid_row")
    keep(engines, prefix, a_letter(1), a_letter(2), line, a_letter(3, reason="skipped_by_person"))
    environ = {
        **os.environ,
        "HYPERCARE_HOME": str(tmp_path),
        "HYPERCARE_ENGINES": "yours",
        "HYPERCARE_KAFKA": engines.endpoints.kafka,
        "HYPERCARE_ELASTICSEARCH": engines.endpoints.elasticsearch,
        "HYPERCARE_TOPIC_PREFIX": prefix,
    }

    def dlq(*arguments: str) -> Any:
        command = [sys.executable, "-m", "hypercare", "dlq", *arguments]
        ran = subprocess.run(command, env=environ, capture_output=True, timeout=60, check=False)
        assert b"Traceback" not in ran.stderr, ran.stderr.decode()
        assert ran.returncode == 0, ran.stderr.decode()
        return json.loads(ran.stdout) if "--json" in arguments else ran.stdout.decode("utf-8", "replace")

    assert [row["reason"] for row in dlq("ls", "--reason", "not_json", "--json")] == ["not_json", "not_json"]
    assert len(dlq("ls", "--json", "--limit", "3")) == 3
    assert dlq("ls", "--json", "--stage", "telemetry") == []
    assert len(dlq("ls", "--json", "--topic", FEEDBACK.name, "--since", "1h")) == 4
    assert "tickets.csv:7" in dlq("ls")

    first = f"{prefix}{FEEDBACK.name}.dlq/0/0"
    assert "hunter2" not in dlq("show", first) + json.dumps(dlq("show", first, "--json"))
    assert '{"password": "hunter2hunter2", 1' in dlq("show", first, "--raw")

    assert sum(dlq("replay", "--all", "--dry-run", "--json")["replayed"].values()) == 2
    assert read_topic(engines.endpoints, prefix + FEEDBACK.name) == []
    report = dlq("replay", "--all", "--json", "--limit", "1")
    assert (sum(report["replayed"].values()), sum(report["skipped"].values())) == (1, 3)
    assert sum(dlq("replay", "--all", "--json", "--rate", "0")["replayed"].values()) == 1
    assert "Left out 2: replayed before" in dlq("replay", "--all")

    back = read_topic(engines.endpoints, prefix + FEEDBACK.name)
    sent = next(record for record in back if record.value().endswith(b"1"))
    assert sent.key() == b"default/shop"
    assert sent.headers() == [("ce_id", b"e1"), ("empty", None), ("dlq.replayed_from", first.encode())]
    assert len(read_topic(engines.endpoints, prefix + REPLAYS.name)) == 2
    assert [row["replayed_to"] != "" for row in dlq("ls", "--json", "--reason", "not_json")] == [True, True]

    assert "Replayed 1" in dlq("replay", first, "--again")
    assert "Replayed 1" in dlq("replay", "--reason", "skipped_by_person")
    assert len(read_topic(engines.endpoints, prefix + FEEDBACK.name)) == 4
