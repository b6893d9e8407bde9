"""One file that is followed: what comes next, and how far all of it is in Kafka."""

from __future__ import annotations

from dataclasses import replace

from contracts.errors import Rejected
from producers.files import MAX_LINE_BYTES
from producers.ship.block import CHUNK_BYTES, Block, Progress
from producers.ship.heads import HEAD_BYTES, Head, Mark, head_of, mark_of
from producers.ship.positions import Position
from producers.ship.source import Key, Source, stands_at


class Tail:
    """A file under its position; without a source it waits for its rest to be found again under another name."""

    def __init__(self, position: Position, source: Source | None) -> None:
        self._position = position
        self.source = source
        self.progress = Progress(position.offset, position.line, position.offset, position.line)
        self.gone_since: float | None = None
        self.cut = False
        """Whether the file was emptied and begun anew; what was not read of the old one may be in a copy."""
        self.ended = False
        self.refused: set[tuple[Key, float, int]] = set()
        """Packed files that are not its rest, as they were: to look again would mean to unpack them again."""
        self._scanned = 0

    @property
    def identity(self) -> str:
        """Name of the file for the ids of its lines."""
        return self._position.identity

    @property
    def key(self) -> Key:
        """Device and inode."""
        return self._position.device, self._position.inode

    @property
    def path(self) -> str:
        """Where it was last seen."""
        return self._position.path

    @property
    def adapter(self) -> str:
        """Format it was last read in."""
        return self._position.adapter

    @property
    def head(self) -> Head:
        """What it is known by."""
        return Head(self._position.head, self._position.head_bytes)

    @property
    def mark(self) -> Mark:
        """What it is known by at the place up to which it was read."""
        return self._mark(self.progress.read, self.progress.before_read)

    def position(self, now: float, *, retired: bool = False) -> Position:
        """Where it is known to be in Kafka."""
        place, mark = self.progress, self._mark(self.progress.confirmed, self.progress.before_confirmed)
        return replace(
            self._position,
            offset=place.confirmed,
            line=place.confirmed_lines,
            retired=retired,
            seen_at=now,
            mark=mark.digest,
            mark_bytes=mark.size,
        )

    def _mark(self, place: int, before: bytes) -> Mark:
        """From what was read in this run, else from what was kept for just this place."""
        if before or place != self._position.offset:
            return mark_of(before)
        return Mark(self._position.mark, self._position.mark_bytes)

    def found(self, path: str) -> None:
        """It is still there, perhaps under another name."""
        self.gone_since = None
        if path != self._position.path:
            self._position = replace(self._position, path=path)

    def read_as(self, adapter: str) -> None:
        """Note the format."""
        if adapter and adapter != self._position.adapter:
            self._position = replace(self._position, adapter=adapter)

    def rebind(self, source: Source, path: str) -> None:
        """Its rest was found in another file."""
        self.lose()
        device, inode = source.key
        self._position = replace(self._position, path=path, device=device, inode=inode)
        self.source, self.cut, self._scanned = source, False, 0

    def lose(self) -> None:
        """Let go of the file."""
        if self.source is not None:
            self.source.close()
            self.source = None

    def rewind(self) -> None:
        """Read again whatever is not known to be in Kafka."""
        self.progress.rewind()
        self._scanned, self.ended = 0, False

    def next_block(self, *, last: bool = False) -> Block | None:
        """Take the whole lines that come next; with ``last`` also one without its newline. None: nothing yet."""
        if self.source is None or self.cut or self.ended:
            return None
        block = self._read(last=last)
        if not self.intact():
            self.cut = True  # what was read may be of the old file or of the new one
            return None
        if block is not None:
            self.progress.taken(block)
        return block

    def searching(self) -> bool:
        """Whether its rest is still looked for."""
        return self.source is None and not self.ended

    def waiting(self) -> int:
        """Bytes after the last newline that was read."""
        return 0 if self.source is None or self.source.packed else self.source.size() - self.progress.read

    def intact(self) -> bool:
        """Whether the file is still the one that was read from: it was not emptied meanwhile, and begun anew."""
        if self.source is None or self.source.packed:
            return True
        if self.source.size() < self.progress.read:
            return False
        start = self.source.read(HEAD_BYTES, 0)
        if not self.head.fits(start) or not stands_at(self.source, self.mark, self.progress.read):
            return False
        if self._position.head_bytes < len(start):
            head = head_of(start)
            self._position = replace(self._position, head=head.digest, head_bytes=head.size)
        return True

    def _read(self, *, last: bool) -> Block | None:
        at, data = self.progress.read, b""
        try:
            data = self._bytes(CHUNK_BYTES, at)
            whole = data.rfind(b"\n") + 1
            if whole:
                return self._block(data[:whole], at + whole)
            if len(data) == CHUNK_BYTES:
                return self._long(at, last=last)
            self._bytes(1, at + len(data))  # nothing is there, or what is there is damaged
        except Rejected as damaged:
            self.ended = True
            return self._block(data, at + len(data), damaged)
        return self._block(data, at + len(data)) if last and data else None

    def _long(self, at: int, *, last: bool) -> Block | None:
        """A line longer than a chunk: look for its end without keeping it, for it may have none yet."""
        place = max(self._scanned, at)
        while chunk := self._bytes(CHUNK_BYTES, place):
            found = chunk.find(b"\n")
            if found >= 0:
                return self._line(at, place + found + 1, place + found)
            place += len(chunk)
        self._scanned = place
        return self._line(at, place, place) if last else None

    def _line(self, at: int, end: int, line_end: int) -> Block:
        self._scanned = 0
        size = line_end - at
        data = self._bytes(min(size, MAX_LINE_BYTES), at)
        if size <= MAX_LINE_BYTES:
            return self._block(data + b"\n"[: end - line_end], end)
        more = size - MAX_LINE_BYTES
        fault = Rejected("line_too_long", f"at most {MAX_LINE_BYTES} bytes are taken, {more} more were left out")
        return self._block(data, end, fault)

    def _block(self, data: bytes, end: int, fault: Rejected | None = None) -> Block:
        place = self.progress
        lines = 1 if fault else data.count(b"\n") + (not data.endswith(b"\n"))
        said = (fault.reason, fault.detail) if fault else None
        return Block(self.identity, self.path, data, place.read, end, place.read_lines, lines, said)

    def _bytes(self, size: int, at: int) -> bytes:
        return self.source.read(size, at) if self.source is not None else b""
