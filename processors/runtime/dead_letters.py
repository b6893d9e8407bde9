"""Writes what a stage could not process to its dead-letter topic, and does not go on before it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import structlog

from contracts.dead_letters import DeadLetter
from contracts.errors import Rejected, Stop
from contracts.topics import DEAD_LETTER_SUFFIX
from processors.runtime import metrics
from processors.runtime.ending import EXIT_PERSON
from processors.runtime.kafka_writer import KafkaWriter
from processors.runtime.records import Record
from processors.runtime.stage import Outgoing, Refusal

log = structlog.get_logger()


class DeadLetters:
    """The dead letters of one stage; ``names`` maps topics as Kafka has them to their names without prefix."""

    def __init__(self, writer: KafkaWriter, *, stage: str, names: Mapping[str, str]) -> None:
        self._writer = writer
        self._stage = stage
        self._names = names

    async def start(self) -> None:
        """Begin to collect delivery reports."""
        await self._writer.start()

    async def stop(self) -> None:
        """Stop collecting."""
        await self._writer.stop()

    async def keep(self, refusals: Sequence[Refusal]) -> None:
        """Write the letters and wait until they are safe; one that fits no topic is kept shortened.

        A record that is a dead letter itself stays where it is.
        """
        letters = {id(record): self._letter(record, why) for record, why in refusals if not _is_dead_letter(record)}
        records = {id(record): record for record, _ in refusals}
        too_large = await self._write([(records[key], letter) for key, letter in letters.items()])
        if too_large:
            log.warning("dead_letters_shortened", count=len(too_large))
            lost = await self._write([(record, letters[id(record)].fitted()) for record, _ in too_large])
            if lost:
                raise Stop(
                    f"a dead letter does not fit its topic even when shortened: {lost[0][1]}",
                    fix="raise max.message.bytes of the dead-letter topics (`hypercare topics apply`)",
                    exit_code=EXIT_PERSON,
                )
        for _, why in refusals:
            metrics.DEAD_LETTERS.labels(why.reason).inc()

    async def _write(self, letters: Sequence[tuple[Record, DeadLetter]]) -> Sequence[Refusal]:
        return await (await self._writer.submit([(record, _outgoing(letter)) for record, letter in letters]))

    def _letter(self, record: Record, why: Rejected) -> DeadLetter:
        return DeadLetter(
            topic=self._names.get(record.topic, record.topic),
            key=record.key,
            value=record.value,
            headers=list(record.headers or ()),
            reason=why.reason,
            detail=why.detail,
            stage=self._stage,
            at=datetime.now(UTC),
            partition=record.partition,
            offset=record.offset,
            origin=_origin(record),
        )


def _outgoing(letter: DeadLetter) -> Outgoing:
    return Outgoing(letter.topic + DEAD_LETTER_SUFFIX, letter.key, letter.value, letter.message_headers())


def _is_dead_letter(record: Record) -> bool:
    return record.topic.endswith(DEAD_LETTER_SUFFIX)


def _origin(record: Record) -> str:
    """CloudEvents source of a record, as far as it says one."""
    said = {name.lower(): value for name, value in record.headers or ()}
    return (said.get("ce_source") or b"").decode("utf-8", "replace")[:500]
