"""``hypercare simulate`` writes calls, what people say, and the truth about both into files of their own."""

from __future__ import annotations

import gzip
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from contracts.calls import GatewayCall
from contracts.feedback import Feedback
from contracts.signals import Signal
from contracts.topics import FEEDBACK, GATEWAY, SIGNALS
from hypercare.cli import main
from hypercare.engines.mock_broker import MockBroker


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["hypercare", "simulate", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in {None, 0}


def test_people_write_into_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls, said, truth = tmp_path / "calls.ndjson.gz", tmp_path / "said.ndjson", tmp_path / "said-truth.ndjson"
    run(
        monkeypatch, "outage", "--minutes", "10", "--onset", "2", "--rate", "20", "--output", str(calls),
        "--people", "9", "--noise", "2", "--feedback-output", str(said), "--feedback-truth", str(truth),
    )  # fmt: skip
    ids = {GatewayCall.model_validate_json(line).id for line in gzip.decompress(calls.read_bytes()).splitlines()}
    pieces = [Feedback.model_validate_json(line) for line in said.read_bytes().splitlines()]
    truths = [json.loads(line) for line in truth.read_bytes().splitlines()]
    assert [piece.id for piece in pieces] == [each["id"] for each in truths]
    assert 20 < len(pieces) < 40
    assert {each["call"] for each in truths if each["problem"]} <= ids
    assert f"{len(pieces)} pieces of feedback" in capsys.readouterr().out.replace("\n", " ")


def test_without_people_nobody_is_named_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = tmp_path / "calls.ndjson"
    run(monkeypatch, "null", "--minutes", "1", "--rate", "5", "--output", str(calls))
    assert all(json.loads(line).get("session") is None for line in calls.read_text().splitlines())
    assert list(tmp_path.iterdir()) == [calls]


def test_signals_go_to_a_file_of_their_own_or_are_said_to_be_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls, signals, truth = tmp_path / "calls.ndjson", tmp_path / "signals.ndjson", tmp_path / "truth.json"
    arguments = ("bad-release+disk-full@2", "--minutes", "4", "--rate", "5", "--onset", "1", "--output", str(calls))
    run(monkeypatch, *arguments, "--signals-output", str(signals), "--truth", str(truth))
    kinds = [Signal.model_validate_json(line).kind for line in signals.read_bytes().splitlines()]
    assert set(kinds) == {"deployment", "resources"}
    assert [fault["kind"] for fault in json.loads(truth.read_text())["faults"]] == ["errors", "capacity"]
    assert f"{len(kinds)} signals to" in capsys.readouterr().out.replace("\n", " ")
    run(monkeypatch, *arguments)
    assert f"{len(kinds)} signals left out" in capsys.readouterr().out.replace("\n", " ")


def test_what_people_say_needs_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = str(tmp_path / "calls.ndjson")
    monkeypatch.setattr(sys, "argv", ["hypercare", "simulate", "outage", "--people", "3", "--output", calls])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "--feedback-output" in capsys.readouterr().err


def test_without_files_everything_goes_to_its_topic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    topics = (GATEWAY.name, FEEDBACK.name, SIGNALS.name)
    with MockBroker() as broker:
        broker.create(topics)
        monkeypatch.setenv("HYPERCARE_HOME", str(tmp_path))
        monkeypatch.setenv("HYPERCARE_KAFKA", broker.bootstrap)
        monkeypatch.setenv("HYPERCARE_ELASTICSEARCH", tmp_path.as_uri())
        run(
            monkeypatch, "gateway-overload", "--minutes", "8", "--onset", "1", "--rate", "3", "--project", "shop",
            "--people", "5", "--noise", "3",
        )  # fmt: skip
        read = read_all(broker.bootstrap, topics)
    assert len(read[GATEWAY.name]) > 150  # at night a third of the rate
    assert len(read[SIGNALS.name]) == 3 * 16
    assert read[FEEDBACK.name]
    now = datetime.now(UTC)
    for topic, kind in ((GATEWAY.name, GatewayCall), (FEEDBACK.name, Feedback), (SIGNALS.name, Signal)):
        events = [kind.model_validate_json(value) for value in read[topic]]
        assert {event.project for event in events} == {"shop"}
        assert max(event.occurred_at for event in events) <= now


def read_all(bootstrap: str, topics: tuple[str, ...]) -> dict[str, list[bytes]]:
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "g", "enable.partition.eof": True})
    found: dict[str, list[bytes]] = {topic: [] for topic in topics}
    try:
        places = [
            TopicPartition(topic, number, 0)
            for topic in topics
            for number in reader.list_topics(topic, timeout=10).topics[topic].partitions
        ]
        reader.assign(places)
        left = len(places)
        while left:
            message = reader.poll(10)
            assert message is not None
            if message.error():
                left -= 1
            else:
                found[message.topic() or ""].append(message.value() or b"")
    finally:
        reader.close()
    return found
