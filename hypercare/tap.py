"""Watch topics live, without joining a consumer group: whoever watches takes nothing away from a stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contracts.errors import Stop
from hypercare.flow import READS, writes
from hypercare.topic_reader import Found, Partition, TopicReader

MAX_LAST = 10_000
MAX_NAMED = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where to begin, what to show, and when to end; ``count`` 0 and ``follow`` mean never."""

    from_beginning: bool = False
    last: int = 0
    text: str = ""
    count: int = 0
    follow: bool = True


def topics_for(target: str, existing: Sequence[str], prefix: str = "") -> list[str]:
    """Topics that a stage writes, or the topic of that name, long or short; raise `Stop` when there is none."""
    if target in READS:
        topics = [prefix + topic.name for topic in writes(target)]
        if not topics:
            raise Stop(
                f"{target} writes to Elasticsearch only.",
                fix=f"watch what it reads: `hypercare tap {prefix}{READS[target][0].name}`",
            )
        return [topic for topic in topics if topic in existing]
    for name in (target, prefix + target, f"{prefix}hypercare.{target}.v1", f"{prefix}hypercare.{target}"):
        if name in existing:
            return [name]
    known = [name for name in existing if name.startswith(f"{prefix}hypercare.")]
    raise Stop(
        f"There is no topic or stage {target!r}.",
        fix=f"stages: {', '.join(READS)}; topics: {', '.join(known[:MAX_NAMED]) or 'none, see `hypercare up`'}",
        exit_code=2,
    )


def has_text(record: Found, text: str) -> bool:
    """Whether the record says ``text`` anywhere, in whatever case: key, value, or headers."""
    wanted = text.lower().encode()
    parts = [record.key, record.value, *(part for name, value in record.headers for part in (name.encode(), value))]
    return any(wanted in part.lower() for part in parts if part)


def watch(reader: TopicReader, topics: Sequence[str], wanted: Wanted) -> Iterator[Found | None]:
    """Records that are wanted, and None now and then while there are none."""
    shown = 0
    for record in _records(reader, topics, wanted):
        if record is None:
            yield None
        elif not wanted.text or has_text(record, wanted.text):
            yield record
            shown += 1
            if shown == wanted.count:
                return


def _records(reader: TopicReader, topics: Sequence[str], wanted: Wanted) -> Iterator[Found | None]:
    spans = {part: reader.span(part) for part in reader.partitions(*topics)}
    ends = {part: high for part, (_, high) in spans.items()}
    if wanted.from_beginning:
        starts = {part: low for part, (low, _) in spans.items()}
        yield from reader.follow(starts) if wanted.follow else reader.read(starts, ends)
        return
    if wanted.last:
        starts = {part: max(low, high - wanted.last) for part, (low, high) in spans.items()}
        yield from _newest(reader, starts, ends, wanted.last)
    if wanted.follow:
        yield from reader.follow(ends)


def _newest(reader: TopicReader, starts: dict[Partition, int], ends: dict[Partition, int], last: int) -> list[Found]:
    """The newest records of all partitions together, oldest first; never many more than ``last`` are held."""
    held: list[Found] = []
    for record in reader.read(starts, ends):
        held.append(record)
        if len(held) >= 2 * last + 100:
            held = _by_time(held)[-last:]
    return _by_time(held)[-last:]


def _by_time(records: list[Found]) -> list[Found]:
    return sorted(records, key=lambda record: (record.timestamp, record.topic, record.partition, record.offset))
