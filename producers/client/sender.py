"""Sends in the background what an application hands over, and never makes it wait.

    offer → queue → Kafka                    while Kafka confirms
                  → spool → Kafka            from the first batch that it did not confirm, in order, until the spool is
                                             empty again

One thread does all of it, and it alone knows the publisher and the spool.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import Rejected
from contracts.event import Event
from producers.client.counts import Counts, Tally
from producers.client.delivery import LOOK_S, Delivery, Sends
from producers.client.queued import Queued
from producers.client.spool import Spool, SpoolLimits
from producers.client.spooled_line import event_of, line_of

BATCH = 500
BATCH_BYTES = 8 * 1_048_576
FRESH_S = 2.0
"""Not confirmed by then, a batch goes to the spool: what a kill can lose is what came within it."""
PATIENCE_S = 15.0
"""For a batch that is in the spool already."""
TOO_LARGE = "too large"
"""What librdkafka says when the broker's own bound is lower: smaller and smaller batches find out whose it is."""
RETRY_S, LONGEST_RETRY_S = 1.0, 30.0
TAKE_OVER_S = 30.0
"""Between looks for what other processes left behind when they died."""
_log = logging.getLogger("hypercare.client")


@dataclass(frozen=True, slots=True)
class Setup:
    """Where to: ``make`` a publisher for ``source``; ``folder`` and ``limits`` are the spool's."""

    make: Callable[[], Sends]
    source: str
    folder: Path
    limits: SpoolLimits


class Sender:
    """A queue and its thread; made anew in a process that was forked off."""

    def __init__(self, setup: Setup, tally: Tally) -> None:
        self._setup = setup
        self._tally = tally
        self._queue = Queued()
        self._changed = threading.Condition()
        self._busy = False
        self._stop_at: float | None = None
        self._spool = Spool(setup.folder, setup.limits, tally)
        self._delivery = Delivery(setup.make, tally)
        self._away = False
        self._last_error = ""
        self._batch = BATCH
        self._pause_s = RETRY_S
        self._retry_at = 0.0
        self._look_at = time.monotonic() + TAKE_OVER_S
        self._thread = threading.Thread(target=self._run, name="hypercare-client", daemon=True)
        self._thread.start()

    def offer(self, event: Event, size: int) -> None:
        """Take one event of ``size`` bytes; return at once."""
        with self._changed:
            if self._stop_at is not None:
                self._tally.dropped("closed")
                return
            if gone := self._queue.put(event, size):
                self._tally.dropped("queue_full", gone)
            self._changed.notify()

    def flush(self, timeout_s: float) -> bool:
        """Wait until Kafka has all of it; False when it has not in time. What waits on the disk is tried at once."""
        until = time.monotonic() + timeout_s
        with self._changed:
            self._hurry()
            while self._waiting() or self._busy:
                left = until - time.monotonic()
                if left <= 0 or not self._thread.is_alive():
                    return False
                self._changed.wait(min(left, LOOK_S))
        return True

    def close(self, timeout_s: float) -> None:
        """Try for so long to send the rest; what is left then stays in the spool."""
        with self._changed:
            if self._stop_at is None:
                self._stop_at = time.monotonic() + timeout_s
            self._hurry()
        self._thread.join(timeout_s + PATIENCE_S)

    def forget(self) -> None:
        """In a process that was forked off: what is held here is the parent's, which goes on with it."""
        self._spool.forget()

    def counts(self) -> Counts:
        """Say how it stands."""
        return self._tally.seen(self._waiting())

    def _waiting(self) -> int:
        return len(self._queue) + self._spool.waiting

    def _hurry(self) -> None:
        self._retry_at, self._pause_s = 0.0, RETRY_S
        self._changed.notify()

    def _run(self) -> None:
        going = True
        while going:
            try:
                going = self._step()
            except Exception:  # noqa: BLE001 - the thread's guard: an application never dies of its client
                _log.exception("events are not sent for now")
                self._tally.failed("sender")
                time.sleep(RETRY_S)
                going = not self._over()
        self._keep_queue()
        self._delivery.drop()
        self._spool.close()
        with self._changed:
            self._busy = False
            self._changed.notify_all()

    def _step(self) -> bool:
        """Do the next thing; False at the end."""
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            stopping = self._stop_at is not None
            if not (due := self._due()) and not self._queue:
                if stopping and (not self._spool.waiting or self._over()):
                    return False
                self._changed.wait(LOOK_S if stopping else self._rest_s())
                due = self._due()
            if self._over():
                return False
            self._busy = due or bool(self._queue)
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + TAKE_OVER_S
            self._spool.take_over()
        if self._spool.waiting:
            self._keep_queue()
            if self._due():
                self._send_spooled()
        elif batch := self._taken(BATCH, BATCH_BYTES):
            self._send_fresh(batch)
        return True

    def _due(self) -> bool:
        return bool(self._spool.waiting) and time.monotonic() >= self._retry_at

    def _over(self) -> bool:
        return self._stop_at is not None and time.monotonic() >= self._stop_at

    def _rest_s(self) -> float:
        now = time.monotonic()
        return max(0.0, min(self._look_at - now, self._retry_at - now if self._spool.waiting else TAKE_OVER_S))

    def _taken(self, *most: int) -> list[Event]:
        with self._changed:
            return self._queue.take(*most)

    def _send_fresh(self, batch: list[Event]) -> None:
        if self._sent(batch, FRESH_S):
            self._back()
        else:
            self._keep(batch)

    def _send_spooled(self) -> None:
        try:
            lines = self._spool.head(self._batch)
        except OSError as error:  # too many open files, say: it goes by, and nothing of the spool is lost
            self._tally.failed("spool_read")
            self._gone(str(error))
            return
        events, unreadable = _events_of(lines)
        if self._sent(events, PATIENCE_S):
            if unreadable:
                self._tally.dropped("spool_unreadable", unreadable)
            if lines:
                self._spool.advance(lines)
            self._batch = min(2 * self._batch, BATCH)
            self._back()
        elif self._batch == 1 and TOO_LARGE in self._last_error:
            self._tally.dropped("broker_too_large")
            self._spool.advance(lines)
        else:
            self._batch = max(1, self._batch // 4)

    def _sent(self, batch: Sequence[Event], patience_s: float) -> bool:
        error = self._delivery.failure(batch, patience_s, over=self._over, meanwhile=self._meanwhile)
        if error:
            self._gone(error)
        return not error

    def _meanwhile(self) -> None:
        """While the spool's head is on its way, what the application says goes behind it."""
        if self._spool.waiting:
            self._keep_queue()

    def _keep_queue(self) -> None:
        self._keep(self._taken())

    def _keep(self, events: Sequence[Event]) -> None:
        for event in events:
            self._spool.append(line_of(event, self._setup.source))

    def _gone(self, error: str) -> None:
        if not self._away:
            _log.warning("events wait in the spool, they cannot be sent: %s", error)
        self._away = True
        self._last_error = error
        self._retry_at = time.monotonic() + self._pause_s
        self._pause_s = min(2 * self._pause_s, LONGEST_RETRY_S)

    def _back(self) -> None:
        self._pause_s = RETRY_S
        if self._away and not self._spool.waiting:
            self._away = False
            _log.warning("Kafka takes events again, the spool is empty")


def _events_of(lines: Sequence[bytes]) -> tuple[list[Event], int]:
    """The events of spooled lines, and how many lines are none."""
    events: list[Event] = []
    for line in lines:
        with suppress(Rejected):  # counted by whoever asks, once they are passed
            events.append(event_of(line))
    return events, len(lines) - len(events)
