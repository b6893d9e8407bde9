"""Read dead letters back from Kafka."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from contracts.dead_letters import described
from contracts.errors import Stop, Unavailable
from contracts.topics import DEAD_LETTERS

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter where it lies; ``at_ms`` is Kafka's time of it."""

    place: str
    at_ms: int
    said: Mapping[str, str]
    value: bytes | None

    def shown(self) -> dict[str, object]:
        """All but the bytes."""
        return {"place": self.place, **self.said, "bytes": len(self.value or b"")}


def newest(bootstrap: str, *, limit: int, prefix: str = "") -> list[Letter]:
    """The newest dead letters of all topics, newest first."""
    consumer = _consumer(bootstrap)
    try:
        found = consumer.list_topics(timeout=TIMEOUT_S).topics
        letters: list[Letter] = []
        for topic in (prefix + topic.name for topic in DEAD_LETTERS):
            for number in found[topic].partitions if topic in found else ():
                low, high = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=TIMEOUT_S)
                letters += _read(consumer, topic, number, max(low, high - limit), high)
    except KafkaException as error:
        raise Unavailable(f"Kafka at {bootstrap} does not answer: {error.args[0].str()}") from error
    finally:
        consumer.close()
    return sorted(letters, key=lambda letter: -letter.at_ms)[:limit]


def one(bootstrap: str, place: str) -> Letter:
    """The dead letter at ``topic/partition/offset``."""
    topic, _, rest = place.partition("/")
    number, _, offset = rest.partition("/")
    if not (topic and number.isdigit() and offset.isdigit()):
        raise Stop(
            f"{place!r} is no place.",
            fix="write TOPIC/PARTITION/OFFSET, as `hypercare dlq ls` prints it",
            exit_code=2,
        )
    consumer = _consumer(bootstrap)
    try:
        letters = _read(consumer, topic, int(number), int(offset), int(offset) + 1)
    except KafkaException as error:
        raise Stop(f"{place} cannot be read: {error.args[0].str()}", fix="see `hypercare dlq ls`") from error
    finally:
        consumer.close()
    if not letters:
        raise Stop(f"There is nothing at {place}.", fix="see `hypercare dlq ls`")
    return letters[0]


def _consumer(bootstrap: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"hypercare-look-{uuid.uuid4()}",  # never commits, so no group is left behind
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
    )


def _read(consumer: Consumer, topic: str, number: int, start: int, end: int) -> list[Letter]:
    if start >= end:
        return []
    consumer.assign([TopicPartition(topic, number, start)])
    letters: list[Letter] = []
    while True:
        message = consumer.poll(TIMEOUT_S)
        if message is None or message.error() is not None:
            return letters
        letters.append(_letter(message))
        if (message.offset() or 0) >= end - 1:
            return letters


def _letter(message: Message) -> Letter:
    headers = message.headers()
    pairs = list(headers.items()) if isinstance(headers, dict) else headers or []
    said = described([(name, value if isinstance(value, bytes) else None) for name, value in pairs])
    place = f"{message.topic()}/{message.partition()}/{message.offset()}"
    return Letter(place, message.timestamp()[1], said, message.value())
