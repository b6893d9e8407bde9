"""Bytes of a file at a place, plain or packed, whatever becomes of its name."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol

from contracts.errors import Rejected
from producers.ship.heads import Mark

Key = tuple[int, int]
"""Device and inode."""
_BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, OSError, ValueError)


class Unpacking(Protocol):
    """What unpacks a file."""

    def read1(self, size: int = -1, /) -> bytes:
        """Some bytes; none at the end."""
        ...


Unpacker = Callable[[BinaryIO], Unpacking]


def _gunzipped(file: BinaryIO) -> Unpacking:
    return gzip.GzipFile(fileobj=file)


_PACKED: tuple[tuple[bytes, Unpacker], ...] = (
    (b"\x1f\x8b", _gunzipped),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\x00", lzma.LZMAFile),
)


class Source(Protocol):
    """A file that is open."""

    @property
    def key(self) -> Key:
        """Device and inode."""
        ...

    @property
    def packed(self) -> bool:
        """Whether it is packed: such a file does not grow."""
        ...

    def read(self, size: int, at: int) -> bytes:
        """At most ``size`` bytes from byte ``at`` of what is in it; raise `Rejected` where it is damaged."""
        ...

    def size(self) -> int:
        """Bytes in it now; of a packed file those of the file itself."""
        ...

    def written_at(self) -> float:
        """When it was last written to, by its file system, in seconds since 1970."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class PlainFile:
    """A file as it lies there."""

    packed = False

    def __init__(self, path: str) -> None:
        self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        found = os.fstat(self._handle)
        self.key = (found.st_dev, found.st_ino)

    def read(self, size: int, at: int) -> bytes:
        """At most ``size`` bytes; fewer at the end."""
        return os.pread(self._handle, size, at)

    def size(self) -> int:
        """Bytes in it now."""
        return os.fstat(self._handle).st_size

    def written_at(self) -> float:
        """When it was last written to."""
        return os.fstat(self._handle).st_mtime

    def close(self) -> None:
        """Close it."""
        os.close(self._handle)


class PackedFile:
    """A file packed with gzip, bzip2 or xz, read forwards; what was read last is kept, for a line may end in it."""

    packed = True

    def __init__(self, path: str, opened: Unpacker) -> None:
        self._raw = Path(path).open("rb")  # noqa: SIM115 - closed with the source
        self._opened = opened
        found = os.fstat(self._raw.fileno())
        self.key = (found.st_dev, found.st_ino)
        self._stream = opened(self._raw)
        self._kept, self._kept_at = b"", 0
        self._damage = ""

    def read(self, size: int, at: int) -> bytes:
        """At most ``size`` bytes of what is packed; a place before the last one is reached by reading anew."""
        if at < self._kept_at:
            self._raw.seek(0)
            self._stream = self._opened(self._raw)
            self._kept, self._kept_at, self._damage = b"", 0, ""
        while self._kept_at + len(self._kept) < at + size:
            more = self._more()
            if not more:
                break
            skipped = max(0, min(at - self._kept_at, len(self._kept)))
            self._kept = self._kept[skipped:] + more
            self._kept_at += skipped
        found = self._kept[max(0, at - self._kept_at) : at - self._kept_at + size]
        if not found and self._damage:
            raise Rejected("damaged_file", self._damage)
        return found

    def size(self) -> int:
        """Bytes of the packed file."""
        return os.fstat(self._raw.fileno()).st_size

    def written_at(self) -> float:
        """When it was last written to."""
        return os.fstat(self._raw.fileno()).st_mtime

    def close(self) -> None:
        """Close it."""
        self._raw.close()

    def _more(self) -> bytes:
        if self._damage:
            return b""
        try:
            return self._stream.read1(131_072)
        except _BROKEN as error:
            self._damage = f"the packed file ends too early or is broken ({type(error).__name__})"
            return b""


def open_source(path: str) -> Source:
    """Open a file, told by its first bytes; raise `OSError` when it cannot be."""
    plain = PlainFile(path)
    start = plain.read(6, 0)
    for magic, opened in _PACKED:
        if start.startswith(magic):
            plain.close()
            return PackedFile(path, opened)
    return plain


def stands_at(source: Source, mark: Mark, place: int) -> bool:
    """Whether the bytes before a place are those of a mark; raise `Rejected` where the file is damaged before it."""
    return not mark.size or mark.fits(source.read(mark.size, place - mark.size))
