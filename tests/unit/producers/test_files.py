from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tracemalloc
from pathlib import Path

import pytest

from contracts.errors import Stop
from producers.files import Line, lines_of, open_lines, source_name

TEXT = b"".join(b"line %d\n" % number for number in range(1, 20_001))


class Endless(io.RawIOBase):
    """Gives the same bytes over and over."""

    def __init__(self, size: int, block: bytes = b"x" * 65_536) -> None:
        self._left = size
        self._block = block

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1, /) -> bytes:
        given = self._block[: min(size, self._left)]
        self._left -= len(given)
        return given


def lines_in(path: Path) -> list[Line]:
    with open_lines(str(path)) as lines:
        return list(lines)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_packing_is_told_by_the_first_bytes(tmp_path: Path, pack: type[bytes]) -> None:
    file = tmp_path / "any.name"
    file.write_bytes(pack(TEXT))
    found = lines_in(file)
    assert [line.number for line in found] == list(range(1, 20_001))
    assert b"".join(line.data + b"\n" for line in found) == TEXT


def test_several_gzip_parts_are_one_file(tmp_path: Path) -> None:
    file = tmp_path / "a.gz"
    file.write_bytes(gzip.compress(b"a\nb") + gzip.compress(b"c\nd"))
    assert [line.data for line in lines_in(file)] == [b"a", b"bc", b"d"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_lines_before_the_end_of_a_cut_file_are_kept(tmp_path: Path, pack: type[bytes]) -> None:
    file = tmp_path / "a.gz"
    text = b"".join(b"line %d %d\n" % (number, number * 7919 % 10_007) for number in range(1, 150_001))
    packed = pack(text)
    file.write_bytes(packed[: len(packed) * 9 // 10])
    *whole, broken = lines_in(file)
    assert len(whole) > 1_000
    assert all(line.fault is None for line in whole)
    assert broken.fault is not None
    assert broken.fault.reason == "damaged_file"
    assert str(broken.number) in broken.fault.detail
    assert text.startswith(b"".join(line.data + b"\n" for line in whole) + broken.data)


def test_garbage_inside_a_gzip_file_ends_it_with_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "a.gz"
    packed = bytearray(gzip.compress(TEXT))
    packed[len(packed) // 2 : len(packed) // 2 + 200] = b"\xff" * 200
    file.write_bytes(packed)
    last = lines_in(file)[-1]
    assert last.fault is not None
    assert last.fault.reason == "damaged_file"


def test_long_line_is_cut_and_the_next_ones_are_read() -> None:
    found = list(lines_of(io.BytesIO(b"a\n" + b"b" * 300_000 + b"\nc"), max_line_bytes=1_000))
    assert [(line.number, len(line.data)) for line in found] == [(1, 1), (2, 1_000), (3, 1)]
    assert found[1].fault is not None
    assert found[1].fault.reason == "line_too_long"
    assert "299000 more" in found[1].fault.detail


def test_memory_does_not_grow_with_a_file_without_newlines() -> None:
    tracemalloc.start()
    found = list(lines_of(Endless(200_000_000), max_line_bytes=1_048_576))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == 1
    assert peak < 8_000_000


def test_memory_does_not_grow_with_the_number_of_lines() -> None:
    tracemalloc.start()
    count = sum(1 for _ in lines_of(Endless(20_000_000, b"x" * 1023 + b"\n")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 19_532
    assert peak < 8_000_000


def test_progress_counts_packed_bytes_to_the_end(tmp_path: Path) -> None:
    file = tmp_path / "a.gz"
    file.write_bytes(gzip.compress(TEXT * 100))
    told: list[tuple[int, int | None]] = []
    with open_lines(str(file), progress=lambda done, total: told.append((done, total))) as lines:
        for _ in lines:
            pass
    size = file.stat().st_size
    assert len(told) > 5
    assert told == sorted(told)
    assert told[-1] == (size, size)


def test_byte_order_mark_belongs_to_no_line() -> None:
    assert next(lines_of(io.BytesIO(b"\xef\xbb\xbf{}\n"))).data == b"{}"


def test_empty_file_has_no_lines() -> None:
    assert list(lines_of(io.BytesIO(b""))) == []


def test_missing_file_stops(tmp_path: Path) -> None:
    with pytest.raises(Stop), open_lines(str(tmp_path / "none")):
        pass


def test_source_is_a_name_without_folder() -> None:
    assert source_name("/var/log/a.log") == "a.log"
    assert source_name("-") == "stdin"
