"""Find dead letters in Kafka: by topic, reason, stage and time, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.dead_letters import described
from contracts.errors import Stop
from contracts.topic import DEAD_LETTER_SUFFIX
from contracts.topics import DEAD_LETTERS
from hypercare.topic_reader import Found, Partition, Place, TopicReader, place_of

MAX_SCANNED = 20_000
"""Records of one partition that are looked at, the newest: what a person waits for."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter where it lies, without its bytes; ``at_ms`` is Kafka's time of it."""

    place: Place
    at_ms: int
    said: Mapping[str, str]
    size: int

    def shown(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {"place": str(self.place), **self.said, "bytes": self.size}


@dataclass(frozen=True, slots=True)
class Which:
    """Which dead letters are meant; what is left empty does not matter. ``topic`` is that of either side."""

    topic: str = ""
    reason: str = ""
    stage: str = ""
    since_ms: int = 0
    limit: int = 20

    @property
    def anything(self) -> bool:
        """Whether nothing was said but how many."""
        return not (self.topic or self.reason or self.stage or self.since_ms)

    def takes(self, letter: Letter) -> bool:
        """Whether this letter is meant."""
        return (
            (not self.reason or letter.said.get("reason") == self.reason)
            and (not self.stage or letter.said.get("stage") == self.stage)
            and letter.at_ms >= self.since_ms
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """Letters, newest first; ``cut`` says that older ones were not looked at, ``more`` that the limit left some out."""

    letters: list[Letter]
    cut: bool
    more: bool


def topics_of(which: Which, prefix: str) -> list[str]:
    """The dead-letter topics that may hold what is meant; raise `Stop` when the named one does not exist."""
    every = [prefix + topic.name for topic in DEAD_LETTERS]
    if not which.topic:
        return every
    wanted = which.topic.removeprefix(prefix).removesuffix(DEAD_LETTER_SUFFIX) + DEAD_LETTER_SUFFIX
    if prefix + wanted not in every:
        raise Stop(
            f"There is no topic {which.topic} with dead letters.", fix=f"choose from {', '.join(every)}", exit_code=2
        )
    return [prefix + wanted]


def find(reader: TopicReader, which: Which, *, prefix: str = "") -> Listing:
    """The newest dead letters that are meant."""
    partitions = reader.partitions(*topics_of(which, prefix))
    spans = {part: reader.span(part) for part in partitions}
    scan = which.limit if which.anything else MAX_SCANNED
    starts = {part: max(low, high - scan) for part, (low, high) in spans.items()}
    cut = any(start > spans[part][0] for part, start in starts.items())
    if which.since_ms:
        later = reader.offsets_at(partitions, which.since_ms)
        cut = any(later.get(part, spans[part][1]) < start for part, start in starts.items())
        starts = {part: max(start, later.get(part, spans[part][1])) for part, start in starts.items()}
    ends = {part: high for part, (_, high) in spans.items()}
    letters, found = _newest(reader, starts, ends, which)
    return Listing(letters, cut and not which.anything, found > len(letters) or (cut and which.anything))


def count(bootstrap: str, *, prefix: str = "") -> int:
    """How many dead letters there are; of very many, how many offsets they take, which is about as many.

    What a stage writes in transactions takes an offset for each of these, too, so few letters are read and counted.
    """
    with TopicReader(bootstrap) as reader:
        spans = {part: reader.span(part) for part in reader.partitions(*topics_of(Which(), prefix))}
        offsets = sum(high - low for low, high in spans.values())
        if not 0 < offsets <= MAX_SCANNED:
            return offsets
        starts, ends = ({part: span[side] for part, span in spans.items()} for side in (0, 1))
        return sum(1 for _ in reader.read(starts, ends))


def one(reader: TopicReader, place: str) -> tuple[Letter, Found]:
    """The dead letter at ``topic/partition/offset``, and the record itself."""
    where = place_of(place)
    part = (where.topic, where.partition)
    if not where.topic.endswith(DEAD_LETTER_SUFFIX):
        raise Stop(f"{where.topic} is no topic of dead letters.", fix="see `hypercare dlq ls`, or `hypercare tap`")
    if part in reader.partitions(where.topic):
        low, high = reader.span(part)
        if low <= where.offset < high:
            for record in reader.read({part: where.offset}, {part: where.offset + 1}):
                return letter_of(record), record
    raise Stop(f"There is nothing at {place}.", fix="see `hypercare dlq ls`")


def letter_of(record: Found) -> Letter:
    """What a record says about itself as a dead letter."""
    return Letter(record.place, record.timestamp, described(record.headers), len(record.value or b""))


def _newest(
    reader: TopicReader, starts: Mapping[Partition, int], ends: Mapping[Partition, int], which: Which
) -> tuple[list[Letter], int]:
    letters: list[Letter] = []
    found = 0
    for record in reader.read(starts, ends):
        letter = letter_of(record)
        if which.takes(letter):
            letters.append(letter)
            found += 1
        if len(letters) > 4 * which.limit + 1_000:
            letters = _sorted(letters)[: which.limit]
    return _sorted(letters)[: which.limit], found


def _sorted(letters: list[Letter]) -> list[Letter]:
    return sorted(letters, key=lambda letter: (-letter.at_ms, str(letter.place)))
