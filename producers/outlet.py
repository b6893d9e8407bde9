"""Where an importer puts what it reads: the publisher, or a list in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from contracts.cloudevents import check_storable
from contracts.dead_letters import DeadLetter
from contracts.errors import Rejected
from contracts.event import Event
from contracts.limits import MAX_EVENT_BYTES


class Outlet(Protocol):
    """What `producers.publisher.Publisher` offers to an importer."""

    def publish(self, event: Event, *, backfill: bool = False) -> None:
        """Take one event; raise `Rejected` if it cannot be sent."""
        ...

    def publish_dead_letter(self, letter: DeadLetter) -> None:
        """Take an input that could not become an event."""
        ...

    def flush(self, timeout_s: float = 120.0) -> None:
        """Wait until everything is known to have arrived."""
        ...


@dataclass(slots=True)
class MemoryOutlet:
    """Keeps everything, and refuses what the publisher refuses; for tests and dry runs."""

    events: list[Event] = field(default_factory=list)
    backfills: list[bool] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    flushes: int = 0

    def publish(self, event: Event, *, backfill: bool = False) -> None:
        """Keep one event."""
        value = event.encode()
        if len(value) > MAX_EVENT_BYTES:
            raise Rejected("too_large", f"{len(value)} bytes, at most {MAX_EVENT_BYTES} are taken")
        check_storable(value)
        self.events.append(event)
        self.backfills.append(backfill)

    def publish_dead_letter(self, letter: DeadLetter) -> None:
        """Keep one dead letter."""
        self.letters.append(letter)

    def flush(self, timeout_s: float = 120.0) -> None:  # noqa: ARG002 - the publisher needs it
        """Note that it was asked for."""
        self.flushes += 1
