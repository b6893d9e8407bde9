"""What an arm really wrote, counted by id: repeats are no second output."""

from __future__ import annotations

import uuid

import orjson
from confluent_kafka import Consumer, KafkaError, TopicPartition

AT_ONCE = 10_000
WAIT_S = 1.0


def distinct_outputs(bootstrap: str, topic: str) -> int:
    """How many different ids there are on the topic, read to the end of each partition."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"count-{uuid.uuid4().hex}",
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        }
    )
    try:
        left = set(consumer.list_topics(topic, 30).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, number, 0) for number in left])
        ids: set[str] = set()
        while left:
            for message in consumer.consume(AT_ONCE, WAIT_S):
                error, value = message.error(), message.value()
                if error is not None and error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
                    left.discard(message.partition() or 0)
                elif error is not None:
                    raise SystemExit(f"{topic} cannot be read: {error.str()}")
                elif value:
                    ids.add(orjson.loads(value)["id"])
    finally:
        consumer.close()
    return len(ids)
