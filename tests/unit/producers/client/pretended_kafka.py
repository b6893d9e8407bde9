"""A broker that can be away, and publishers for it; and one that is known to be true, the mock inside librdkafka."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from confluent_kafka import Consumer, TopicPartition

from contracts.errors import Unavailable
from contracts.event import Event
from contracts.feedback import Feedback
from producers.publisher import Deliveries

AT = datetime(2026, 6, 15, 9, tzinfo=UTC)


@dataclass
class PretendedKafka:
    """What arrived, in order; while ``away`` nothing does."""

    away: bool = False
    arrived: list[Event] = field(default_factory=list)
    made: int = 0
    most_bytes: int = 1 << 30

    @property
    def ids(self) -> list[str]:
        return [event.id for event in self.arrived]

    def publisher(self) -> PretendedPublisher:
        self.made += 1
        return PretendedPublisher(self)


class PretendedPublisher:
    def __init__(self, kafka: PretendedKafka) -> None:
        self.deliveries = Deliveries()
        self._kafka = kafka
        self._held: list[Event] = []

    def publish(self, event: Event, *, backfill: bool = False) -> None:
        assert not backfill
        self._held.append(event)
        self.deliveries.published += 1

    def flush(self, timeout_s: float = 120.0) -> None:
        assert timeout_s > 0
        if self._kafka.away:
            self.deliveries.failed += len(self._held)
            raise Unavailable("away")
        for event in self._held:
            if len(event.encode()) > self._kafka.most_bytes:
                self.deliveries.failed += 1
            else:
                self._kafka.arrived.append(event)
        self._held.clear()
        if self.deliveries.failed:
            raise Unavailable("1 of them was not confirmed: Broker: Message size too large")


def said(name: str, text: str = "Paying fails") -> Feedback:
    return Feedback(id=name, occurred_at=AT, text=text)


def named(count: int, first: int = 0) -> list[str]:
    return [f"f-{number:05d}" for number in range(first, first + count)]


def unique(ids: Iterable[str]) -> list[str]:
    """Each once, where it came first."""
    return list(dict.fromkeys(ids))


def read_all(bootstrap: str, topic: str, wanted: int, read: Callable[[bytes], str]) -> list[str]:
    """What stands in a topic of a true broker, partition by partition."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reads", "enable.partition.eof": False})
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        found: list[str] = []
        while len(found) < wanted and (message := consumer.poll(10)) is not None:
            if message.error() is None:
                found.append(read(message.value() or b""))
        return found
    finally:
        consumer.close()
