"""What a client for threads and one for event loops have in common: an event in, and nothing to wait for."""

from __future__ import annotations

import atexit
import os
import threading
from pathlib import Path
from typing import Any, Protocol

from contracts.errors import Rejected, Stop
from contracts.event import Event
from contracts.signals import Signal
from producers.client.counts import Counts, Tally
from producers.client.made import Place, made, size_of
from producers.client.segments import SUFFIX
from producers.client.sender import Sender, Setup
from producers.client.spool import SpoolLimits, prepared
from producers.publisher import Publisher

CLOSE_S = 5.0
"""For what is on its way when the application ends; the rest waits in the spool."""
SETTINGS: dict[str, str | int | bool] = {
    "delivery.timeout.ms": 10_000,  # the spool keeps what is not confirmed, no need for the publisher to try for longer
    "log_level": 2,  # the client says itself, once, that Kafka is away
}


class Takes(Protocol):
    """What a middleware needs of a client."""

    tally: Tally
    place: Place

    def offer(self, event: Event) -> str:
        """Take one event; raise `Rejected` if it can never be sent."""
        ...


class Outbox:
    """Safe to share between threads, and usable in processes that are forked off.

    ``source`` is the CloudEvents source, a URI that names the application. ``spool`` is a folder that processes may
    share. ``settings`` are librdkafka's, such as those for TLS.
    """

    def __init__(
        self,
        bootstrap: str,
        *,
        source: str,
        spool: str | Path,
        tenant: str = "default",
        project: str = "default",
        environment: str = "production",
        limits: SpoolLimits | None = None,
        topic_prefix: str = "",
        settings: dict[str, str | int | bool] | None = None,
    ) -> None:
        if not bootstrap or not source:
            raise Stop("bootstrap and source must not be empty", fix="give Kafka's address and the application's URI")
        self.place = checked(Place(tenant, project, environment))

        def publisher() -> Publisher:
            return Publisher(
                bootstrap, source=source, topic_prefix=topic_prefix, settings={**SETTINGS, **(settings or {})}
            )

        self.tally = Tally()
        self._setup = Setup(publisher, source, prepared(Path(spool)), limits or SpoolLimits())
        self._making = threading.Lock()
        self._process = os.getpid()
        self._sender: Sender | None = None
        self._closed = False
        atexit.register(self._end)
        if any(Path(spool).glob("*" + SUFFIX)):  # somebody waits for it already
            self._here()

    @property
    def counts(self) -> Counts:
        """How many were sent, spooled, dropped and refused."""
        sender = self._sender
        return self.tally.seen(0) if sender is None else sender.counts()

    def offer(self, event: Event) -> str:
        """Take any event of the contract that is ready, return its id; raise `Rejected` if it can never be sent."""
        try:
            size = size_of(event)
        except Rejected as error:
            self.tally.refused(error.reason)
            raise
        if self._closed:
            self.tally.dropped("closed")
            return event.id
        try:
            self._here().offer(event, size)
        except (OSError, RuntimeError):  # the folder went away, or the interpreter ends
            self.tally.dropped("no_sender")
        return event.id

    def _end(self, timeout_s: float = CLOSE_S) -> bool:
        with self._making:
            self._closed = True
            atexit.unregister(self._end)
            sender = self._sender if self._process == os.getpid() else None
        if sender is not None:
            sender.close(timeout_s)
        return self.counts.waiting == 0

    def _settle(self, timeout_s: float) -> bool:
        sender = self._sender
        return True if sender is None else sender.flush(timeout_s)

    def _make(self, model: type[Event], given: Event | None, fields: dict[str, Any]) -> str:
        try:
            event = made(model, given, fields, self.place)
        except Rejected as error:
            self.tally.refused(error.reason)
            raise
        return self.offer(event)

    def _here(self) -> Sender:
        """The sender of this very process: a thread does not live on in one that is forked off."""
        sender = self._sender
        if sender is not None and self._process == os.getpid():
            return sender
        if self._process != os.getpid():
            self._making = threading.Lock()
            self._process = os.getpid()
            self.tally = Tally()
            if sender is not None:
                sender.forget()
            self._sender = None
        with self._making:
            if self._sender is None:
                self._sender = Sender(self._setup, self.tally)
            return self._sender


def checked(place: Place) -> Place:
    """Hold names against the contract; raise `Stop` at the start rather than `Rejected` at every event."""
    try:
        made(Signal, None, {"kind": "uptime", "uptime": {"monitor": "names", "up": True}}, place)
    except Rejected as error:
        raise Stop(
            f"These names cannot be used: {error.detail}",
            fix="use lower-case letters, digits and underscores for tenant, project and environment",
        ) from None
    return place
