"""Into and out of the real engines: what tests produce, and everything that a topic or an index holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from hypercare.engines.engine import Endpoints
from sinks.elasticsearch.access import Access


def produce(endpoints: Endpoints, topic: str, values: Iterator[bytes]) -> None:
    producer = Producer({"bootstrap.servers": endpoints.kafka, "linger.ms": 5, "enable.idempotence": True})
    for value in values:
        while True:
            try:
                producer.produce(topic, value)
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    assert producer.flush(60) == 0


def read_topic(endpoints: Endpoints, topic: str) -> list[Any]:
    """Every committed record of a topic, as confluent-kafka messages.

    A transaction is confirmed a moment before its markers are in all partitions: until then they seem to end before it.
    """
    ends = _ends(endpoints, topic)
    consumer = Consumer(
        {"bootstrap.servers": endpoints.kafka, "group.id": "ledger", "enable.partition.eof": True, "log_level": 0}
    )
    try:
        consumer.assign([TopicPartition(topic, number, 0) for number in ends])
        found, ended, seen = [], set[int](), set[int]()
        while len(ended) < len(ends):
            message = consumer.poll(30)
            if message is None:
                assert len(seen) == len(ends), f"{topic} cannot be read"
                break  # a transaction that nobody ends
            if message.error():
                number, offset = message.partition() or 0, message.offset() or 0
                seen.add(number)
                if offset >= ends[number]:
                    ended.add(number)
            else:
                found.append(message)
        return found
    finally:
        consumer.close()


def _ends(endpoints: Endpoints, topic: str) -> dict[int, int]:
    """Where each partition ends, whether or not what stands there is committed."""
    consumer = Consumer(
        {
            "bootstrap.servers": endpoints.kafka,
            "group.id": "ledger",
            "isolation.level": "read_uncommitted",
            "log_level": 0,
        }
    )
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        return {n: consumer.get_watermark_offsets(TopicPartition(topic, n), timeout=10)[1] for n in partitions}
    finally:
        consumer.close()


def documents(endpoints: Endpoints, index: str) -> list[dict[str, Any]]:
    """Every document of an index pattern, with its ``_id``."""
    client = Access(endpoints.elasticsearch).client()
    try:
        client.indices.refresh(index=index)
        found: list[dict[str, Any]] = []
        after: list[Any] | None = None
        while True:
            page = client.search(
                index=index, size=5_000, sort=[{"event.id": "asc"}, {"_doc": "asc"}], search_after=after, source=True
            )["hits"]["hits"]
            if not page:
                return found
            found += page
            after = page[-1]["sort"]
    finally:
        client.close()
