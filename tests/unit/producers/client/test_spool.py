"""The spool: in order, bounded, private, and there after a kill."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Rejected, Stop
from producers.client import segments
from producers.client.counts import Tally
from producers.client.spool import Spool, SpoolLimits
from producers.client.spooled_line import event_of, line_of
from tests.unit.producers.client.pretended_kafka import said


class Rig:
    """A folder, and processes that use it one after the other or beside each other."""

    def __init__(self, folder: Path, **limits: float) -> None:
        self.folder = folder
        self.limits = SpoolLimits(
            max_bytes=int(limits.get("max_bytes", 1_000_000)), max_age_s=limits.get("max_age_s", 1e6)
        )
        self.tally = Tally()
        self.moved_s = 0.0

    def process(self) -> Spool:
        import time  # noqa: PLC0415 - files have the machine's time

        return Spool(self.folder, self.limits, self.tally, lambda: time.time() + self.moved_s)

    def dropped(self) -> dict[str, int]:
        return self.tally.seen(0).dropped


def lines(count: int, first: int = 0) -> list[bytes]:
    return [b'{"n":%d}\n' % number for number in range(first, first + count)]


def fill(spool: Spool, what: list[bytes]) -> None:
    for line in what:
        spool.append(line)


def drain(spool: Spool, most: int = 7) -> list[bytes]:
    found: list[bytes] = []
    while head := spool.head(most):
        found += head
        spool.advance(head)
    return found


def killed(spool: Spool) -> None:
    """What the system does for a process that dies: locks are let go of, nothing else happens."""
    spool._owners.close(keep=True)


@given(st.lists(st.one_of(st.integers(1, 9), st.just(0), st.just(-1)), max_size=30))
def test_whatever_is_written_read_or_killed_in_between_order_holds(steps: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder))
        spool, number, found = rig.process(), 0, []
        for step in steps:
            if step > 0:
                fill(spool, lines(step, number))
                number += step
            elif step == 0:
                head = spool.head(3)
                if head:
                    spool.advance(head)
                found += head
            else:
                killed(spool)
                spool = rig.process()
        assert spool.waiting == number - len(found)
        assert found + drain(spool) == lines(number)
        spool.close()
        assert rig.dropped() == {}
        assert list(Path(folder).iterdir()) == [], "nothing stays of what is sent"


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    spool = Rig(tmp_path / "spool").process()
    fill(spool, lines(5))
    spool.advance(spool.head(2))
    modes = {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "spool").iterdir()}
    assert modes == {".lock": 0o600, ".ndjson": 0o600, ".sent": 0o600}
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700


def test_what_is_on_its_way_when_the_process_dies_is_sent_again(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    spool = rig.process()
    fill(spool, lines(10))
    spool.advance(spool.head(4))
    spool.head(4)
    killed(spool)
    assert drain(rig.process()) == lines(6, 4)


@pytest.mark.parametrize("cut", range(1, 8))
def test_a_torn_last_line_is_counted_and_no_crash(tmp_path: Path, cut: int) -> None:
    rig = Rig(tmp_path)
    spool = rig.process()
    fill(spool, lines(3))
    killed(spool)
    (file,) = tmp_path.glob("*.ndjson")
    os.truncate(file, file.stat().st_size - cut)
    spool = rig.process()
    spool.append(b"next\n")
    assert drain(spool) == [*lines(2), b"next\n"]
    assert rig.dropped() == {"torn": 1}


@pytest.mark.parametrize("position", [b"", b"99999999", b"-5", b"\xff\x00", b"1" * 400])
def test_a_damaged_position_is_no_crash(tmp_path: Path, position: bytes) -> None:
    rig = Rig(tmp_path)
    spool = rig.process()
    fill(spool, lines(3))
    killed(spool)
    (file,) = tmp_path.glob("*.ndjson")
    file.with_suffix(".sent").write_bytes(position)
    assert drain(rig.process()) in (lines(3), [])


def test_garbage_is_passed_by(tmp_path: Path) -> None:
    rig = Rig(tmp_path, max_bytes=100_000_000)
    spool = rig.process()
    fill(spool, lines(1))
    killed(spool)
    (file,) = tmp_path.glob("*.ndjson")
    file.write_bytes(os.urandom(9_000_000).replace(b"\n", b" ") + b"\n")
    spool = rig.process()
    fill(spool, lines(2, 1))
    assert drain(spool) == lines(2, 1)
    assert rig.dropped() == {"spool_unreadable": 1}


@pytest.mark.parametrize("step", ["head", "found"])
def test_what_cannot_be_read_just_now_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    rig = Rig(tmp_path)
    spool = rig.process()
    fill(spool, lines(3))
    killed(spool)
    with monkeypatch.context() as short:
        short.setattr(segments, step, refused)
        spool = rig.process()
        with pytest.raises(OSError, match="Too many") if step == "head" else nullcontext():
            assert spool.head(7) == []
    spool.take_over()
    assert drain(spool) == lines(3)
    assert rig.dropped() == {}


def test_the_oldest_goes_first_when_it_is_full(tmp_path: Path) -> None:
    rig = Rig(tmp_path, max_bytes=8_000)
    spool = rig.process()
    written = [b"%04d" % number + b"x" * 95 + b"\n" for number in range(300)]
    fill(spool, written)
    size = sum(path.stat().st_size for path in tmp_path.glob("*.ndjson"))
    assert 6_000 < size <= 8_000
    left = drain(spool)
    assert left == written[-len(left) :]
    assert rig.dropped() == {"spool_full": 300 - len(left)}


def test_what_goes_while_it_is_being_sent_takes_nothing_else_along(tmp_path: Path) -> None:
    rig = Rig(tmp_path, max_bytes=8_000)
    spool = rig.process()
    written = [b"%04d" % number + b"x" * 95 + b"\n" for number in range(100)]
    fill(spool, written[:50])
    head = spool.head(5)
    fill(spool, written[50:])
    spool.advance(head)
    left = drain(spool)
    assert left == written[-len(left) :]
    assert rig.dropped() == {"spool_full": 100 - len(left)}


def test_one_line_that_is_larger_than_all_of_it_is_dropped_alone(tmp_path: Path) -> None:
    rig = Rig(tmp_path, max_bytes=100)
    spool = rig.process()
    fill(spool, [*lines(1), b"x" * 200 + b"\n"])
    assert drain(spool) == lines(1)
    assert rig.dropped() == {"spool_full": 1}


def test_what_is_too_old_goes_and_what_came_later_stays(tmp_path: Path) -> None:
    rig = Rig(tmp_path, max_age_s=100)
    spool = rig.process()
    fill(spool, lines(3))
    (old,) = tmp_path.glob("*.ndjson")
    rig.moved_s = 60
    fill(spool, lines(2, 3))
    (new,) = set(tmp_path.glob("*.ndjson")) - {old}
    os.utime(new, (new.stat().st_mtime + 60,) * 2)
    rig.moved_s = 110
    assert drain(spool) == lines(2, 3)
    assert rig.dropped() == {"too_old": 3}


def test_two_processes_keep_apart_and_one_takes_what_the_other_left(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    first, second, third = rig.process(), rig.process(), rig.process()
    fill(first, lines(5))
    fill(second, lines(5, 5))
    second.take_over()
    assert drain(second) == lines(5, 5), "the first still lives"
    killed(first)
    second.take_over()
    third.take_over()
    assert drain(third) == []
    assert drain(second) == lines(5)


def test_a_full_disk_loses_what_it_does_not_take_and_nothing_else(tmp_path: Path) -> None:
    import resource  # noqa: PLC0415 - one test needs it
    import signal  # noqa: PLC0415

    rig = Rig(tmp_path)
    spool = rig.process()
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, before[1]))  # two lines and a part of the third fit into a file
    try:
        fill(spool, lines(5))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    killed(spool)
    spool = rig.process()
    assert drain(spool) == [lines(5)[0], lines(5)[1], lines(5)[3], lines(5)[4]]
    assert rig.dropped() == {"disk": 1}


def test_a_folder_that_cannot_be_used_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Stop, match=r"spool folder .*file.* cannot be used"):
        Rig(tmp_path / "file").process()


@pytest.mark.parametrize("text", ["", "\u200b", "مرحبا 🙈 שלום", "a\nb\r\u2028c", "x" * 190_000])
def test_a_line_is_the_event_again(text: str) -> None:
    line = line_of(said("f-1", text), "urn:shop:web")
    assert line.count(b"\n") == 1
    assert b"\r" not in line
    assert event_of(line) == said("f-1", text)


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"type":1,"data":{}}', b'{"data":[]}', b"\xff", b"[" * 9000])
def test_a_line_that_is_none_is_rejected(line: bytes) -> None:
    with pytest.raises(Rejected):
        event_of(line)
