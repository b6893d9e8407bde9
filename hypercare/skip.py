"""Move a stage's group past a record that stops it; the record is kept as a dead letter first.

The order makes a crash harmless: a dead letter without the move means one more copy when it is tried again, and
the broker itself refuses the move while the group has a member.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contracts.dead_letters import DeadLetter
from contracts.errors import Rejected, Stop
from contracts.topic import DEAD_LETTER_SUFFIX
from hypercare.byte_writer import ByteWriter
from hypercare.consumer_groups import ConsumerGroups, check_at_rest, members_after
from hypercare.flow import READS, group_of
from hypercare.topic_reader import Found, Partition, Place, TopicReader
from processors.runtime.dead_letters import letter

SKIPPED = "skipped_by_person"
ALONG = "skipped_along"
"""Reason of the records before it that went the same way, for they share a run; good ones, to be replayed."""
MAX_RECORDS = 10_000


@dataclass(frozen=True, slots=True)
class SkipReport:
    """What was done: ``kept`` are the places of the dead letters, ``goes_on_at`` is the group's new offset."""

    stage: str
    group: str
    place: str
    first: int
    kept: list[str]
    goes_on_at: int


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for: ``first`` is where to begin when records before ``place`` are to go along."""

    stage: str
    place: Place
    first: int | None = None


def check_wish(wish: Wish, prefix: str) -> None:
    """Raise `Stop` unless the stage reads that topic and the range is one."""
    if wish.stage not in READS:
        raise Stop(f"There is no stage {wish.stage!r}.", fix=f"choose one of {', '.join(READS)}", exit_code=2)
    topics = [prefix + topic.name for topic in READS[wish.stage]]
    if wish.place.topic not in topics:
        raise Stop(f"{wish.stage} does not read {wish.place.topic}.", fix=f"it reads {', '.join(topics)}", exit_code=2)
    if wish.first is not None and not 0 <= wish.place.offset - wish.first < MAX_RECORDS:
        raise Stop(
            f"--from {wish.first} is after the record, or more than {MAX_RECORDS:,} before it.",
            fix="leave it out, or give the offset at which the group stands",
            exit_code=2,
        )


def check_position(wish: Wish, next_offset: int, members: int) -> None:
    """Raise `Stop` unless the group is empty and reads the wished record next."""
    place, first = wish.place, wish.place.offset if wish.first is None else wish.first
    check_at_rest(wish.stage, members)
    if next_offset > place.offset:
        raise Stop(
            f"{wish.stage} is past {place} already: it stands at offset {next_offset} of that partition.",
            fix="`hypercare status` tells how it is doing",
        )
    if next_offset != first:
        raise Stop(
            f"{wish.stage} stands at offset {next_offset} of {place.topic}/{place.partition}, not at {first}; "
            f"what lies between is not known to be done.",
            fix=f"to keep those as dead letters too, add `--from {next_offset}`, and bring them back afterwards with "
            f"`hypercare dlq replay --reason {ALONG}`",
        )


def letter_of(record: Found, wish: Wish, prefix: str) -> DeadLetter:
    """The dead letter of a record that is passed over, as the stage itself would have kept it."""
    itself = record.offset == wish.place.offset
    detail = "passed over by hand" if itself else f"passed over by hand together with offset {wish.place.offset}"
    if record.headers_unreadable:
        detail += "; its headers cannot be read and are not kept"
    topics = {prefix + topic.name: topic for topic in READS[wish.stage]}
    return letter(record, Rejected(SKIPPED if itself else ALONG, detail), wish.stage, topics)


def skip(
    bootstrap: str, wish: Wish, *, prefix: str = "", patience_s: float = 0, say: Callable[[str], None]
) -> SkipReport:
    """Do it; wait up to ``patience_s`` for the broker to forget the members of a stage that has ended."""
    check_wish(wish, prefix)
    partition: Partition = (wish.place.topic, wish.place.partition)
    groups = ConsumerGroups(bootstrap)
    group = group_of(wish.stage, prefix)
    with TopicReader(bootstrap) as reader:
        if partition not in reader.partitions(wish.place.topic):
            raise Stop(f"There is no partition {partition[1]} of {partition[0]}.", fix="see `hypercare status`")
        members = members_after(groups, group, patience_s, say)
        low, high = reader.span(partition)
        stands_at = max(low, groups.committed(group, partition) or low)
        records = list(reader.read({partition: stands_at}, {partition: min(high, wish.place.offset + 1)}))
    check_position(wish, records[0].offset if records else stands_at, members)
    if not records or records[-1].offset != wish.place.offset:
        raise Stop(
            f"There is no record at {wish.place}; that partition ends before offset {high}.",
            fix="take the offset that the stage's log names",
        )
    kept = _keep(bootstrap, records, wish, prefix)
    try:
        groups.commit(group, partition, wish.place.offset + 1)
    except Stop as stop:
        raise Stop(f"The record is kept. {stop.problem}", fix=f"{stop.fix}; one more copy is kept then") from stop
    return SkipReport(wish.stage, group, str(wish.place), records[0].offset, kept, wish.place.offset + 1)


def _keep(bootstrap: str, records: Sequence[Found], wish: Wish, prefix: str) -> list[str]:
    """Copy the records to the dead letters, and be sure of it; dead letters themselves are kept already."""
    if wish.place.topic.endswith(DEAD_LETTER_SUFFIX):
        return [str(record.place) for record in records]
    kept: list[str] = []
    refused: list[str] = []

    def then(place: str, error: str) -> None:
        (kept if place else refused).append(place or error)

    writer = ByteWriter(bootstrap)
    for record in records:
        target = wish.place.topic + DEAD_LETTER_SUFFIX
        writer.write(target, record.key, record.value, letter_of(record, wish, prefix).message_headers(), then)
    writer.flush()
    if refused:
        raise Stop(
            f"Not skipped: {len(refused)} record(s) could not be kept as dead letters: {refused[0]}.",
            fix=f"raise max.message.bytes of {wish.place.topic}{DEAD_LETTER_SUFFIX} if it is too small, then try again",
        )
    return kept
