"""``hypercare simulate`` writes calls, what people say, and the truth about both into files of their own."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest

from contracts.calls import GatewayCall
from contracts.feedback import Feedback
from contracts.signals import Signal
from hypercare.cli import main


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
