"""Requests' events on Kafka: a request goes on when the broker has confirmed all of its events.

The producer is served by the loop that answers the requests: its callbacks run there, no thread waits for another.
What is on its way is bounded in number and bytes; more is refused, so that a broker that is away costs no memory.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from contracts.errors import Unavailable
from producers.intake.messages import Message as Wanted
from producers.publisher import DEFAULTS

MOST_MESSAGES = 50_000
MOST_BYTES = 48 * 1_048_576
"""On their way at the same time; below what the producer itself holds, so that its queue never is full first."""
SERVE_EVERY_S = 0.002
IDLE_S = 1.0
TELL_WITHIN_S = 3.0
"""For the broker to say which topics there are."""
KNOWN_FOR_S = 5.0
GIVE_UP_WITHIN_S = 1.0
"""For a producer that cannot go on to tell that its events have failed."""
SETTINGS: dict[str, str | int | bool] = {
    **DEFAULTS,
    "linger.ms": 3,  # a request waits for it
    "delivery.timeout.ms": 30_000,  # the sender comes again long before the publisher's two minutes
    "queue.buffering.max.messages": 2 * MOST_MESSAGES,
    "queue.buffering.max.kbytes": 2 * MOST_BYTES // 1024,
    "log_level": 2,
}


class _Request:
    """How many events of a request are not confirmed yet."""

    __slots__ = ("done", "error", "left", "size")

    def __init__(self, left: int, size: int, done: asyncio.Future[None]) -> None:
        self.left = left
        self.size = size
        self.done = done
        self.error = ""


class KafkaOutlet:
    """Idempotent producer for one loop; ``topics`` are those that have to be there for it to be ready."""

    def __init__(
        self,
        bootstrap: str,
        *,
        topics: Sequence[str],
        prefix: str = "",
        answer_s: float,
        stop_s: float = 20.0,
        make: Callable[[dict[str, str | int | bool]], Producer] = Producer,
    ) -> None:
        self._make = partial(make, {**SETTINGS, "bootstrap.servers": bootstrap})
        self._producer = self._make()
        self._topics = [prefix + topic for topic in topics]
        self._prefix = prefix
        self._answer_s = answer_s
        self._stop_s = stop_s
        self._messages = 0
        self._bytes = 0
        self._wanted = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self._known = (float("-inf"), "")

    async def start(self) -> None:
        """Serve the producer from now on."""
        self._serving = asyncio.create_task(self._serve())

    async def deliver(self, messages: Sequence[Wanted]) -> None:
        """Wait for the broker's confirmation of all; raise `Unavailable` when there is none in time or no room.

        What was not confirmed in time may be written all the same: whoever sends it again uses the same ids.
        """
        size = sum(message.size for message in messages)
        if self._messages + len(messages) > MOST_MESSAGES or self._bytes + size > MOST_BYTES:
            raise Unavailable("too much is on its way to Kafka already")
        request = _Request(len(messages), size, asyncio.get_running_loop().create_future())
        self._messages += len(messages)
        self._bytes += size
        settled = partial(self._settled, request)
        for queued, message in enumerate(messages):
            try:
                self._producer.produce(
                    self._prefix + message.topic,
                    key=message.key,
                    value=message.value,
                    headers=message.headers,
                    on_delivery=settled,
                )
            except (BufferError, KafkaException) as error:
                self._give_up(request, len(messages) - queued, _said_of(error))
                if isinstance(error, KafkaException) and error.args[0].code() == KafkaError._FATAL:  # noqa: SLF001 - its public name
                    self._renew()
                break
        self._wanted.set()
        try:
            async with asyncio.timeout(self._answer_s):
                await request.done
        except TimeoutError:
            raise Unavailable(f"Kafka has not confirmed it within {self._answer_s:g} s") from None
        if request.error:
            raise Unavailable(f"Kafka has not taken it: {request.error}")

    async def missing(self) -> str:
        """Ask the broker for the topics; what it says is believed for a few seconds."""
        at, said = self._known
        if time.monotonic() - at > KNOWN_FOR_S:
            said = await asyncio.to_thread(self._ask)
            self._known = (time.monotonic(), said)
        return said

    async def close(self) -> None:
        """Wait until nothing is on its way, or for as long as is given to it."""
        deadline = time.monotonic() + self._stop_s
        while self._messages and time.monotonic() < deadline:
            self._producer.poll(0)
            await asyncio.sleep(SERVE_EVERY_S)
        if self._serving is not None:
            self._serving.cancel()
            with suppress(asyncio.CancelledError):
                await self._serving

    @property
    def unconfirmed(self) -> int:
        """Events that are on their way; after `close` those that Kafka never confirmed."""
        return self._messages

    async def _serve(self) -> None:
        while True:
            self._producer.poll(0)
            if self._messages:
                await asyncio.sleep(SERVE_EVERY_S)
                continue
            self._wanted.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_S):
                    await self._wanted.wait()

    def _settled(self, request: _Request, error: KafkaError | None, _: Message) -> None:
        request.left -= 1
        self._messages -= 1
        if error is not None:
            request.error = request.error or error.str()
        if request.left == 0:
            self._finish(request)

    def _renew(self) -> None:
        """A producer that met a fatal error takes nothing ever again: what it holds fails, a new one begins."""
        old, self._producer = self._producer, self._make()
        old.purge()
        old.flush(GIVE_UP_WITHIN_S)

    def _give_up(self, request: _Request, count: int, error: str) -> None:
        """The rest of a request was not even queued."""
        request.left -= count
        request.error = error
        self._messages -= count
        if request.left == 0:
            self._finish(request)

    def _finish(self, request: _Request) -> None:
        self._bytes -= request.size
        if not request.done.done():
            request.done.set_result(None)

    def _ask(self) -> str:
        try:
            found = self._producer.list_topics(timeout=TELL_WITHIN_S).topics
        except KafkaException as error:
            return f"Kafka does not answer: {error.args[0].str()}"
        absent = [topic for topic in self._topics if topic not in found]
        return f"topics are missing: {', '.join(absent)}; `hypercare topics apply` creates them" if absent else ""


def _said_of(error: BufferError | KafkaException) -> str:
    return error.args[0].str() if isinstance(error, KafkaException) else "the producer's queue is full"
