"""Calls of a file are judged as if they came as they happened."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hypercare.evaluate.calls import judge_calls
from hypercare.evaluate.pipeline import Pipeline
from producers.simulate.scenario import scenario

pytestmark = pytest.mark.slow

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def test_what_is_found_in_a_file_is_what_is_found_in_its_calls(tmp_path: Path) -> None:
    length, onset = timedelta(minutes=14), timedelta(minutes=10)
    made = scenario("rate-limiting", seed=5, start=NOON, duration=length, rate=20.0, onset=onset)
    calls = list(made.calls())
    file, answers = tmp_path / "calls.ndjson", tmp_path / "findings.ndjson"
    file.write_bytes(b"\n".join(raw for _, raw in calls) + b"\nno call\n")
    said = judge_calls(str(file), answers)
    assert said.calls == len(calls)
    assert sum(said.refused.values()) == 1
    written = [json.loads(line) for line in answers.read_text().splitlines()]
    pipeline = Pipeline()
    found = [*pipeline.run(calls), *pipeline.end(calls[-1][0])]
    assert [(f["kind"], f["state"], f["revision"]) for f in written] == [(f.kind, f.state, f.revision) for f in found]
    assert written


def test_answers_that_cannot_be_written_stop_it_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "calls.ndjson").write_text("{}")
    with pytest.raises(FileNotFoundError):
        judge_calls(str(tmp_path / "calls.ndjson"), tmp_path / "none" / "findings.ndjson")
