"""Read files of any size by line: plain, gzip, bzip2 or xz, told by their first bytes; ``-`` is the input."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, cast

from contracts.errors import Rejected, Stop
from contracts.topic import RAW_MAX_BYTES

STDIN = "-"
BOM = b"\xef\xbb\xbf"
CHUNK_BYTES = 131_072
TELL_EVERY_BYTES = 1_048_576
MAX_LINE_BYTES = RAW_MAX_BYTES
"""What the raw topics take; a line above it is cut and rejected."""
Progress = Callable[[int, int | None], None]
"""Told the bytes read of the (compressed) file, and its size where it is known."""
_BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, OSError, ValueError)


class Line(NamedTuple):
    """A line without its newline, or the ``part`` of it that is one record; ``fault`` says why it is not whole."""

    number: int
    data: bytes
    fault: Rejected | None = None
    part: int = 0


class Readable(Protocol):
    """As much of a stream as is needed."""

    def read1(self, size: int = -1, /) -> bytes:
        """Read what one read gives, at most ``size`` bytes; nothing at the end."""
        ...


def source_name(path: str) -> str:
    """Name of a file without its folder, so that ids do not depend on where it lies."""
    return "stdin" if path == STDIN else Path(path).name


@contextmanager
def open_lines(
    path: str, *, progress: Progress | None = None, max_line_bytes: int = MAX_LINE_BYTES
) -> Iterator[Iterator[Line]]:
    """Open a file for reading its lines; raise `Stop` when it cannot be opened."""
    raw, size = _open(path)
    try:
        told = (lambda: progress(raw.tell() if size is not None else 0, size)) if progress else None
        yield lines_of(_decompressed(raw), told=told, max_line_bytes=max_line_bytes)
    finally:
        if path != STDIN:
            raw.close()


def lines_of(
    stream: Readable, *, told: Callable[[], None] | None = None, max_line_bytes: int = MAX_LINE_BYTES
) -> Iterator[Line]:
    """Yield lines; memory is bounded by the longest line taken, whatever the stream holds.

    A longer line is yielded cut, with a fault that says how much was skipped. When the stream breaks, what
    was read of the line it breaks in is yielded with a fault, and that is the end.
    """
    number, rest, skipped, unsaid = 1, b"", 0, 0
    while True:
        chunk, broken = _next_chunk(stream)
        unsaid += len(chunk)
        if told and (unsaid >= TELL_EVERY_BYTES or not chunk):
            told()
            unsaid = 0
        *whole, last = chunk.split(b"\n")
        for part in whole:
            yield _line(number, rest + part, skipped, max_line_bytes)
            number, rest, skipped = number + 1, b"", 0
        rest += last
        if len(rest) > max_line_bytes:
            skipped += len(rest) - max_line_bytes
            rest = rest[:max_line_bytes]
        if broken:
            yield Line(number, rest, Rejected("damaged_file", f"{broken}; it was read up to line {number}"))
            return
        if not chunk:
            if rest:
                yield _line(number, rest, skipped, max_line_bytes)
            return


def _line(number: int, data: bytes, skipped: int, limit: int) -> Line:
    skipped += max(0, len(data) - limit)
    data = data.removeprefix(BOM) if number == 1 else data
    if not skipped:
        return Line(number, data)
    fault = Rejected("line_too_long", f"at most {limit} bytes are taken, {skipped} more were left out")
    return Line(number, data[:limit], fault)


def _next_chunk(stream: Readable) -> tuple[bytes, str]:
    try:
        return stream.read1(CHUNK_BYTES), ""
    except EOFError:
        return b"", "the compressed file ends too early"
    except _BROKEN as error:
        return b"", f"the file cannot be read on ({type(error).__name__})"


def _open(path: str) -> tuple[io.BufferedReader, int | None]:
    if path == STDIN:
        return cast("io.BufferedReader", sys.stdin.buffer), None
    file = Path(path)
    try:
        return file.open("rb"), file.stat().st_size
    except OSError as error:
        raise Stop(f"cannot read {path}: {error.strerror}", fix="check the path and its permissions") from None


def _decompressed(raw: io.BufferedReader) -> Readable:
    start = raw.peek(6)
    for magic, opened in _FORMATS:
        if start.startswith(magic):
            return opened(raw)
    return raw


def _gunzipped(raw: BinaryIO) -> Readable:
    return gzip.GzipFile(fileobj=raw)


_FORMATS: tuple[tuple[bytes, Callable[[BinaryIO], Readable]], ...] = (
    (b"\x1f\x8b", _gunzipped),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\x00", lzma.LZMAFile),
)
