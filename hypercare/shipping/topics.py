"""Read somebody else's topic, such as a gateway's own Kafka output, from where it was shipped to.

No consumer group is joined: the place of each partition is kept beside those of files, and moves when Kafka has the
events. Ids come from topic, partition and offset, so that what is read again is the same event.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b

from contracts.errors import Stop
from hypercare.topic_reader import Found, Partition, TopicReader
from producers.ship.block import Block, Progress
from producers.ship.locks import Locks
from producers.ship.positions import Position, Positions

MOST_RECORDS = 1_000
MOST_BYTES = 1_048_576
"""Read ahead of a partition at most, whichever comes first."""
LOOK_EVERY_S = 30.0
"""New partitions are rare."""


class TopicTail:
    """One partition: records that were read, and how far all of them are in Kafka as events."""

    def __init__(self, position: Position, follower: TopicFollower) -> None:
        self._position, self._follower = position, follower
        self.progress = Progress(position.offset, position.line, position.offset, position.line)
        self.buffer: deque[Found] = deque()

    @property
    def identity(self) -> str:
        """Name of the position."""
        return self._position.identity

    @property
    def adapter(self) -> str:
        """Format it was last read in."""
        return self._position.adapter

    def position(self, now: float) -> Position:
        """Where it is known to be in Kafka."""
        place = self.progress
        return replace(self._position, offset=place.confirmed, line=place.confirmed_lines, seen_at=now)

    def read_as(self, adapter: str) -> None:
        """Note the format."""
        self._position = replace(self._position, adapter=adapter or self._position.adapter)

    def next_block(self, *, last: bool = False) -> Block | None:  # noqa: ARG002 - a record is always whole
        """Take what was read of it."""
        if not self.buffer:
            self._follower.fill()
        records: list[tuple[int, bytes | None]] = []
        size = 0
        while self.buffer and len(records) < MOST_RECORDS and size < MOST_BYTES:
            found = self.buffer.popleft()
            records.append((found.offset, found.value))
            size += len(found.value or b"")
        if not records:
            return None
        place, path = self.progress, self._position.path
        block = Block(
            path, path, b"", place.read, records[-1][0] + 1, place.read_lines, len(records), None, (*records,)
        )
        place.taken(block)
        return block

    def rewind(self) -> None:
        """Read again whatever is not known to be in Kafka."""
        self.progress.rewind()
        self.buffer.clear()
        self._follower.again()

    def waiting(self) -> int:
        """Whether more is expected, when only what is there is wanted."""
        return len(self.buffer) or int(not self._follower.finished)

    def searching(self) -> bool:
        """Never."""
        return False


class TopicFollower:
    """Every partition of a topic."""

    def __init__(self, topic: str, reader: TopicReader, positions: Positions, locks: Locks, *, once: bool) -> None:
        self._topic, self._reader, self._positions, self._once = topic, reader, positions, once
        locks.take(f"/topic/{topic}")
        self.tails: dict[str, TopicTail] = {}
        self.notices: list[str] = []
        self.finished = not once
        self._stream: Iterator[Found | None] | None = None
        self._looked = 0.0

    def scan(self, now: float) -> None:
        """Look now and then for new partitions."""
        if self.tails and (self._once or now - self._looked < LOOK_EVERY_S):
            return
        self._looked = now
        found = self._reader.partitions(self._topic)
        if not found:
            raise Stop(f"Kafka has no topic {self._topic}.", fix="see `hypercare topics list` for those there are")
        known = self._positions.load()
        for part in found:
            path = _path(part)
            if path not in self.tails:
                self.tails[path] = TopicTail(self._position(part, known), self)
                self.again()

    def is_last(self, tail: TopicTail, now: float) -> bool:  # noqa: ARG002 - a record is always whole
        """A record is always whole."""
        return True

    def again(self) -> None:
        """Begin reading at where each partition stands."""
        self._stream = None

    def fill(self) -> None:
        """Read until a partition has enough, or nothing more comes for now."""
        if any(tail.buffer for tail in self.tails.values()):
            return
        stream = self._stream or self._opened()
        self._stream = stream
        size = 0
        for count, found in enumerate(stream, 1):
            if found is None:
                return
            self.tails[_path((found.topic, found.partition))].buffer.append(found)
            size += len(found.value or b"")
            if count >= MOST_RECORDS or size >= MOST_BYTES:
                return
        self.finished = True

    def close(self) -> None:
        """The reader is closed by whoever opened it."""

    def _opened(self) -> Iterator[Found | None]:
        starts = {_part(path): tail.progress.read for path, tail in self.tails.items()}
        if not self._once:
            return self._reader.follow(starts)
        self.finished = False
        return iter(self._reader.read(starts, {part: self._reader.span(part)[1] for part in starts}))

    def _position(self, part: Partition, known: dict[str, Position]) -> Position:
        path = _path(part)
        identity = blake2b(f"topic\x1f{path}".encode(), digest_size=12).hexdigest()
        low, high = self._reader.span(part)
        position = known.get(identity)
        if position is None:
            return Position(identity, f"topic {part[0]}", path, 0, 0, "", 0, offset=low)
        if position.offset < low:
            self.notices.append(f"{path}: {low - position.offset:,} records were deleted before they were read")
        elif position.offset > high:
            self.notices.append(f"{path}: it was made anew, and is read from its start")
        else:
            return position
        return replace(position, offset=low)


def _path(part: Partition) -> str:
    return f"{part[0]}/{part[1]}"


def _part(path: str) -> Partition:
    topic, _, number = path.rpartition("/")
    return topic, int(number)
