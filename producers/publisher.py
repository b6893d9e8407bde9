"""Put events on Kafka, and know that they arrived.

    with Publisher("localhost:9092", source="urn:shop:web") as publisher:
        publisher.publish(Feedback(id="f-1", occurred_at=datetime.now(UTC), text="Pay button spins"))

Leaving the block waits until the broker has confirmed everything, and raises `Unavailable` otherwise.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from contracts.baselines import RouteBefore
from contracts.calls import EnrichedCall, GatewayCall
from contracts.cloudevents import check_storable, headers_for
from contracts.commands import Command
from contracts.dead_letters import DeadLetter, Headers
from contracts.errors import Rejected, Unavailable
from contracts.event import Event
from contracts.feedback import EnrichedFeedback, Feedback
from contracts.limits import MAX_EVENT_BYTES
from contracts.signals import Signal
from contracts.topic import DEAD_LETTER_SUFFIX, RAW_MAX_BYTES, Topic
from contracts.topics import BASELINES, CALLS, COMMANDS, FEEDBACK, FEEDBACK_SCORED, GATEWAY, SIGNALS

TOPIC_OF: dict[type[Event], Topic] = {
    GatewayCall: GATEWAY,
    Feedback: FEEDBACK,
    EnrichedCall: CALLS,
    EnrichedFeedback: FEEDBACK_SCORED,
    RouteBefore: BASELINES,
    Signal: SIGNALS,
    Command: COMMANDS,
}
TOPIC_OF_TYPE: dict[str, Topic] = {model.ce_type: topic for model, topic in TOPIC_OF.items()}
DEFAULTS: dict[str, str | int | bool] = {
    "enable.idempotence": True,
    "acks": "all",
    "partitioner": "murmur2_random",  # what the Java client does, so that every client agrees on a key's place
    "compression.type": "lz4",
    "linger.ms": 10,
    "queue.buffering.max.messages": 100_000,
    "queue.buffering.max.kbytes": 65_536,
    "message.max.bytes": RAW_MAX_BYTES + 262_144,
    "delivery.timeout.ms": 120_000,
}
POLL_EVERY = 200
QUEUE_WAIT_S = 0.05


@dataclass(slots=True)
class Deliveries:
    """What became of what was published: ``failed`` counts messages the broker never confirmed."""

    published: int = 0
    delivered: int = 0
    failed: int = 0
    first_error: str = ""


class Publisher:
    """Idempotent producer with a bounded queue; a full queue makes `publish` wait, it never drops.

    ``source`` is the CloudEvents source, a URI that names the emitting application. Any librdkafka setting can
    be given in ``settings``. Not safe to share between threads.
    """

    def __init__(
        self,
        bootstrap: str,
        *,
        source: str,
        topic_prefix: str = "",
        settings: dict[str, str | int | bool] | None = None,
    ) -> None:
        self.source = source
        self.deliveries = Deliveries()
        self._prefix = topic_prefix
        self._producer = Producer({**DEFAULTS, "bootstrap.servers": bootstrap, **(settings or {})})

    def publish(self, event: Event, *, backfill: bool = False) -> None:
        """Queue one event; ``backfill`` says that an old event time is meant. Raise `Rejected` if it is too big."""
        topic = TOPIC_OF_TYPE[event.ce_type]
        value = event.encode()
        if len(value) > MAX_EVENT_BYTES:
            raise Rejected("too_large", f"{len(value)} bytes, at most {MAX_EVENT_BYTES} are taken")
        check_storable(value)
        key = event.key if topic.key == "tenant/project" else None
        self._produce(topic.name, key, value, headers_for(event, self.source, backfill=backfill))

    def publish_dead_letter(self, letter: DeadLetter) -> None:
        """Queue an input that could not become an event, for the dead letters of its topic."""
        headers = replace(letter, origin=letter.origin or self.source).message_headers()
        self._produce(letter.topic + DEAD_LETTER_SUFFIX, letter.key, letter.value, headers)

    def flush(self, timeout_s: float = 120.0) -> None:
        """Wait until the broker has confirmed everything; raise `Unavailable` if it did not."""
        left = self._producer.flush(timeout_s)
        if left or self.deliveries.failed:
            raise Unavailable(
                f"{left + self.deliveries.failed} of {self.deliveries.published} messages were not confirmed by Kafka"
                + (f": {self.deliveries.first_error}" if self.deliveries.first_error else "")
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.flush()
        else:
            self._producer.flush(5.0)

    def _produce(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        deadline = time.monotonic() + float(DEFAULTS["delivery.timeout.ms"]) / 1000
        while True:
            try:
                self._producer.produce(
                    self._prefix + topic, key=key, value=value, headers=headers, on_delivery=self._delivered
                )
            except BufferError:
                if time.monotonic() > deadline:
                    raise Unavailable("Kafka takes nothing: the queue has been full for two minutes") from None
                self._producer.poll(QUEUE_WAIT_S)
            except KafkaException as error:
                raise Unavailable(f"Kafka refused a message: {error.args[0]}") from error
            else:
                break
        self.deliveries.published += 1
        if self.deliveries.published % POLL_EVERY == 0:
            self._producer.poll(0)

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is None:
            self.deliveries.delivered += 1
            return
        self.deliveries.failed += 1
        self.deliveries.first_error = self.deliveries.first_error or error.str()
