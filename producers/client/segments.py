"""Append-only files of lines, each with the position up to which it is sent."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SUFFIX = ".ndjson"
SENT = ".sent"
PRIVATE = 0o600
READ_BYTES = 4_194_304
"""Read at once; a line is at most a quarter of it."""
_COUNT_BYTES = 1_048_576


@dataclass(slots=True)
class Segment:
    """One file: ``size`` bytes, of which ``sent`` are known to have arrived; ``lines`` are those that are not."""

    path: Path
    size: int
    sent: int
    lines: int
    torn: bool
    handle: int | None = None

    @property
    def done(self) -> bool:
        """Whether nothing of it is left to send."""
        return self.lines == 0 and not self.torn


def created(path: Path) -> Segment:
    """Begin a file that nobody else can read."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
    return Segment(path, 0, 0, 0, torn=False, handle=os.open(path, flags, PRIVATE))


def found(path: Path) -> Segment:
    """Take up a file that a process left; its last line may be torn."""
    size = path.stat().st_size
    sent = min(_position(path), size)
    lines, last = 0, b"\n"
    with path.open("rb") as file:
        file.seek(sent)
        while part := file.read(_COUNT_BYTES):
            lines += part.count(b"\n")
            last = part[-1:]
    return Segment(path, size, sent, lines, torn=last != b"\n")


def append(segment: Segment, line: bytes) -> None:
    """Write one line, or nothing of it; raise `OSError` when the disk takes no more."""
    if segment.handle is None:
        raise OSError(f"{segment.path} is not open for writing")
    written = os.write(segment.handle, line)
    if written != len(line):
        segment.torn = True
        os.ftruncate(segment.handle, segment.size)
        segment.torn = False
        raise OSError(f"only {written} of {len(line)} bytes were written to {segment.path}")
    segment.size += written
    segment.lines += 1


def head(segment: Segment, most: int) -> list[bytes]:
    """Read the first lines that are not sent, each with its line end."""
    with segment.path.open("rb") as file:
        file.seek(segment.sent)
        read = file.read(READ_BYTES)
    return [part + b"\n" for part in read.split(b"\n")[:-1]][:most]


def advance(segment: Segment, lines: list[bytes]) -> None:
    """Remember, also on the disk, that these lines need not be sent again."""
    segment.sent += sum(map(len, lines))
    segment.lines -= len(lines)
    beside = segment.path.with_suffix(SENT + "~")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE)
    try:
        os.write(handle, b"%d\n" % segment.sent)
    finally:
        os.close(handle)
    beside.replace(segment.path.with_suffix(SENT))


def seal(segment: Segment) -> None:
    """Write no more to it."""
    if segment.handle is not None:
        os.close(segment.handle)
        segment.handle = None


def remove(segment: Segment) -> None:
    """Take it and its position away."""
    seal(segment)
    for path in (segment.path, segment.path.with_suffix(SENT), segment.path.with_suffix(SENT + "~")):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _position(path: Path) -> int:
    try:
        return max(0, int(path.with_suffix(SENT).read_bytes()[:20]))
    except (OSError, ValueError):
        return 0
