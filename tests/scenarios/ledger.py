"""What went in, to be held against what came out."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from hypercare.engines.engine import Endpoints
from sinks.elasticsearch.access import Access

POISON = (
    b"",
    b"not json",
    b'{"id":"x"',
    b"\xff\xfe\x00",
    b'{"id":"x","occurred_at":"2026-06-15T09:00:00","request":{},"response":{"status":200}}',
    b'{"id":"x","request":{},"response":{"status":200}}',
    b"[" * 5_000,
    b'{"id":"\\u0000","occurred_at":"2026-06-15T09:00:00Z","request":{},"response":{"status":200}}',
)


class Ledger:
    """Calls of one test with poison between them; the same seed gives the same ones."""

    def __init__(self, project: str, seed: int, size: int, poison_share: float = 0.02) -> None:
        self._random = random.Random(seed)
        self._began = datetime.now(UTC) - timedelta(minutes=5)
        self.project = project
        self.ids: set[str] = set()
        self.poison: Counter[bytes] = Counter()
        self._size, self._share = size, poison_share

    def values(self) -> Iterator[bytes]:
        for number in range(self._size):
            if self._random.random() < self._share:
                value = self._random.choice(POISON) + (b" %d" % number if self._random.random() < 0.5 else b"")
                if value.strip():
                    self.poison[value] += 1
                    yield value
                    continue
            yield self._call(number)

    def _call(self, number: int) -> bytes:
        name = f"{self.project}-{number}"
        self.ids.add(name)
        body: dict[str, Any] = {
            "id": name,
            "occurred_at": (self._began + timedelta(milliseconds=number)).isoformat(),
            "project": self.project,
            "request": {"method": "GET", "path": f"/orders/{number}"},
            "response": {"status": self._random.choice([200, 200, 200, 404, 502])},
        }
        return json.dumps(body).encode()


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
    """Every record of a topic, as confluent-kafka messages."""
    consumer = Consumer(
        {"bootstrap.servers": endpoints.kafka, "group.id": "ledger", "enable.partition.eof": True, "log_level": 0}
    )
    try:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        found, ended = [], 0
        while ended < len(partitions):
            message = consumer.poll(30)
            assert message is not None, f"{topic} cannot be read"
            if message.error():
                ended += 1
            else:
                found.append(message)
        return found
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
