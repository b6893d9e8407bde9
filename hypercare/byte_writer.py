"""Write records to Kafka exactly as they are: what a person skips, and what is replayed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from contracts.dead_letters import Headers
from contracts.errors import Unavailable

CONFIRMED_WITHIN_S = 60.0
MAX_MESSAGE_BYTES = 100_000_000
"""Before compression; how much a topic takes is for the broker to say."""
LISTEN_EVERY = 50
"""Records between two looks for confirmations: a look costs as much as a record."""
Then = Callable[[str, str], None]
"""Called with the place ``topic/partition/offset``, or an empty one and what the broker said instead."""


class ByteWriter:
    """Idempotent producer with keys placed by murmur2, as everywhere."""

    def __init__(self, bootstrap: str) -> None:
        self._queued = 0
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "acks": "all",
                "partitioner": "murmur2_random",
                "compression.type": "zstd",
                "message.max.bytes": MAX_MESSAGE_BYTES,
                "queue.buffering.max.kbytes": 131_072,
                "delivery.timeout.ms": int(CONFIRMED_WITHIN_S * 1000),
                "linger.ms": 5,
                "log_level": 0,
            }
        )

    def write(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers, then: Then) -> None:
        """Queue one record; wait while the queue is full."""

        def delivered(error: KafkaError | None, message: Message) -> None:
            place = "" if error is not None else f"{message.topic()}/{message.partition()}/{message.offset()}"
            then(place, "" if error is None else error.str())

        arguments: dict[str, Any] = {"key": key, "value": value, "headers": headers, "on_delivery": delivered}
        deadline = time.monotonic() + CONFIRMED_WITHIN_S
        while True:
            try:
                self._producer.produce(topic, **arguments)
            except BufferError:
                if time.monotonic() > deadline:
                    raise Unavailable(
                        f"Kafka takes nothing: the queue was full for {CONFIRMED_WITHIN_S:.0f} s"
                    ) from None
                self._producer.poll(0.1)
            except KafkaException as error:
                then("", error.args[0].str())
                return
            else:
                self._queued += 1
                if self._queued % LISTEN_EVERY == 0:
                    self._producer.poll(0)
                return

    def wait(self, seconds: float) -> None:
        """Let confirmations in, for so long at most."""
        self._producer.poll(seconds)

    def flush(self) -> None:
        """Wait until every record is confirmed or given up, each told to its ``then``."""
        if self._producer.flush(CONFIRMED_WITHIN_S + 5):
            raise Unavailable("Kafka does not confirm what was written")
