from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.errors import Rejected, Stop
from contracts.event import Event
from contracts.topics import FEEDBACK, GATEWAY
from producers.adapters.access_log import AccessLog
from producers.adapters.adapter import Place
from producers.adapters.detect import DETECTED, adapter_named, detect
from producers.importing import ImportReport, import_file, origin_of
from producers.outlet import MemoryOutlet
from producers.replay import latest_time, shift_to, shifted

LINE = '203.0.113.24 - - [15/Jun/2026:09:0{}:00 +0000] "GET /orders HTTP/1.1" 200 1\n'
TARGET = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> str:
    file = tmp_path / "web.log"
    file.write_text(LINE.format(3) + "\n" + LINE.format(5) + "garbage\n" + LINE.format(1) + LINE.format(1))
    return str(file)


def imported(
    path: str, *, replay_at: datetime | None = None, keep_times: bool = False
) -> tuple[ImportReport, MemoryOutlet]:
    outlet = MemoryOutlet()
    report = import_file(
        path, kind="calls", publisher=outlet, tenant="acme", replay_at=replay_at, keep_times=keep_times, now=TARGET
    )
    return report, outlet


def test_good_lines_are_published_and_bad_ones_kept(log: str) -> None:
    report, outlet = imported(log)
    assert (report.read, report.published, report.rejected) == (5, 4, 1)
    assert report.reasons == {"not_access_log": 1}
    assert report.first_rejections[0][:2] == (4, "not_access_log")
    assert {event.tenant for event in outlet.events} == {"acme"}
    assert outlet.flushes == 1
    letter = outlet.letters[0]
    assert (letter.topic, letter.value, letter.source, letter.line) == (GATEWAY.name, b"garbage", "web.log", 4)
    assert (letter.stage, letter.at) == ("import", TARGET)


def test_two_equal_lines_are_two_calls(log: str) -> None:
    _, outlet = imported(log)
    assert len({event.id for event in outlet.events}) == 4


def test_importing_again_makes_the_same_events(log: str) -> None:
    assert imported(log)[1].events == imported(log)[1].events


def test_ids_do_not_depend_on_the_folder(log: str, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    copy = Path(log).rename(other / "web.log")
    ids = [event.id for event in imported(str(copy))[1].events]
    assert ids == [event.id for event in imported(str(copy.rename(tmp_path / "web.log")))[1].events]


def test_replay_ends_at_the_given_time_and_keeps_distances(log: str) -> None:
    report, outlet = imported(log, replay_at=TARGET)
    times = [event.occurred_at for event in outlet.events]
    assert times == [TARGET - timedelta(minutes=minutes) for minutes in (2, 0, 4, 4)]
    assert (report.first_time, report.last_time) == (min(times), TARGET)
    assert report.shift == TARGET - datetime(2026, 6, 15, 9, 5, tzinfo=UTC)


def test_same_replay_is_the_same_set_and_another_one_a_new_set(log: str) -> None:
    first = {event.id for event in imported(log, replay_at=TARGET)[1].events}
    again = {event.id for event in imported(log, replay_at=TARGET)[1].events}
    other = {event.id for event in imported(log, replay_at=TARGET + timedelta(seconds=1))[1].events}
    kept = {event.id for event in imported(log, keep_times=True)[1].events}
    assert first == again
    assert not first & other
    assert not first & kept


def test_kept_times_are_marked_as_meant(log: str) -> None:
    assert set(imported(log, keep_times=True)[1].backfills) == {True}
    assert set(imported(log)[1].backfills) == {False}


def test_a_replay_is_marked_as_not_of_the_present(log: str) -> None:
    assert set(imported(log, replay_at=TARGET)[1].backfills) == {True}


def test_what_the_publisher_refuses_becomes_a_dead_letter(log: str) -> None:
    class Refusing(MemoryOutlet):
        def publish(self, event: Event, *, backfill: bool = False) -> None:
            raise Rejected("too_large", f"{event.id} {backfill}")

    outlet = Refusing()
    report = import_file(log, kind="calls", publisher=outlet)
    assert report.published == 0
    assert [letter.reason for letter in outlet.letters] == ["too_large", "too_large", "not_access_log"] + [
        "too_large"
    ] * 2


def test_cut_gzip_keeps_what_came_before(tmp_path: Path) -> None:
    file = tmp_path / "web.log.gz"
    text = "".join(LINE.format(number % 10) for number in range(20_000))
    packed = gzip.compress(text.encode())
    file.write_bytes(packed[: len(packed) - 50])
    report, outlet = imported(str(file))
    assert report.published > 1_000
    assert report.reasons == {"damaged_file": 1}
    assert outlet.letters[0].line == report.published + 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"", "no lines"), (b"\n\n", "no lines"), (b"hello\nworld\n", "no known format"), (b'[{"a":1}]', "no known")],
)
def test_file_that_is_not_understood_stops(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "a.log"
    file.write_bytes(content)
    with pytest.raises(Stop) as caught:
        imported(str(file))
    assert problem in caught.value.problem
    assert caught.value.fix


def test_wrong_adapter_stops_before_anything_is_published(log: str) -> None:
    outlet = MemoryOutlet()
    with pytest.raises(Stop):
        import_file(log, kind="calls", publisher=outlet, adapter=adapter_named("apinto"))
    assert not outlet.letters


def test_adapter_of_calls_does_not_read_feedback(log: str) -> None:
    with pytest.raises(Stop):
        import_file(log, kind="feedback", publisher=MemoryOutlet(), adapter=adapter_named("access-log"))


def test_times_are_moved_or_kept_not_both(log: str) -> None:
    with pytest.raises(Stop):
        imported(log, replay_at=TARGET, keep_times=True)
    with pytest.raises(Stop):
        imported("-", replay_at=TARGET)


def test_detection_goes_with_most_lines() -> None:
    lines = [b"garbage", *[LINE.format(number).encode() for number in range(3)]]
    found = detect(lines, "a.log")
    assert found.adapter.name == "access-log"
    assert "3 of the first 4 lines" in found.reason


def test_unknown_adapter_lists_the_known() -> None:
    with pytest.raises(Stop) as caught:
        adapter_named("bong")
    assert caught.value.fix == f"choose one of: {', '.join(one.name for one in DETECTED)}, apinto-line:FORMATTER.json"


def test_feedback_goes_to_its_own_dead_letters(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("text,created\n,2026-01-01\nhello,2026-01-01\n")
    outlet = MemoryOutlet()
    import_file(str(file), kind="feedback", publisher=outlet)
    assert [letter.topic for letter in outlet.letters] == [FEEDBACK.name]


def test_origin_is_a_uri() -> None:
    assert origin_of("/tmp/my log.gz") == "urn:hypercare:import:my%20log.gz"  # noqa: S108 - only a name


def test_shift_is_pure() -> None:
    event = AccessLog().parse(LINE.format(1).encode(), Place("web.log", 1))
    latest = latest_time([event])
    assert latest is not None
    moved = shifted(event, shift_to(latest, TARGET))
    assert moved.occurred_at == TARGET
    assert moved.id != event.id
    assert latest_time([]) is None
