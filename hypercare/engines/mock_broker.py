"""The broker mock that ships inside librdkafka: Kafka's protocol on loopback with nothing but Python.

It lives in this process and ends with it. What it lacks, found in its source and by trying it: no topic
administration (a topic is made, with four partitions, when somebody asks for it), one message set for each fetch,
nothing on disk, and beyond 5 MiB a partition it drops the oldest records without a word. `dropped` tells.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from contracts.errors import Stop

PARTITION_BYTES = 5 * 1024 * 1024
"""What it keeps of a partition, as compressed by the producer."""
TIMEOUT_S = 10.0

# librdkafka announces that a mock is used; whoever asked for it knows.
_silent = logging.getLogger("hypercare.engines.mock_broker.librdkafka")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False


class MockBroker:
    """One broker for as long as the block runs; ``bootstrap`` is its address."""

    def __init__(self) -> None:
        self._host: Producer | None = None
        self.bootstrap = ""

    def __enter__(self) -> Self:
        # The address is ignored, but librdkafka insists on one.
        self._host = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none"}, logger=_silent)
        try:
            (broker,) = self._host.list_topics(timeout=TIMEOUT_S).brokers.values()
        except (KafkaException, ValueError) as error:
            raise Stop(f"The broker mock of librdkafka does not start: {error}", fix="start it again") from error
        self.bootstrap = f"{broker.host}:{broker.port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._host = None  # its threads and its sockets end with it

    def create(self, topics: Iterable[str]) -> None:
        """Make topics, each by asking for it."""
        assert self._host is not None  # noqa: S101 - within the block
        for topic in topics:
            self._host.list_topics(topic, timeout=TIMEOUT_S)

    def dropped(self) -> dict[str, int]:
        """How many records it has dropped, by topic; empty as long as it has kept everything."""
        found: dict[str, int] = {}
        asker = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "dropped"}, logger=_silent)
        try:
            for name, topic in asker.list_topics(timeout=TIMEOUT_S).topics.items():
                for number in topic.partitions:
                    low, _ = asker.get_watermark_offsets(TopicPartition(name, number), timeout=TIMEOUT_S)
                    found[name] = found.get(name, 0) + low
        finally:
            asker.close()
        return {name: count for name, count in found.items() if count}
