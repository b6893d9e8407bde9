"""The broker mock, as far as we rely on it, and where it ends."""

from __future__ import annotations

import os

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from hypercare.engines.mock_broker import PARTITION_BYTES, MockBroker
from hypercare.engines.probe import ask_kafka


def produce(broker: MockBroker, topic: str, values: list[bytes]) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap, "enable.idempotence": True, "acks": "all"})
    for value in values:
        producer.produce(topic, value, partition=0)
    assert producer.flush(20) == 0


def test_topics_are_made_and_records_come_back_in_order() -> None:
    values = [b"%d" % number for number in range(500)]
    with MockBroker() as broker:
        assert broker.bootstrap.startswith("127.0.0.1:")
        assert ask_kafka(broker.bootstrap).ready
        broker.create(["a", "b"])
        produce(broker, "a", values)
        reader = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "test", "enable.partition.eof": True})
        assert set(reader.list_topics(timeout=5).topics) == {"a", "b"}
        reader.assign([TopicPartition("a", 0, 0)])
        found = []
        while (message := reader.poll(10)) is not None and message.error() is None:
            found.append(message.value())
        reader.close()
        assert found == values
        assert broker.dropped() == {}


def test_it_tells_what_it_dropped() -> None:
    value = os.urandom(100_000)
    with MockBroker() as broker:
        produce(broker, "a", [value] * (PARTITION_BYTES // len(value) + 20))
        dropped = broker.dropped()
    assert set(dropped) == {"a"}


def test_nothing_answers_afterwards() -> None:
    with MockBroker() as broker:
        address = broker.bootstrap
    assert not ask_kafka(address, timeout_s=1.0).ready


@pytest.mark.parametrize("times", [3])
def test_several_live_beside_each_other(times: int) -> None:
    brokers = [MockBroker().__enter__() for _ in range(times)]
    try:
        assert len({broker.bootstrap for broker in brokers}) == times
    finally:
        for broker in brokers:
            broker.__exit__(None, None, None)
