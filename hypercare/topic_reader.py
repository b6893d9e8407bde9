"""Look into topics without leaving a trace there: assigned partitions, no group, nothing committed.

Reads what is committed only, as the stages do; everything it is asked for has an end, except `follow`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import methodcaller
from types import TracebackType
from typing import Self

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from contracts.errors import Stop, Unavailable
from hypercare.kafka_answers import answering
from processors.runtime.records import PlainRecord

TIMEOUT_S = 15.0
IDLE_S = 0.25
Partition = tuple[str, int]
_CALL_HEADERS = methodcaller("headers")
"""For a name that is not UTF-8 the client returns a list with holes and an error pending. Called from C, as here, that
becomes a `SystemError`; a call that the interpreter has specialised hands the list out, and reading it crashes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies; written ``topic/partition/offset``."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Found(PlainRecord):
    """A record with its place; the client cannot read a header whose name is not UTF-8, and then gives none."""

    headers_unreadable: bool = False

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.topic, self.partition, self.offset)


def place_of(text: str) -> Place:
    """Read ``topic/partition/offset``; raise `Stop` when it is not one."""
    topic, _, rest = text.partition("/")
    number, _, offset = rest.partition("/")
    if not (topic and number.isdecimal() and offset.isdecimal() and len(number) < 10 and len(offset) < 19):  # noqa: PLR2004 - what Kafka's integers hold
        raise Stop(
            f"{text!r} is no place.", fix="write TOPIC/PARTITION/OFFSET, as `hypercare dlq ls` prints it", exit_code=2
        )
    return Place(topic, int(number), int(offset))


class TopicReader:
    """A consumer that belongs to no group; every method raises `Unavailable` when the broker does not answer."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": f"hypercare-look-{uuid.uuid4()}",  # the client wants one; never used, so never known
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "queued.max.messages.kbytes": 16_384,
                "fetch.queue.backoff.ms": 10,  # else it rests for a second whenever so much is queued
                "log_level": 0,
            }
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()

    def partitions(self, *topics: str) -> list[Partition]:
        """Every partition of those topics that exist."""
        with answering(self._bootstrap):
            found = self._consumer.list_topics(timeout=TIMEOUT_S).topics
        return [(topic, number) for topic in topics if topic in found for number in sorted(found[topic].partitions)]

    def topics(self) -> list[str]:
        """Names of all topics but Kafka's own."""
        with answering(self._bootstrap):
            found = self._consumer.list_topics(timeout=TIMEOUT_S).topics
        return sorted(name for name in found if not name.startswith("__"))

    def span(self, partition: Partition) -> tuple[int, int]:
        """First offset that is kept, and the offset after the last that may be read."""
        with answering(self._bootstrap):
            low, high = self._consumer.get_watermark_offsets(TopicPartition(*partition), timeout=TIMEOUT_S)
            return low, high

    def offsets_at(self, partitions: list[Partition], at_ms: int) -> dict[Partition, int]:
        """Offset of the first record of each partition with that Kafka time or a later one; left out if none."""
        if not partitions:
            return {}
        asked = [TopicPartition(topic, number, at_ms) for topic, number in partitions]
        with answering(self._bootstrap):
            found = self._consumer.offsets_for_times(asked, timeout=TIMEOUT_S)
        return {(place.topic, place.partition): place.offset for place in found if place.offset >= 0}

    def read(self, starts: Mapping[Partition, int], ends: Mapping[Partition, int] | None = None) -> Iterator[Found]:
        """Records from each start to its end, or to what is there now; in order within a partition only."""
        ends = ends or {}
        left = {part for part, start in starts.items() if part not in ends or start < ends[part]}
        if not left:
            return
        self._assign({part: starts[part] for part in left})
        while left:
            message = self._poll(TIMEOUT_S)
            if message is None:
                raise Unavailable(f"Kafka at {self._bootstrap} stopped answering while a topic was read")
            part = (message.topic() or "", _number(message.partition()))
            if message.error() is not None:
                left.discard(part)
                continue
            end = ends.get(part)
            record = _found(message)
            if part in left and (end is None or record.offset < end):
                yield record
            if end is not None and record.offset >= end - 1:
                left.discard(part)

    def follow(self, starts: Mapping[Partition, int]) -> Iterator[Found | None]:
        """Records from each start and whatever comes, for ever; None while there is nothing new."""
        self._assign(starts)
        while True:
            message = self._poll(IDLE_S)
            if message is None:
                yield None
            elif message.error() is None:
                yield _found(message)

    def _assign(self, starts: Mapping[Partition, int]) -> None:
        with answering(self._bootstrap):
            self._consumer.assign([TopicPartition(topic, number, start) for (topic, number), start in starts.items()])

    def _poll(self, timeout_s: float) -> Message | None:
        with answering(self._bootstrap):
            message = self._consumer.poll(timeout_s)
            error = message.error() if message is not None else None
            if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
                raise KafkaException(error)
            return message


def _found(message: Message) -> Found:
    headers, unreadable = _headers(message)
    return Found(
        value=_raw(message.value()),
        key=_raw(message.key()),
        headers=headers,
        topic=message.topic() or "",
        partition=_number(message.partition()),
        offset=_number(message.offset()),
        timestamp=message.timestamp()[1],
        headers_unreadable=unreadable,
    )


def _headers(message: Message) -> tuple[tuple[tuple[str, bytes | None], ...], bool]:
    """Headers, and whether they cannot be read because the name of one is not UTF-8."""
    try:
        found = _CALL_HEADERS(message) or []
    except SystemError:
        return (), True
    pairs = list(found.items()) if isinstance(found, dict) else found
    return tuple((name, _raw(value)) for name, value in pairs), False


def _raw(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


def _number(value: int | None) -> int:
    return -1 if value is None else value
