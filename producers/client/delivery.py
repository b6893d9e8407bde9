"""One attempt to put a batch on Kafka, by a publisher that is made anew after every failure."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from contracts.errors import Rejected, Unavailable
from contracts.event import Event
from producers.client.counts import Tally
from producers.publisher import Deliveries

LOOK_S = 0.1


class Sends(Protocol):
    """What is needed of `producers.publisher.Publisher`."""

    deliveries: Deliveries

    def publish(self, event: Event, *, backfill: bool = False) -> None:
        """Queue one event; raise `Rejected` if it can never be sent."""
        ...

    def flush(self, timeout_s: float = 120.0) -> None:
        """Wait for confirmations; raise `Unavailable` while there are not all."""
        ...


class Delivery:
    """For one thread; counts what is sent."""

    def __init__(self, make: Callable[[], Sends], tally: Tally) -> None:
        self._make = make
        self._tally = tally
        self._publisher: Sends | None = None

    def failure(
        self, batch: Sequence[Event], patience_s: float, *, over: Callable[[], bool], meanwhile: Callable[[], None]
    ) -> str:
        """Publish and wait for confirmation; return why there is none, or nothing. ``over`` ends it early."""
        until = time.monotonic() + patience_s
        try:
            publisher = self._publisher = self._publisher or self._make()
            published = self._published(publisher, batch)
            while not _confirmed(publisher, lambda: over() or time.monotonic() > until):
                meanwhile()
        except Exception as error:  # noqa: BLE001 - whatever a publisher says when it cannot even be made
            self.drop()
            return str(error) or type(error).__name__
        self._tally.sent(published)
        return ""

    def drop(self) -> None:
        """Begin with a new publisher: what this one still holds is sent again, with the same ids."""
        self._publisher = None

    def _published(self, publisher: Sends, batch: Sequence[Event]) -> int:
        published = 0
        for event in batch:
            try:
                publisher.publish(event)
                published += 1
            except Rejected as error:
                self._tally.dropped(error.reason)
        return published


def _confirmed(publisher: Sends, over: Callable[[], bool]) -> bool:
    """Look once; raise `Unavailable` when waiting any longer is of no use."""
    try:
        publisher.flush(LOOK_S)
    except Unavailable:
        if publisher.deliveries.failed or over():
            raise
        return False
    return True
