"""Outputs to Kafka: produced in order, known written when every delivery report of a batch is in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterable, Sequence

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from contracts.errors import Rejected, Stop, Unavailable
from processors.runtime.ending import EXIT_PERSON
from processors.runtime.stage import Item, Outgoing, Refusal, size_of

SETTINGS: dict[str, str | int | bool] = {
    "enable.idempotence": True,
    "acks": "all",
    "partitioner": "murmur2_random",
    "compression.type": "lz4",
    "linger.ms": 5,
    "queue.buffering.max.messages": 50_000,
    "queue.buffering.max.kbytes": 65_536,
    "message.max.bytes": 32 * 1_048_576,  # far above any topic: it is the topic that says what is too large
    "log_level": 2,  # a broker that is away is told by `waiting`, once, not ten times a second
    "delivery.timeout.ms": 2_147_483_647,  # a broker that is away is waited for; the watchdog tells
}
POLL_S = 0.003
SLOW_AFTER_S = 5.0
ALONE_FROM_BYTES = 900_000
"""An output of this size shares no batch with others (librdkafka's batch.size is 1,000,000): if a topic finds the
batch too large, it means this one."""
TOO_LARGE = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_MSG_SIZE}


class _Batch:
    """Counts outputs up as they are queued and down as they are confirmed; also librdkafka's callback."""

    __slots__ = ("_items", "_left", "_written", "refusals")

    def __init__(self) -> None:
        self._left = 1  # the batch itself, until it is sealed
        self._items: list[Item[Outgoing]] = []
        self._written: asyncio.Future[Sequence[Refusal]] = asyncio.get_running_loop().create_future()
        self.refusals: list[Refusal] = []

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._failed(error, message)
        self.one_less()

    def one_more(self, item: Item[Outgoing]) -> None:
        self._left += 1
        self._items.append(item)

    def one_less(self) -> None:
        self._left -= 1
        if not self._left and not self._written.done():
            self._written.set_result(self.refusals)

    def refuse(self, item: Item[Outgoing]) -> None:
        """Note an output that its topic will never take; the same one only once."""
        record, output = item
        self._items.remove(item)
        self.refusals.append((record, Rejected("output_too_large", f"{size_of(output)} bytes for {output.topic}")))

    def fail(self, error: Exception) -> None:
        if not self._written.done():
            self._written.set_exception(error)

    def written(self) -> Awaitable[Sequence[Refusal]]:
        return self._written

    def _failed(self, error: KafkaError, message: Message) -> None:
        if error.code() not in TOO_LARGE:
            self.fail(Unavailable(f"Kafka did not take an output: {error.str()}"))
            return
        value, key = message.value(), message.key()
        for item in self._items:
            output = item[1]
            if output.value == value and output.key == key and size_of(output) >= ALONE_FROM_BYTES:
                self.refuse(item)
                return
        self.fail(
            Stop(
                f"{message.topic()} takes less than its catalogue says: {error.str()}",
                fix="raise max.message.bytes of the topic with `hypercare topics apply`",
                exit_code=EXIT_PERSON,
            )
        )


class KafkaWriter:
    """One idempotent producer; ``topic_prefix`` keeps runs apart on one broker."""

    def __init__(
        self, bootstrap: str, *, topic_prefix: str = "", settings: dict[str, str | int | bool] | None = None
    ) -> None:
        self._producer = Producer({"bootstrap.servers": bootstrap, **SETTINGS, **(settings or {})})
        self._prefix = topic_prefix
        self._pump: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._reported_at = time.monotonic()

    async def start(self) -> None:
        """Begin to collect delivery reports."""
        self._pump = asyncio.create_task(self._collect_reports())

    async def submit(self, items: Iterable[Item[Outgoing]]) -> Awaitable[Sequence[Refusal]]:
        """Queue outputs in order, each as it is made; waits while librdkafka's queue is full."""
        batch = _Batch()
        produce, prefix = self._producer.produce, self._prefix
        for item in items:
            batch.one_more(item)
            output = item[1]
            try:
                produce(prefix + output.topic, output.value, output.key, on_delivery=batch, headers=output.headers)
            except (BufferError, KafkaException):
                await self._produce_with_patience(batch, item)
        batch.one_less()
        self._idle.set()
        if self._producer.poll(0):
            self._reported_at = time.monotonic()
        return batch.written()

    def waiting(self) -> str:
        """Say so when messages are queued and none has been confirmed for a while."""
        if len(self._producer) and time.monotonic() - self._reported_at > SLOW_AFTER_S:
            return "Kafka confirms nothing"
        return ""

    async def stop(self) -> None:
        """Stop collecting; whatever is still queued is not acknowledged and will be made again."""
        if self._pump is not None:
            self._pump.cancel()
        self._producer.poll(0)

    async def _produce_with_patience(self, batch: _Batch, item: Item[Outgoing]) -> None:
        """Wait for room in the queue; refuse what is too large for it."""
        output = item[1]
        while True:
            try:
                self._producer.produce(
                    self._prefix + output.topic,
                    output.value,
                    output.key,
                    on_delivery=batch,
                    headers=output.headers,
                )
            except BufferError:
                self._producer.poll(0)
                await asyncio.sleep(POLL_S)
            except KafkaException as error:
                code = error.args[0].code()
                if code not in TOO_LARGE:
                    raise Unavailable(f"Kafka refuses outputs: {error.args[0].str()}") from error
                batch.refuse(item)
                batch.one_less()
                return
            else:
                return

    async def _collect_reports(self) -> None:
        """Serve delivery callbacks in the event loop, so that they need no lock."""
        while True:
            if not len(self._producer):
                self._idle.clear()
                self._reported_at = time.monotonic()
                await self._idle.wait()
            if self._producer.poll(0):
                self._reported_at = time.monotonic()
            await asyncio.sleep(POLL_S)
