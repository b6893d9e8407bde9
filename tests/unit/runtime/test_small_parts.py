from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.dead_letters import KEPT_OF_VALUE
from contracts.errors import Rejected, Stop, Unwanted
from contracts.topics import CALLS
from processors.recent_ids import RecentIds
from processors.runtime import fail_points, logs
from processors.runtime.crash_notes import MAX_NOTES, CrashNotes
from processors.runtime.dead_letter_rate import DeadLetterRate
from processors.runtime.dead_letters import fitting
from processors.runtime.records import PlainRecord
from processors.runtime.transport import check_contract


def raised(error: Exception) -> Exception:
    try:
        raise error  # noqa: TRY301 - to have a trace
    except Exception as caught:  # noqa: BLE001
        return caught


def test_the_third_exit_at_a_record_gives_it_up_also_when_another_crashes_in_between(tmp_path: Path) -> None:
    file = tmp_path / "notes" / "telemetry.crash.json"
    first, second = PlainRecord(b"", offset=7), PlainRecord(b"", offset=8)
    error, other = raised(ValueError()), KeyError()
    for times in (1, 2):
        notes = CrashNotes(file)
        assert not notes.poisonous(first, error)
        assert notes.add(first) == times
    for times in (1, 2):
        notes = CrashNotes(file)
        assert notes.poisonous(first, error)
        assert not notes.poisonous(second, other)
        assert notes.add(second) == times
    notes = CrashNotes(file)
    assert notes.poisonous(first, error)
    assert notes.poisonous(second, other)


def test_a_fault_that_was_given_up_once_is_known_for_the_rest_of_the_process(tmp_path: Path) -> None:
    notes = CrashNotes(tmp_path / "n.json")
    first, second = PlainRecord(b"", offset=7), PlainRecord(b"", offset=8)
    error = raised(ValueError())
    assert not notes.poisonous(second, error)
    notes.add(first)
    notes.add(first)
    assert notes.poisonous(first, error)
    assert notes.poisonous(second, error)
    assert not notes.poisonous(second, KeyError())
    assert not CrashNotes(tmp_path / "n.json").poisonous(second, error)


def test_crash_notes_are_bounded(tmp_path: Path) -> None:
    notes = CrashNotes(tmp_path / "n.json")
    for offset in range(MAX_NOTES + 10):
        notes.add(PlainRecord(b"", offset=offset))
    assert notes.add(PlainRecord(b"", offset=0)) == 1
    assert notes.add(PlainRecord(b"", offset=MAX_NOTES)) == 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"topic": 1}', "[[1]]"])
def test_a_spoiled_crash_note_is_no_note(tmp_path: Path, content: str) -> None:
    (tmp_path / "n.json").write_text(content)
    assert not CrashNotes(tmp_path / "n.json").poisonous(PlainRecord(b""), ValueError())


def test_a_flood_of_what_nobody_wants_stops_nothing_and_hides_nothing() -> None:
    rate = DeadLetterRate(limit=100)
    for _ in range(50):
        rate.check("feedback", 1_000, [Unwanted("feedback_spam")] * 999)
    for _ in range(10):
        rate.check("feedback", 1_000, [*[Unwanted("feedback_spam")] * 990, *[Rejected("not_json")] * 10])
    with pytest.raises(Stop, match="not_json"):
        rate.check("feedback", 1_000, [*[Unwanted("feedback_spam")] * 990, *[Rejected("not_json")] * 10])


def test_a_few_bad_records_among_many_good_ones_do_not_stop_a_stage() -> None:
    rate = DeadLetterRate(limit=100)
    assert not any(rate.add(now, records=1_000, dead=20) for now in range(60))


def test_a_slow_stage_is_not_stopped_by_its_first_bad_records() -> None:
    rate = DeadLetterRate(limit=100)
    assert not any(rate.add(now, records=1, dead=1) for now in range(60))


def test_rejecting_nearly_everything_stops_it() -> None:
    rate = DeadLetterRate(limit=100)
    assert not rate.add(0, records=100, dead=100)
    assert rate.add(1, records=1, dead=1)


def test_what_is_longer_ago_than_a_minute_is_forgotten() -> None:
    rate = DeadLetterRate(limit=100)
    rate.add(0, records=100, dead=100)
    assert not rate.add(61, records=50, dead=50)


def test_recent_ids_are_bounded_and_count_what_they_forget() -> None:
    recent = RecentIds(capacity=2)
    for number in range(5):
        assert not recent.is_repeat(str(number), ("t", 0, number))
    assert recent.evicted == 3
    assert recent.is_repeat("4", ("t", 1, 0))
    assert not recent.is_repeat("4", ("t", 0, 4)), "the same place is Kafka handing it out again"
    recent.clear()
    assert not recent.is_repeat("4", ("t", 1, 0))


def test_faust_is_still_what_the_transport_stands_on() -> None:
    check_contract()


def test_logs_mask_secrets_and_carry_what_every_line_says() -> None:
    fields = logs.masked(None, "info", {"event": "x", "detail": "password: hunter2hunter2", "n": 1})
    assert fields == {"event": "x", "detail": "password: ***", "n": 1}


def test_a_letter_that_its_transaction_could_not_hold_is_shortened_by_its_own_topic() -> None:
    record = PlainRecord(b"9" * 2_000_000, topic="p-calls")
    wide = replace(CALLS, max_message_bytes=4_000_000)
    small, large = (fitting(record, Rejected("r"), "s", {"p-calls": topic}) for topic in (CALLS, wide))
    assert len(small.value or b"") == KEPT_OF_VALUE
    assert large.value == record.value
    assert small.topic == f"{CALLS.name}.dlq"


def test_a_fail_point_that_does_not_exist_is_said() -> None:
    asked = {**os.environ, fail_points.VARIABLE: "no_such_place:1"}
    command = [sys.executable, "-c", "import processors.runtime.fail_points"]
    found = subprocess.run(command, env=asked, capture_output=True, text=True, check=False)
    assert "there are before_write" in found.stderr
