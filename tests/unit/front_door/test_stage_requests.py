from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from hypercare import stage_requests
from hypercare.last_words import last_words


def test_a_request_is_there_until_it_is_done_and_the_last_one_counts(tmp_path: Path) -> None:
    assert list(stage_requests.pending(tmp_path)) == []
    stage_requests.ask(tmp_path, "telemetry", "stop")
    stage_requests.ask(tmp_path, "telemetry", "restart")
    assert list(stage_requests.pending(tmp_path)) == [("telemetry", "restart")]
    assert stage_requests.is_pending(tmp_path, "telemetry")
    stage_requests.done(tmp_path, "telemetry")
    stage_requests.done(tmp_path, "telemetry")
    assert not stage_requests.is_pending(tmp_path, "telemetry")


def test_what_cannot_be_read_is_no_request(tmp_path: Path) -> None:
    for name, content in (("a", "{"), ("b", '{"action": "dance"}'), ("c", "[]")):
        (tmp_path / "requests").mkdir(exist_ok=True)
        (tmp_path / "requests" / f"{name}.json").write_text(content)
    assert list(stage_requests.pending(tmp_path)) == []
    assert list((tmp_path / "requests").iterdir()) == []


def test_the_last_words_of_a_stage_are_found_behind_other_lines(tmp_path: Path) -> None:
    log = tmp_path / "telemetry.log"
    ended = {
        "event": "stage_stopped",
        "problem": "no such index",
        "fix": "make it",
        "timestamp": "2026-06-15T09:00:00Z",
    }
    lines = [{"event": "stage_stopped", "problem": "earlier"}, ended, {"event": "stage_crashed"}, {"event": "x"}]
    log.write_text("not json stage_\n" + "\n".join(map(json.dumps, lines)) + "\n")
    found = last_words(log)
    assert found is not None
    assert (found.problem, found.fix, found.at) == ("no such index", "make it", "2026-06-15T09:00:00Z")


def test_an_error_that_only_faust_logged_counts_too_but_not_one_of_an_earlier_end(tmp_path: Path) -> None:
    log = tmp_path / "telemetry.log"
    trace = "Traceback (most recent call last):\n  File ...\nUnicodeDecodeError: byte 0xff"
    said = {"event": "Crashed", "level": "error", "exception": trace, "timestamp": "2026-06-15T09:00:00Z"}
    log.write_text(json.dumps(said) + "\n")
    at = datetime(2026, 6, 15, 9, tzinfo=UTC).timestamp()
    found = last_words(log, at + 5)
    assert found is not None
    assert found.problem == "UnicodeDecodeError: byte 0xff"
    assert last_words(log, at + 500) is None


def test_a_stage_that_said_nothing_has_no_last_words(tmp_path: Path) -> None:
    assert last_words(tmp_path / "none.log") is None
    (tmp_path / "some.log").write_text('{"event": "ready"}\n')
    assert last_words(tmp_path / "some.log") is None
