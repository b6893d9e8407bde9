"""What is read of a file at a time: whole lines, and the place where they begin."""

from __future__ import annotations

from dataclasses import dataclass, field

from producers.ship.heads import MARK_BYTES

CHUNK_BYTES = 131_072


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of one file, from byte ``start`` to before ``end``; ``line`` is how many lines came before.

    Of a topic, ``records`` are its values with their offsets, and the places are offsets. With a ``fault`` it is one
    line that cannot be taken as it is, or the end of a damaged file.
    """

    identity: str
    path: str
    data: bytes
    start: int
    end: int
    line: int
    lines: int
    fault: tuple[str, str] | None = None
    records: tuple[tuple[int, bytes | None], ...] = ()


@dataclass(slots=True)
class Progress:
    """How far a file was read, and how far all of it is known to be in Kafka.

    ``before_read`` and ``before_confirmed`` are the last bytes before these places, as far as they are at hand.
    """

    read: int
    read_lines: int
    confirmed: int
    confirmed_lines: int
    before_read: bytes = b""
    before_confirmed: bytes = b""
    _under_way: list[Block] = field(default_factory=list)
    _done: set[int] = field(default_factory=set)

    def taken(self, block: Block) -> None:
        """A block was read and is on its way."""
        self.read, self.read_lines = block.end, block.line + block.lines
        self.before_read = _grown(self.before_read, block)
        self._under_way.append(block)

    def done(self, block: Block) -> bool:
        """All of a block is in Kafka; tell whether the confirmed place moved, which it does in order only."""
        self._done.add(block.start)
        moved = False
        while self._under_way and self._under_way[0].start in self._done:
            first = self._under_way.pop(0)
            self._done.discard(first.start)
            self.confirmed, self.confirmed_lines, moved = first.end, first.line + first.lines, True
            self.before_confirmed = _grown(self.before_confirmed, first)
        return moved

    def rewind(self) -> None:
        """Read again from the confirmed place."""
        self.read, self.read_lines, self.before_read = self.confirmed, self.confirmed_lines, self.before_confirmed
        self._under_way.clear()
        self._done.clear()

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._under_way


def _grown(before: bytes, block: Block) -> bytes:
    """The last bytes once a block came after them; of one that was not kept whole they are not known."""
    return (before + block.data)[-MARK_BYTES:] if len(block.data) == block.end - block.start else b""
