"""Whether a worker is alive: the watchdog that ends a stalled one, and the health and metrics pages.

It runs in a thread of its own: it has to work before the worker owns a partition, and when the event loop hangs.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import faust
import structlog

from contracts.errors import Stop
from processors.runtime import metrics
from processors.runtime.app import AnyWorker
from processors.runtime.ending import EXIT_STALLED, end_process
from processors.runtime.health_pages import serve
from processors.runtime.settings import WorkerSettings
from processors.runtime.spare import SpareMembers
from processors.runtime.wall_clock import WallClock

CHECK_EVERY_S = 1.0
MEND_EVERY_S = 10.0
"""A member joins its group within a few seconds; one that owns nothing for longer asks again."""
SPARE_FOR_S = 3 * MEND_EVERY_S
"""It is believed for so long that others own every partition: the broker may be away when it is asked again."""
STOP_S = 5.0
RATE_OVER_S = 30.0
log = structlog.get_logger()


class Watch:
    """Looks at a worker from the side, once a second."""

    def __init__(self, app: faust.App, worker: AnyWorker, settings: WorkerSettings, members: SpareMembers) -> None:
        self._app = app
        self._worker = worker
        self._settings = settings
        self._fine_at = time.monotonic()
        self._clock = WallClock(self._fine_at, time.time())
        self._mend_at = self._fine_at + MEND_EVERY_S
        self._members = members
        self._spare_until = 0.0
        self._said = ""
        self._seen: deque[tuple[float, float]] = deque()
        self.problem = "starting"
        self.ready = False

    @property
    def _consumer(self) -> Any:
        """Faust's consumer, None before there is one: asking the app for it would make it in this thread."""
        return getattr(self._app, "_consumer", None)

    def check(self, now: float, wall: float) -> None:
        """Update what the health pages say; ``now`` is monotonic seconds, ``wall`` seconds since 1970.

        Whoever waits for its receiver is spared, unless the wall clock was set back: what it waits for may have
        happened long ago, and a new process does not wait for it.
        """
        assigned, lag = self._position()
        metrics.ASSIGNED.set(assigned)
        metrics.LAG.set(lag)
        waiting = self._worker.waiting()
        moved = self._worker.last_progress > self._fine_at
        if back := self._clock.look(now, wall):
            log.warning("clock_set_back", seconds=round(back, 1))
        spare = not assigned and now < self._spare_until
        if (assigned and not lag) or moved or spare or (waiting and not self._clock.holds_up(now)):
            self._fine_at = now
        alone = "spare: others own every partition" if spare else "owns no partition"
        self.problem = "" if assigned and not waiting else (waiting or alone)
        self.ready = not self.problem
        if waiting != self._said:
            self._said = waiting
            log.warning("waiting", why=waiting) if waiting else log.info("goes_on")
        metrics.STUCK.set(max(0.0, now - self._fine_at))
        metrics.READY.set(self.ready)
        metrics.RATE.set(rate(self._seen, now, _records_read()))

    def stalled(self, now: float) -> bool:
        """Whether there was nothing good to say for longer than a worker may be stuck."""
        return now - self._fine_at > self._settings.stalled_after_s

    async def mend(self, now: float) -> None:
        """Every few seconds: ask Kafka how much there is to read, and join again if partitions are owned by nobody."""
        consumer = self._consumer
        if now < self._mend_at or consumer is None:
            return
        self._mend_at = now + MEND_EVERY_S
        try:
            if consumer.assignment():
                asked = asyncio.run_coroutine_threadsafe(consumer.measure(), self._app.loop)
                await asyncio.wait_for(asyncio.wrap_future(asked), MEND_EVERY_S / 2)
            elif await asyncio.to_thread(self._members.others_own_all, consumer.member_id):
                self._spare_until = now + SPARE_FOR_S
            else:
                log.warning("no_partition", doing="join the group again")
                consumer.join_again()
        except Exception as error:  # noqa: BLE001 - what cannot be asked now is asked again
            log.info("not_measured", error=repr(error))

    async def look(self) -> None:
        """Check for ever; end the process when it is stalled or nobody wants it any more."""
        parent = self._settings.parent_pid
        while True:
            now = time.monotonic()
            self.check(now, time.time())
            await self.mend(now)
            if parent and os.getppid() != parent:
                log.warning("parent_gone", parent=parent)
                os.kill(os.getpid(), signal.SIGTERM)
                return
            if self.stalled(now):
                end_process(
                    Stop(
                        f"no progress for {self._settings.stalled_after_s:.0f} s: {self.problem or 'there is lag'}",
                        fix="the supervisor restarts it; if it comes back, see the stage's log",
                        exit_code=EXIT_STALLED,
                    )
                )
            await asyncio.sleep(CHECK_EVERY_S)

    def _position(self) -> tuple[int, int]:
        consumer = self._consumer
        if consumer is None:
            return 0, 0
        try:
            return len(consumer.assignment()), consumer.lag()
        except Exception:  # noqa: BLE001 - Faust and aiokafka raise many kinds before they are ready
            return 0, 0


def rate(seen: deque[tuple[float, float]], now: float, total: float) -> float:
    """Mean growth of ``total`` a second over the last `RATE_OVER_S`; ``seen`` remembers it from call to call."""
    seen.append((now, total))
    while now - seen[0][0] > RATE_OVER_S:
        seen.popleft()
    began, before = seen[0]
    return (total - before) / (now - began) if now > began else 0.0


def _records_read() -> float:
    return sum(s.value for metric in metrics.RECORDS.collect() for s in metric.samples if s.name.endswith("_total"))


@contextmanager
def watching(watch: Watch, settings: WorkerSettings, stage: str) -> Iterator[None]:
    """Watch beside the worker until the block ends."""
    over = threading.Event()

    async def work() -> None:
        async with asyncio.TaskGroup() as together:  # if one of them fails, so does the other
            looking = together.create_task(watch.look())
            await serve(watch, settings, stage, over)
            looking.cancel()

    def run() -> None:
        try:
            asyncio.run(work())
        except Exception as error:  # noqa: BLE001 - a worker that nobody watches must not go on
            end_process(error)

    thread = threading.Thread(target=run, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(STOP_S)
