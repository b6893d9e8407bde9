"""Writes what a stage could not process to its dead-letter topic, and does not go on before it is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import structlog

from contracts.dead_letters import GAP, DeadLetter
from contracts.errors import Rejected, Stop
from contracts.limits import MAX_EVENT_BYTES
from contracts.personal_data import mask_line
from contracts.topic import DEAD_LETTER_SUFFIX, Topic
from processors.runtime import metrics
from processors.runtime.ending import EXIT_PERSON
from processors.runtime.kafka_writer import KafkaWriter
from processors.runtime.records import PlainRecord, Record, Run
from processors.runtime.stage import Outgoing, Refusal, size_of

log = structlog.get_logger()


class DeadLetters:
    """The dead letters of one stage; ``topics`` are those it reads, by their names in Kafka."""

    def __init__(self, writer: KafkaWriter, *, stage: str, topics: Mapping[str, Topic]) -> None:
        self._writer = writer
        self._stage = stage
        self._topics = topics

    async def start(self) -> None:
        """Begin to collect delivery reports."""
        await self._writer.start()

    async def stop(self) -> None:
        """Stop collecting."""
        await self._writer.stop()

    def waiting(self) -> str:
        """Why none can be written at present, or an empty text."""
        return self._writer.waiting()

    async def keep(self, refusals: Sequence[Refusal]) -> None:
        """Write the letters and wait until they are safe; one that fits no topic is kept shortened.

        A record that is a dead letter itself stays where it is.
        """
        letters = {
            id(record): (record, letter(record, why, self._stage, self._topics))
            for record, why in refusals
            if not record.topic.endswith(DEAD_LETTER_SUFFIX)
        }
        too_large = await self._write(letters.values())
        if too_large:
            log.warning("dead_letters_shortened", count=len(too_large))
            lost = await self._write([(record, letters[id(record)][1].fitted()) for record, _ in too_large])
            if lost:
                raise Stop(
                    f"a dead letter does not fit its topic even when shortened: {lost[0][1]}",
                    fix="raise max.message.bytes of the dead-letter topics (`hypercare topics apply`)",
                    exit_code=EXIT_PERSON,
                )
        for _, why in refusals:
            metrics.DEAD_LETTERS.labels(why.reason).inc()

    async def _write(self, letters: Iterable[tuple[Record, DeadLetter]]) -> Sequence[Refusal]:
        return await (await self._writer.submit([(record, outgoing(letter)) for record, letter in letters]))


def letter(record: Record, why: Rejected, stage: str, topics: Mapping[str, Topic]) -> DeadLetter:
    """What is kept of a record that ``stage`` cannot process."""
    topic = topics.get(record.topic)
    return DeadLetter(
        topic=topic.name if topic else record.topic,
        key=record.key,
        value=record.value,
        headers=list(record.headers or ()),
        reason=why.reason,
        detail=mask_line(why.detail)[0],
        stage=stage,
        at=datetime.now(UTC),
        partition=record.partition,
        offset=record.offset,
        origin=_origin(record),
    )


def gap_refusal(run: Run) -> Refusal:
    """What is kept of records that nobody can read any more: where they stood."""
    gap = run.gap
    why = f"offsets {gap.start} to {gap.stop - 1} were deleted before they were read: retention was too short"
    return PlainRecord(None, topic=run.topic, partition=run.partition, offset=gap.start), Rejected(GAP, why)


def outgoing(letter: DeadLetter) -> Outgoing:
    """A letter as it is produced."""
    return Outgoing(letter.topic + DEAD_LETTER_SUFFIX, letter.key, letter.value, letter.message_headers())


def fitting(record: Record, why: Rejected, stage: str, topics: Mapping[str, Topic]) -> Outgoing:
    """A letter to be produced where a refusal comes too late; shortened if it is larger than its source topic takes."""
    whole = letter(record, why, stage, topics)
    topic = topics.get(record.topic)
    limit = topic.max_message_bytes if topic else MAX_EVENT_BYTES
    return outgoing(whole.fitted() if size_of(outgoing(whole)) > limit else whole)


def _origin(record: Record) -> str:
    """CloudEvents source of a record, as far as it says one."""
    said = {name.lower(): value for name, value in record.headers or ()}
    return mask_line((said.get("ce_source") or b"").decode("utf-8", "replace")[:500])[0]
