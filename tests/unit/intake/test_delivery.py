"""Requests' events on their way to Kafka: waited for, bounded, and never counted twice. The broker is played."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from contracts.errors import Unavailable
from producers.intake import delivery
from producers.intake.delivery import MOST_BYTES, MOST_MESSAGES, KafkaOutlet
from producers.intake.messages import Message

SOON_S = 0.2


@dataclass
class PlayedProducer:
    """Confirms what it took when it is polled, unless it is ``away``; ``refuses`` raises from a number on."""

    settings: dict[str, Any] = field(default_factory=dict)
    away: bool = False
    fails: bool = False
    refuses: tuple[int, Exception] | None = None
    taken: list[str] = field(default_factory=list)
    waiting: list[Callable[..., None]] = field(default_factory=list)

    def produce(self, topic: str, **how: Any) -> None:
        if self.refuses is not None and len(self.taken) >= self.refuses[0]:
            raise self.refuses[1]
        self.taken.append(topic)
        self.waiting.append(how["on_delivery"])

    def poll(self, _: float) -> int:
        if not self.away:
            self._settle(KafkaError(KafkaError._MSG_TIMED_OUT) if self.fails else None)
        return 0

    def purge(self) -> None:
        self._settle(KafkaError(KafkaError._PURGE_QUEUE))

    def flush(self, _: float) -> int:
        return 0

    def _settle(self, error: KafkaError | None) -> None:
        done, self.waiting = self.waiting, []
        for settled in done:
            settled(error, None)


def messages(count: int, size: int = 10) -> list[Message]:
    return [Message("t", None, b"x" * size, []) for _ in range(count)]


def with_outlet(use: Callable[[KafkaOutlet, list[PlayedProducer]], Coroutine[Any, Any, None]]) -> None:
    made: list[PlayedProducer] = []

    def make(settings: dict[str, Any]) -> Producer:
        made.append(PlayedProducer(settings))
        return cast(Producer, made[-1])

    async def run() -> None:
        outlet = KafkaOutlet("b:1", topics=["t"], prefix="p-", answer_s=SOON_S, stop_s=SOON_S, make=make)
        await outlet.start()
        await use(outlet, made)
        await outlet.close()

    asyncio.run(run())


def test_a_request_waits_for_all_of_its_events() -> None:
    async def use(outlet: KafkaOutlet, made: list[PlayedProducer]) -> None:
        made[0].away = True
        waiting = asyncio.create_task(outlet.deliver(messages(3)))
        await asyncio.sleep(0.02)
        assert not waiting.done()
        made[0].away = False
        await waiting
        assert made[0].taken == ["p-t"] * 3
        assert outlet.unconfirmed == 0

    with_outlet(use)


def test_what_kafka_does_not_confirm_is_said_and_still_counted_until_it_is_settled() -> None:
    async def use(outlet: KafkaOutlet, made: list[PlayedProducer]) -> None:
        made[0].away = True
        with pytest.raises(Unavailable, match="not confirmed"):
            await outlet.deliver(messages(2))
        assert outlet.unconfirmed == 2
        made[0].away = False
        await outlet.deliver(messages(1))
        assert outlet.unconfirmed == 0

    with_outlet(use)


def test_a_message_that_failed_fails_its_request() -> None:
    async def use(outlet: KafkaOutlet, made: list[PlayedProducer]) -> None:
        made[0].fails = True
        with pytest.raises(Unavailable, match="not taken"):
            await outlet.deliver(messages(2))
        made[0].fails = False
        await outlet.deliver(messages(2))

    with_outlet(use)


@pytest.mark.parametrize(
    "first", [messages(MOST_MESSAGES), messages(3, MOST_BYTES // 3 - 1_000)], ids=["number", "bytes"]
)
def test_no_more_than_is_allowed_is_on_its_way(first: list[Message]) -> None:
    async def use(outlet: KafkaOutlet, made: list[PlayedProducer]) -> None:
        made[0].away = True
        waiting = asyncio.create_task(outlet.deliver(first))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match="too much"):
            await outlet.deliver(messages(1, 5_000))
        made[0].away = False
        await waiting
        await outlet.deliver(messages(1, 5_000))
        assert outlet._bytes == 0

    with_outlet(use)


def test_a_full_queue_fails_the_request_and_keeps_the_books() -> None:
    async def use(outlet: KafkaOutlet, made: list[PlayedProducer]) -> None:
        made[0].refuses = (2, BufferError())
        with pytest.raises(Unavailable, match="queue is full"):
            await outlet.deliver(messages(5))
        assert outlet.unconfirmed == outlet._bytes == 0
        made[0].refuses = None
        await outlet.deliver(messages(5))

    with_outlet(use)


def test_after_a_fatal_error_a_new_producer_goes_on() -> None:
    async def use(outlet: KafkaOutlet, made: list[PlayedProducer]) -> None:
        made[0].away = True
        waiting = asyncio.create_task(outlet.deliver(messages(2)))
        await asyncio.sleep(0)
        made[0].refuses = (0, KafkaException(KafkaError(KafkaError._FATAL)))
        with pytest.raises(Unavailable):
            await outlet.deliver(messages(1))
        with pytest.raises(Unavailable, match="not taken"):
            await waiting
        await outlet.deliver(messages(4))
        assert (len(made), len(made[1].taken), outlet.unconfirmed) == (2, 4, 0)

    with_outlet(use)


def test_settings_are_those_that_lose_and_double_nothing() -> None:
    def look(outlet: KafkaOutlet, made: list[PlayedProducer]) -> Coroutine[Any, Any, None]:
        async def use() -> None:
            said = made[0].settings
            assert (said["enable.idempotence"], said["acks"], said["partitioner"]) == (True, "all", "murmur2_random")
            assert said["queue.buffering.max.messages"] > delivery.MOST_MESSAGES
            assert outlet.unconfirmed == 0

        return use()

    with_outlet(look)
