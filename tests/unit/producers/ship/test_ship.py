from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import accumulate, takewhile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from contracts.errors import Stop
from contracts.topics import FEEDBACK, GATEWAY
from producers.files import MAX_LINE_BYTES
from producers.ship.block import Block, Progress
from producers.ship.follow import Follower
from producers.ship.locks import Locks
from producers.ship.parse import Owner
from producers.ship.positions import Positions
from tests.unit.producers.ship.rig import MemoryBroker, line, lines, ship


def numbers(broker: MemoryBroker) -> list[int]:
    return sorted(int(path.rsplit("/", 1)[1]) for path in broker.paths())


def test_every_line_is_an_event_and_a_second_run_sends_nothing(tmp_path: Path) -> None:
    broker = MemoryBroker()
    (tmp_path / "a.log").write_bytes(lines(0, 50))
    ship(tmp_path, "a.log", broker=broker)
    assert numbers(broker) == list(range(50))
    ship(tmp_path, "a.log", broker=broker)
    assert len(broker.records) == 50
    with (tmp_path / "a.log").open("ab") as grown:
        grown.write(lines(50, 60))
    ship(tmp_path, "a.log", broker=broker)
    assert len(broker.records) == 60
    assert numbers(broker) == list(range(60))


def test_what_a_crash_sends_again_is_the_same_events(tmp_path: Path) -> None:
    broker = MemoryBroker()
    (tmp_path / "a.log").write_bytes(lines(0, 50))
    ship(tmp_path, "a.log", broker=broker, lost=True)
    ship(tmp_path, "a.log", broker=broker)
    assert len(broker.records) == 100
    assert len(set(broker.ids())) == 50


def test_two_equal_lines_are_two_events(tmp_path: Path) -> None:
    broker = MemoryBroker()
    (tmp_path / "a.log").write_bytes(line(1) * 3)
    ship(tmp_path, "a.log", broker=broker)
    assert len(set(broker.ids())) == 3


def rename(log: Path) -> None:
    for number in range(8, 0, -1):
        for ending in ("", ".gz"):
            old = log.with_name(f"{log.name}.{number}{ending}")
            if old.exists():
                old.rename(log.with_name(f"{log.name}.{number + 1}{ending}"))
    log.rename(log.with_name(f"{log.name}.1"))


def test_a_file_that_was_renamed_is_read_to_its_end(tmp_path: Path) -> None:
    broker = MemoryBroker()
    log = tmp_path / "a.log"
    log.write_bytes(lines(0, 20))

    def then(waits: int) -> None:
        if waits == 3:
            with log.open("ab") as writer:
                rename(log)
                writer.write(lines(20, 30))  # to the old one, after it was renamed
            log.write_bytes(lines(30, 40))

    broker.on_wait = then
    ship(tmp_path, "a.log", broker=broker, once=False)
    assert numbers(broker) == list(range(40))
    assert len(broker.records) == 40


def test_the_rest_of_an_emptied_file_is_read_from_its_copy(tmp_path: Path) -> None:
    broker = MemoryBroker()
    log = tmp_path / "a.log"
    log.write_bytes(lines(0, 20))

    def then(waits: int) -> None:
        if waits == 3:
            (tmp_path / "a.log.1").write_bytes(log.read_bytes() + lines(20, 30))  # written before it was emptied
            log.write_bytes(lines(30, 70))  # and soon longer than before

    broker.on_wait = then
    ship(tmp_path, "a.log*", broker=broker, once=False)
    assert numbers(broker) == list(range(70))
    assert len(broker.records) == 70


