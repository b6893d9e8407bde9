"""The time of a stage that has to catch up is that of what it has read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from processors.runtime.reading_clock import ReadingClock
from processors.runtime.records import PlainRecord

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def at(moment: datetime) -> PlainRecord:
    return PlainRecord(b"", timestamp=int(moment.timestamp() * 1000))


def test_who_has_read_everything_lives_in_the_present() -> None:
    clock = ReadingClock()
    assert clock.moment(NOW, behind=False) == NOW
    clock.read([at(NOW - timedelta(hours=1))])
    assert clock.moment(NOW, behind=False) == NOW


def test_who_is_behind_lives_when_the_latest_record_was_written() -> None:
    clock = ReadingClock()
    clock.read([at(NOW - timedelta(hours=1)), at(NOW - timedelta(hours=2))])
    clock.read([at(NOW - timedelta(hours=3))])
    assert clock.moment(NOW, behind=True) == NOW - timedelta(hours=1)


def test_who_has_read_nothing_yet_knows_no_time() -> None:
    assert ReadingClock().moment(NOW, behind=True) is None


def test_records_of_the_future_do_not_bring_it_about() -> None:
    clock = ReadingClock()
    clock.read([at(NOW + timedelta(days=400)), PlainRecord(b"", timestamp=2**62), PlainRecord(b"", timestamp=-1)])
    assert clock.moment(NOW, behind=True) == NOW
