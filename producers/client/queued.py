"""What waits in memory for the sending thread; bounded, the oldest goes first. For one lock's holder at a time."""

from __future__ import annotations

from collections import deque

from contracts.event import Event

MOST_QUEUED = 10_000
MOST_QUEUED_BYTES = 32 * 1_048_576


class Queued:
    """Events in the order they came in, with their sizes in bytes."""

    def __init__(self) -> None:
        self._events: deque[tuple[Event, int]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._events)

    def put(self, event: Event, size: int) -> int:
        """Take one; return how many had to go for it."""
        self._events.append((event, size))
        self._bytes += size
        gone = 0
        while len(self._events) > MOST_QUEUED or self._bytes > MOST_QUEUED_BYTES:
            self._bytes -= self._events.popleft()[1]
            gone += 1
        return gone

    def take(self, most: int = MOST_QUEUED, most_bytes: int = MOST_QUEUED_BYTES) -> list[Event]:
        """Give the oldest, one at least where there is one."""
        taken: list[Event] = []
        size = 0
        while self._events and len(taken) < most and size < most_bytes:
            event, bytes_of_it = self._events.popleft()
            self._bytes -= bytes_of_it
            size += bytes_of_it
            taken.append(event)
        return taken