def test_a_copy_is_no_other_file_though_the_original_was_emptied_and_grew_before_anybody_looked(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(lines(0, 500))
    locks = Locks(tmp_path / "home" / "locks")
    follower = Follower([str(log)], Positions(tmp_path / "home" / "positions"), locks, "host")
    follower.scan(1.0)
    (tail,) = follower.tails.values()
    assert tail.next_block() is not None
    log.with_name("access.log.1").write_bytes(lines(0, 600))
    log.write_bytes(lines(600, 700))  # the same inode
    follower.scan(2.0)
    assert list(follower.tails.values()) == [tail]
    assert tail.next_block() is None
    follower.scan(3.0)
    assert tail.path.endswith("access.log.1")
    rest = tail.next_block()
    assert rest is not None
    assert rest.data == lines(500, 600)
    assert sorted(other.path for other in follower.tails.values()) == [str(log), f"{log}.1"]
    follower.close()
    locks.close()


def test_a_log_that_was_emptied_without_a_copy_is_told(tmp_path: Path) -> None:
    broker = MemoryBroker()
    log = tmp_path / "a.log"
    log.write_bytes(lines(0, 20))
    ship(tmp_path, "a.log", broker=broker)
    log.write_bytes(lines(30, 35))
    _, said = ship(tmp_path, "a.log", broker=broker)
    assert numbers(broker) == [*range(20), *range(30, 35)]
    assert len(said) == 1
    assert "no copy of it was found" in said[0]
    _, said = ship(tmp_path, "a.log", broker=broker)
    assert not said


@pytest.mark.parametrize("pattern", ["a.log", "a.log*"])
def test_what_was_rotated_and_packed_while_nobody_looked_is_read_on(tmp_path: Path, pattern: str) -> None:
    broker = MemoryBroker()
    log = tmp_path / "a.log"
    log.write_bytes(lines(0, 20))
    ship(tmp_path, pattern, broker=broker)
    (tmp_path / "a.log.1.gz").write_bytes(gzip.compress(lines(0, 300)))
    log.unlink()
    log.write_bytes(lines(300, 310))
    ship(tmp_path, pattern, broker=broker)
    assert numbers(broker) == list(range(310))
    assert len(broker.records) == 310


@pytest.mark.parametrize("pattern", ["a.log", "a.log*"])
def test_parts_that_came_and_went_while_nobody_looked_are_read(tmp_path: Path, pattern: str) -> None:
    broker = MemoryBroker()
    log = tmp_path / "a.log"
    (tmp_path / "a.log.7").write_bytes(lines(900, 910))  # from before the log was first shipped
    os.utime(tmp_path / "a.log.7", (1_000_000_000, 1_000_000_000))
    log.write_bytes(lines(0, 20))
    ship(tmp_path, pattern, broker=broker)
    for number in (20, 40, 60):
        rename(log)
        log.write_bytes(lines(number, number + 20))
    ship(tmp_path, pattern, broker=broker)
    before = list(range(900, 910)) if "*" in pattern else []
    assert numbers(broker) == [*range(80), *before]
    assert len(broker.records) == 80 + len(before)


def blocks(ends: list[int]) -> list[Block]:
    starts = [0, *ends[:-1]]
    return [Block("x", "x", b"", start, end, start, end - start) for start, end in zip(starts, ends, strict=True)]


@given(data=st.data(), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_the_place_moves_only_when_everything_before_it_is_confirmed(data: st.DataObject, sizes: list[int]) -> None:
    taken = blocks(list(accumulate(sizes)))
    progress = Progress(0, 0, 0, 0)
    for block in taken:
        progress.taken(block)
    done: set[int] = set()
    for block in data.draw(st.permutations(taken)):
        progress.done(block)
        done.add(block.start)
        whole = list(takewhile(lambda block: block.start in done, taken))
        assert progress.confirmed == (whole[-1].end if whole else 0)
    assert progress.idle
    assert progress.confirmed == progress.confirmed_lines == progress.read


def test_a_last_line_is_waited_for(tmp_path: Path) -> None:
    broker = MemoryBroker()
    log = tmp_path / "a.log"
    log.write_bytes(line(0) + line(1)[:40])

    def then(waits: int) -> None:
        if waits == 10:
            with log.open("ab") as writer:
                writer.write(line(1)[40:])

    broker.on_wait = then
    ship(tmp_path, "a.log", broker=broker, once=False)
    assert numbers(broker) == [0, 1]
    assert not broker.letters()


def test_files_may_come_and_go(tmp_path: Path) -> None:
    broker = MemoryBroker()

    def then(waits: int) -> None:
        if waits == 5:
            (tmp_path / "b.log").write_bytes(lines(0, 5))
        if waits == 20:
            (tmp_path / "b.log").unlink()
            (tmp_path / "c.log").write_bytes(lines(5, 9))

    broker.on_wait = then
    ship(tmp_path, "*.log", broker=broker, once=False)
    assert numbers(broker) == list(range(9))


def test_what_cannot_be_read_is_kept_with_file_line_and_reason(tmp_path: Path) -> None:
    broker = MemoryBroker()
    (tmp_path / "a.log").write_bytes(line(0) + b"\n\xff nonsense\n" + line(1) + b"x" * (MAX_LINE_BYTES + 5) + b"\n")
    shipped, _ = ship(tmp_path, "a.log", broker=broker)
    first, long = broker.letters()
    assert first[0] == b"\xff nonsense"
    assert (first[1]["source"], first[1]["line"], first[1]["stage"]) == ("a.log", "3", "ship")
    assert first[1]["reason"] == "not_access_log"
    assert long[1]["reason"] == "line_too_long"
    assert long[1]["line"] == "5"
    assert len(long[0] or b"") == MAX_LINE_BYTES
    assert shipped.letters == 2
    assert numbers(broker) == [0, 1]


def test_a_file_of_no_known_format_becomes_dead_letters_and_a_later_format_is_found(tmp_path: Path) -> None:
    broker = MemoryBroker()
    log = tmp_path / "a.log"
    log.write_bytes(b"hello\n")
    ship(tmp_path, "a.log", broker=broker)
    with log.open("ab") as grown:
        grown.write(lines(0, 3))
    ship(tmp_path, "a.log", broker=broker)
    assert [said["reason"] for _, said in broker.letters()] == ["unknown_format"]
    assert numbers(broker) == [0, 1, 2]


def test_a_damaged_archive_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    broker = MemoryBroker()
    (tmp_path / "a.log.1.gz").write_bytes(gzip.compress(lines(0, 20_000))[:-2_000])
    ship(tmp_path, "a.log*", broker=broker)
    (letter,) = broker.letters()
    assert letter[1]["reason"] == "damaged_file"
    assert numbers(broker) == list(range(len(numbers(broker))))
    assert len(numbers(broker)) > 1_000


def test_the_hole_that_a_writer_leaves_after_emptying_is_no_line(tmp_path: Path) -> None:
    broker = MemoryBroker()
    (tmp_path / "a.log").write_bytes(b"\x00" * 300_000 + lines(0, 3))
    ship(tmp_path, "a.log", broker=broker)
    assert numbers(broker) == [0, 1, 2]
    assert not broker.letters()


def test_what_kafka_refuses_is_sent_again(tmp_path: Path) -> None:
    broker = MemoryBroker(refuse=7)
    (tmp_path / "a.log").write_bytes(lines(0, 5_000))
    shipped, said = ship(tmp_path, "a.log", broker=broker)
    assert (shipped.again, shipped.events) == (1, 5_000)
    assert "broker away" in said[0]
    assert numbers(broker) == list(range(5_000))
    assert len(set(broker.ids())) == 5_000


def test_a_missing_topic_ends_it(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(lines(0, 5))
    with pytest.raises(Stop, match=GATEWAY.name):
        ship(tmp_path, "a.log", broker=MemoryBroker(refuse=9, refusal="Broker: Unknown topic or partition"))


def test_a_second_shipper_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(lines(0, 5))
    holds = (
        "import sys, pathlib\nfrom producers.ship.locks import Locks\n"
        f"locks = Locks(pathlib.Path({str(tmp_path / 'home' / 'locks')!r}))\n"
        f"locks.take({str(tmp_path / 'a.log')!r})\nprint('held', flush=True)\nsys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", holds], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[4]
    )
    assert other.stdin
    assert other.stdout
    try:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(Stop, match=f"shipped already, by process {other.pid}"):
            ship(tmp_path, "a.log", broker=MemoryBroker())
    finally:
        other.kill()
        other.wait()
        other.stdin.close()
        other.stdout.close()
    ship(tmp_path, "a.log", broker=MemoryBroker())  # the lock died with its holder


def test_one_process_may_take_a_lock_twice(tmp_path: Path) -> None:
    locks = Locks(tmp_path)
    locks.take("/x/a.log")
    locks.take("/x/a.log")
    locks.close()


def test_a_position_that_cannot_be_read_ends_it(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(lines(0, 5))
    (tmp_path / "home" / "positions").mkdir(parents=True)
    (tmp_path / "home" / "positions" / "x.json").write_text("{")
    with pytest.raises(Stop, match=r"x\.json cannot be read"):
        ship(tmp_path, "a.log", broker=MemoryBroker())


def test_feedback_goes_to_its_topic_under_its_project(tmp_path: Path) -> None:
    broker = MemoryBroker()
    (tmp_path / "f.jsonl").write_bytes(b'{"occurred_at":"2026-06-15T09:00:00Z","text":"slow"}\nno\n')
    ship(tmp_path, "f.jsonl", broker=broker, owner=Owner(kind="feedback", project="shop"))
    assert broker.records[0][:2] == (FEEDBACK.name, b"default/shop")
    assert broker.letters()[0][1]["reason"] == "not_json"


def test_two_files_that_start_alike_are_two(tmp_path: Path) -> None:
    broker = MemoryBroker()
    (tmp_path / "a.log").write_bytes(line(0) + line(1))
    (tmp_path / "b.log").write_bytes(line(0) + line(1))
    (tmp_path / "a.log.1").write_bytes(line(0) + line(2))
    ship(tmp_path, "*.log*", broker=broker)
    assert len(set(broker.ids())) == 6


STEPS = st.lists(st.sampled_from(["write", "rename", "copy", "pack", "ship", "crash"]), max_size=14)


TITLE = b"# " + b"x" * 1_100 + b"\n"
"""Longer than what a file is known by at first: all that tells two files is what comes after."""


@hypothesis_settings(max_examples=80)
@given(steps=STEPS, pattern=st.sampled_from(["a.log", "a.log*"]), title=st.sampled_from([b"", TITLE]))
def test_whatever_happens_to_a_log_each_line_is_one_event(
    steps: list[str], pattern: str, title: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    log, broker, written, begun = folder / "a.log", MemoryBroker(), 0, False
    log.touch()
    for step in [*steps, "ship"]:
        if step == "write":
            with log.open("ab") as grown:
                grown.write(title * (not log.stat().st_size) + lines(written, written + 12))
            written += 12
        elif step in {"ship", "crash"}:
            ship(folder, pattern, broker=broker, lost=step == "crash")
        elif log.stat().st_size:
            _rotate(log, step)
        if step == "write" and not begun:  # what was rotated away before a log is first shipped is not asked for
            begun = ship(folder, pattern, broker=broker)[0].events > 0
    assert sorted(numbers(broker)) == list(range(written))
    assert len(set(broker.ids())) == written


def _rotate(log: Path, how: str) -> None:
    first = log.with_name("a.log.1")
    if how == "rename":
        rename(log)
        log.touch()
    elif how == "copy":
        content = log.read_bytes()
        rename(log)
        first.rename(log)
        first.write_bytes(content)
        os.truncate(log, 0)
    elif how == "pack" and first.exists():
        first.with_name("a.log.1.gz").write_bytes(gzip.compress(first.read_bytes()))
        first.unlink()


def test_calls_too_old_to_be_judged_are_counted_once_though_they_are_sent_again(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(lines(0, 50))
    written = datetime(2026, 6, 15, 9, tzinfo=UTC).timestamp()
    for age_s, late, old in ((4, 0, 0), (1_800, 50, 0), (8 * 86_400, 50, 50)):
        home = tmp_path / str(age_s)
        home.mkdir()
        (home / "a.log").write_bytes(lines(0, 50))
        ahead_s = written + age_s - time.time()
        shipped, _ = ship(home, "a.log", broker=MemoryBroker(refuse=3), ahead_s=ahead_s)
        assert (shipped.events, shipped.late, shipped.old) == (50, late, old)


def test_feedback_is_never_too_late(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b'{"text": "The pay button hangs", "occurred_at": "2026-06-15T09:00:00Z"}\n')
    shipped, _ = ship(tmp_path, "a.ndjson", broker=MemoryBroker(), owner=Owner("feedback"), ahead_s=9_000_000)
    assert (shipped.events, shipped.late) == (1, 0)
