"""What is written to Kafka for an event or a dead letter, and what an outlet for requests has to offer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from contracts.cloudevents import check_storable, headers_for
from contracts.dead_letters import DeadLetter, Headers
from contracts.errors import Rejected, Unavailable
from contracts.event import Event
from contracts.limits import MAX_EVENT_BYTES
from contracts.topic import DEAD_LETTER_SUFFIX
from producers.publisher import TOPIC_OF_TYPE

OVERHEAD_BYTES = 512
"""What a message costs in the producer's memory beside its value: headers, key and the note of who waits for it."""


class Message(NamedTuple):
    """One record to be written; ``topic`` without a prefix."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers

    @property
    def size(self) -> int:
        """Bytes it takes until Kafka has it."""
        return len(self.value) + OVERHEAD_BYTES


class Outlet(Protocol):
    """Where requests put their events. `producers.intake.delivery.KafkaOutlet`, or `MemoryOutlet` in tests."""

    async def deliver(self, messages: Sequence[Message]) -> None:
        """Return when Kafka has all of them; raise `Unavailable` when that is not known in time, or nothing fits."""
        ...

    async def missing(self) -> str:
        """What keeps it from taking anything; empty when nothing does."""
        ...

    async def start(self) -> None:
        """Begin; called inside of the running loop."""
        ...

    async def close(self) -> None:
        """Wait until everything that was taken is written."""
        ...


def event_message(event: Event, source: str) -> Message:
    """Write an event; raise `Rejected` when it is larger than a stock broker takes, or cannot be stored."""
    topic = TOPIC_OF_TYPE[event.ce_type]
    value = event.encode()
    if len(value) > MAX_EVENT_BYTES:
        raise Rejected("too_large", f"{len(value)} bytes, at most {MAX_EVENT_BYTES} are taken")
    check_storable(value)
    key = event.key if topic.key == "tenant/project" else None
    return Message(topic.name, key, value, headers_for(event, source))


def letter_message(letter: DeadLetter) -> Message:
    """Write an input that no event could be made of, for the dead letters of its topic."""
    return Message(letter.topic + DEAD_LETTER_SUFFIX, letter.key, letter.value or b"", letter.message_headers())


class MemoryOutlet:
    """Keeps what it is given; ``away`` makes it refuse, as the other one does while Kafka is away."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.away = ""

    async def deliver(self, messages: Sequence[Message]) -> None:
        """Keep them."""
        if self.away:
            raise Unavailable(self.away)
        self.messages.extend(messages)

    async def missing(self) -> str:
        """What was set to be missing."""
        return self.away

    async def start(self) -> None:
        """Nothing to begin."""

    async def close(self) -> None:
        """Nothing to wait for."""
