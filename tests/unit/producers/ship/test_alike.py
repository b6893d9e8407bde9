"""Files of one log that begin alike: told by what comes after, never taken for one another."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.ship.block import Block, Progress
from producers.ship.follow import Follower
from producers.ship.heads import HEAD_BYTES, MARK_BYTES, Mark, mark_of
from producers.ship.locks import Locks
from producers.ship.names import name_of, title_of
from producers.ship.positions import Position, Positions
from producers.ship.source import open_source
from tests.unit.producers.ship.rig import MemoryBroker, line, lines, ship

TITLE = b"#Fields: " + b"x" * HEAD_BYTES + b"\n"
COMMENTS = b"#Software: an example\n" + b"#Fields: date time\n" * 80
DAYS_AGO = 40 * 86_400.0


def numbers(broker: MemoryBroker) -> list[int]:
    return sorted(int(path.rsplit("/", 1)[1]) for path in broker.paths())


@pytest.mark.parametrize("title", [TITLE, COMMENTS])
def test_a_file_that_was_emptied_and_is_longer_again_before_anybody_looks(tmp_path: Path, title: bytes) -> None:
    broker, log = MemoryBroker(), tmp_path / "a.log"
    log.write_bytes(title + lines(0, 20))
    ship(tmp_path, "a.log", broker=broker)
    (tmp_path / "a.log.1").write_bytes(log.read_bytes() + lines(20, 30))
    with log.open("r+b") as same:  # the same inode, the same beginning, and longer
        same.truncate(0)
        same.write(title + lines(30, 90))
    ship(tmp_path, "a.log", broker=broker)
    assert numbers(broker) == list(range(90))
    assert len(set(broker.ids())) == 90


def test_the_same_while_it_is_followed(tmp_path: Path) -> None:
    broker, log = MemoryBroker(), tmp_path / "a.log"
    log.write_bytes(TITLE + lines(0, 20))

    def then(waits: int) -> None:
        if waits == 5:
            (tmp_path / "a.log.1").write_bytes(log.read_bytes() + lines(20, 30))
            with log.open("r+b") as same:
                same.truncate(0)
                same.write(TITLE + lines(30, 90))

    broker.on_wait = then
    ship(tmp_path, "a.log", broker=broker, once=False)
    assert numbers(broker) == list(range(90))
    assert len(set(broker.ids())) == 90


def test_an_emptied_file_without_a_copy_is_read_on_at_once(tmp_path: Path) -> None:
    broker, log, seen = MemoryBroker(), tmp_path / "a.log", list[int]()
    log.write_bytes(TITLE + lines(0, 20))

    def then(waits: int) -> None:
        if waits == 5:
            with log.open("r+b") as same:
                same.truncate(0)
                same.write(TITLE + lines(30, 90))
        if waits == 40:  # long before it is no longer looked for
            seen.extend(numbers(broker))

    broker.on_wait = then
    ship(tmp_path, "a.log", broker=broker, once=False)
    assert seen == [*range(20), *range(30, 90)]


def test_the_next_file_is_not_taken_for_the_one_that_was_read_to_its_end(tmp_path: Path) -> None:
    broker, log = MemoryBroker(), tmp_path / "a.log"
    for day in range(4):
        log.write_bytes(TITLE + lines(100 * day, 100 * day + 20 + day))
        ship(tmp_path, "a.log", broker=broker)
        log.unlink()
        ship(tmp_path, "a.log", broker=broker)
    assert numbers(broker) == [100 * day + number for day in range(4) for number in range(20 + day)]


def test_packed_ones_that_a_pattern_names_are_read_beside_the_one_that_grows(tmp_path: Path) -> None:
    broker = MemoryBroker()
    for number in range(1, 4):
        (tmp_path / f"a.log.{number}.gz").write_bytes(gzip.compress(TITLE + lines(100 * number, 100 * number + 50)))
    (tmp_path / "a.log").write_bytes(TITLE + lines(0, 10))
    ship(tmp_path, "a.log*", broker=broker)
    assert numbers(broker) == [*range(10), *range(100, 150), *range(200, 250), *range(300, 350)]
    ship(tmp_path, "a.log*", broker=broker)
    assert len(broker.ids()) == 160, "and none of them twice"


def test_a_name_is_not_given_again_when_its_position_is_long_forgotten(tmp_path: Path) -> None:
    broker, log, folder = MemoryBroker(), tmp_path / "a.log", tmp_path / "home" / "positions"
    for day in range(3):
        log.write_bytes(TITLE + lines(100 * day, 100 * day + 10))
        ship(tmp_path, "a.log", broker=broker)
        log.unlink()
        ship(tmp_path, "a.log", broker=broker)
        (oldest, *_) = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        if day == 1:
            said = json.loads(oldest.read_bytes())
            oldest.write_text(json.dumps({**said, "seen_at": said["seen_at"] - DAYS_AGO}))
            assert Positions(folder).forget_old(said["seen_at"]) == 1
    assert len(set(broker.ids())) == 30


def test_a_title_alone_is_waited_with_where_another_file_has_it(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    follower = Follower([str(tmp_path / "*.log*")], Positions(folder / "p"), Locks(folder / "l"), "host")
    (tmp_path / "a.log.1").write_bytes(TITLE + line(1))
    follower.scan(0.0)
    (tmp_path / "a.log").write_bytes(TITLE)
    follower.scan(1.0)
    assert [tail.path for tail in follower.tails.values()] == [str(tmp_path / "a.log.1")]
    with (tmp_path / "a.log").open("ab") as grown:
        grown.write(line(2))
    follower.scan(2.0)
    assert len(follower.tails) == 2
    follower.close()


def test_a_position_of_an_earlier_version_is_gone_on_from(tmp_path: Path) -> None:
    broker, log, folder = MemoryBroker(), tmp_path / "a.log", tmp_path / "home" / "positions"
    log.write_bytes(lines(0, 20))
    ship(tmp_path, "a.log", broker=broker)
    (file,) = folder.glob("*.json")
    said = json.loads(file.read_bytes())
    for later in ("mark", "mark_bytes", "title"):
        del said[later]
    file.write_text(json.dumps(said))
    with log.open("ab") as grown:
        grown.write(lines(20, 40))
    ship(tmp_path, "a.log", broker=broker)
    assert len(broker.ids()) == 40
    assert numbers(broker) == list(range(40))
    assert json.loads(file.read_bytes())["mark_bytes"] == MARK_BYTES, "and has one from now on"


def test_a_name_does_not_depend_on_the_order_files_are_seen_in(tmp_path: Path) -> None:
    log = str(tmp_path / "a.log")
    sources = []
    for number in range(3):
        file = tmp_path / f"a.log.{number}"
        file.write_bytes(COMMENTS + line(number))
        sources.append(open_source(str(file)))
    known = [Position("first", log, log, 0, 0, "", 0, title=title_of(sources[0].read(HEAD_BYTES, 0)))]
    names = [name_of("h", log, one, one.read(HEAD_BYTES, 0), known, whole=False) for one in sources]
    assert len({*names, None}) == 4
    again = [*known, *(Position(str(name), log, log, 0, 0, "", 0) for name in names[::-1][:1])]
    assert name_of("h", log, sources[0], sources[0].read(HEAD_BYTES, 0), again, whole=False) == names[0]
    for source in sources:
        source.close()


def test_a_title_alone_has_no_name_of_its_own_yet(tmp_path: Path) -> None:
    log = str(tmp_path / "a.log")
    file = tmp_path / "a.log"
    file.write_bytes(COMMENTS)
    source = open_source(str(file))
    start = source.read(HEAD_BYTES, 0)
    known = [Position("first", log, log, 0, 0, "", 0, title=title_of(start))]
    assert name_of("h", log, source, start, [], whole=False), "nobody has that title yet"
    assert name_of("h", log, source, start, known, whole=False) is None
    assert name_of("h", log, source, start, known, whole=True), "no more will come"
    with file.open("ab") as grown:
        grown.write(line(1))
    assert name_of("h", log, source, start, known, whole=False)
    source.close()


@given(parts=st.lists(st.binary(min_size=1, max_size=600), max_size=8), shuffled=st.randoms(use_true_random=False))
def test_a_mark_is_of_the_bytes_before_the_place_whatever_the_order_of_confirmations(
    parts: list[bytes], shuffled: Random
) -> None:
    progress, blocks, at = Progress(0, 0, 0, 0), list[Block](), 0
    for part in parts:
        blocks.append(Block("i", "p", part, at, at + len(part), len(blocks), 1))
        progress.taken(blocks[-1])
        at += len(part)
    shuffled.shuffle(blocks)
    whole = b"".join(parts)
    for block in blocks:
        progress.done(block)
        assert progress.before_confirmed == whole[: progress.confirmed][-MARK_BYTES:]
    assert progress.before_read == whole[-MARK_BYTES:]
    progress.rewind()
    assert progress.before_read == whole[-MARK_BYTES:]


def test_a_line_that_was_cut_leaves_no_mark() -> None:
    progress = Progress(0, 0, 0, 0)
    progress.taken(Block("i", "p", b"abc", 0, 3, 0, 1))
    progress.taken(Block("i", "p", b"cut", 3, 5_000_000, 1, 1, ("line_too_long", "")))
    assert progress.before_read == b""
    assert mark_of(b"") == Mark()
    assert Mark().fits(b"whatever"), "nothing is known, so nothing speaks against it"


def test_a_position_is_kept_with_the_mark_of_its_own_place(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_bytes(TITLE + lines(0, 5_000))
    follower = Follower([str(file)], Positions(tmp_path / "p"), Locks(tmp_path / "l"), "host")
    follower.scan(1.0)
    (tail,) = follower.tails.values()
    first, second = tail.next_block(), tail.next_block()
    assert first is not None
    assert second is not None
    assert tail.position(2.0).mark_bytes == 0
    tail.progress.done(first)
    kept = tail.position(2.0)
    assert (kept.offset, kept.mark) == (first.end, mark_of(file.read_bytes()[: first.end]).digest)
    os.truncate(file, 0)
    file.write_bytes(TITLE + lines(7_000, 9_000))
    assert not tail.intact()
    follower.close()
