from __future__ import annotations

from pathlib import Path

import pytest

from processors.recent_ids import RecentIds
from processors.runtime import logs
from processors.runtime.crash_notes import CrashNotes
from processors.runtime.dead_letter_rate import DeadLetterRate
from processors.runtime.records import PlainRecord
from processors.runtime.transport import check_contract


def test_the_third_exit_at_the_same_record_gives_it_up(tmp_path: Path) -> None:
    file = tmp_path / "notes" / "telemetry.crash.json"
    record, other = PlainRecord(b"", offset=7), PlainRecord(b"", offset=8)
    for times in (1, 2):
        notes = CrashNotes(file)
        assert not notes.poisonous(record)
        assert notes.add(record).times == times
    assert CrashNotes(file).poisonous(record)
    assert not CrashNotes(file).poisonous(other)
    assert CrashNotes(file).add(other).times == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"topic": 1}'])
def test_a_spoiled_crash_note_is_no_note(tmp_path: Path, content: str) -> None:
    (tmp_path / "n.json").write_text(content)
    assert not CrashNotes(tmp_path / "n.json").poisonous(PlainRecord(b""))


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
