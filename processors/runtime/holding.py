"""Holds runs back from being acknowledged until the sums over them are written.

A stage that sums over its records (`Summarising`) would lose what it has in memory when it crashes; so the offsets
move only after the sums that cover them are in Kafka. Runs of a partition are held for about a second and covered by
one flush: one message for each project and window instead of one for each run. When nothing came after a flush and
everything is read, an empty range says so: whoever waits for sums may take silence for a reader that is held up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import structlog

from contracts.errors import HypercareError
from contracts.windows import SourceRange
from processors.runtime.records import Record, Run
from processors.runtime.stage import Outgoing, Writer

log = structlog.get_logger()

FLUSH_S = 1.0
"""How long a run waits for its sums; as long as Faust waits between two commits."""
FLUSH_RECORDS = 10_000
"""Records of a partition after which it waits no longer: bounds memory and the size of what is flushed."""

UNKNOWN_UNREAD = 1
"""Where it is not known whether records wait, as after a rebalance, some may."""


@runtime_checkable
class Summarising(Protocol):
    """A stream stage that also sums over its records."""

    def summaries(self, covered: SourceRange) -> Sequence[Outgoing]:
        """The sums over the records of the range, all of which were processed; they count from zero afterwards.

        A range without records says that nothing came since the last one, and that nothing waits to be read.
        """


@dataclass(slots=True)
class _Batch:
    """Runs of one partition that one flush will cover."""

    app: Any
    tp: Any
    runs: list[Run] = field(default_factory=list)
    summed: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def records(self) -> int:
        return sum(len(run.records) for run in self.runs)


@dataclass(frozen=True, slots=True)
class _Told:
    """What was flushed last of a partition, after which there may be nothing more to say."""

    app: Any
    next_offset: int
    last: Record


class Holding:
    """One per worker. ``order`` is held while a run is processed: a flush covers whole runs only."""

    def __init__(self, stage: Summarising, writer: Writer[Any]) -> None:
        self._stage = stage
        self._writer = writer
        self._batches: dict[Any, _Batch] = {}
        self._told: dict[Any, _Told] = {}
        self._flushing: set[asyncio.Task[None]] = set()
        self._flushes = 0
        self._began = int(time.time() * 1000)
        self.order = asyncio.Lock()
        self.forgotten = 0
        """How often everything was forgotten."""

    def hold(self, event: Any) -> asyncio.Future[bool]:
        """Hold a run that was processed just now; the result says whether its sums were written, or forgotten."""
        tp = event.message.tp
        batch = self._batches.get(tp)
        if batch is None:
            batch = self._batches[tp] = _Batch(event.app, tp)
        batch.runs.append(event.value)
        return batch.summed

    def forget(self) -> None:
        """The records of every run that is held come again, or are another's to read."""
        self.forgotten += 1
        for batch in self._batches.values():
            if not batch.summed.done():
                batch.summed.set_result(False)
        self._batches.clear()
        self._told.clear()

    async def flush_full(self) -> None:
        """Flush what must not wait; the caller holds ``order``."""
        for tp in [tp for tp, batch in self._batches.items() if batch.records >= FLUSH_RECORDS]:
            await self._flush(tp)

    async def flush_for_ever(self) -> None:
        """Flush everything once a second."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush_all()

    async def flush_all(self) -> None:
        """Flush what is held now, and say of which partitions nothing came since the last time."""
        async with self.order:
            silent = [tp for tp in self._told if tp not in self._batches]
            for tp in list(self._batches):
                await self._flush(tp)
            for tp in silent:
                await self._tell_end(tp)

    async def _flush(self, tp: Any) -> None:
        batch = self._batches.pop(tp, None)
        if batch is None:
            return
        last, next_offset = batch.runs[-1].records[-1], batch.runs[-1].next_offset
        covered = self._range(batch.app, tp, batch.runs[0].records[0].offset, next_offset)
        self._told[tp] = _Told(batch.app, next_offset, last)
        written = await self._writer.submit((last, output) for output in self._stage.summaries(covered))
        self._wait_for(self._written(batch, written))

    async def _tell_end(self, tp: Any) -> None:
        """Say that everything is read, if that is so; else wait for what comes."""
        told = self._told.get(tp)
        if told is None or told.app.consumer.in_flight(tp):
            return
        covered = self._range(told.app, tp, told.next_offset, told.next_offset)
        if covered.unread:
            return
        del self._told[tp]
        outputs = self._stage.summaries(covered)
        written = await self._writer.submit((told.last, output) for output in outputs)
        self._wait_for(self._end_told(tp, written))

    def _range(self, app: Any, tp: Any, first: int, next_offset: int) -> SourceRange:
        self._flushes += 1
        unread = app.consumer.unread(tp)
        return SourceRange(
            topic=tp.topic,
            partition=tp.partition,
            generation=app.consumer_generation_id,
            flush=f"{self._began:x}-{self._flushes:x}",
            first=first,
            last=next_offset - 1,
            committed=app.consumer.committed_offset(tp),
            unread=UNKNOWN_UNREAD if unread is None else unread,
        )

    def _wait_for(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._flushing.add(task)
        task.add_done_callback(self._flushing.discard)

    async def _written(self, batch: _Batch, written: Awaitable[Sequence[Any]]) -> None:
        try:
            refusals = await written
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits for the sums
            batch.summed.set_exception(error)
            return
        if refusals:
            batch.summed.set_exception(RuntimeError(f"sums over records were refused: {refusals[0][1]}"))
        else:
            batch.summed.set_result(True)

    async def _end_told(self, tp: Any, written: Awaitable[Sequence[Any]]) -> None:
        """Nothing is held back for it: whoever misses it waits a minute longer, and is right then, too."""
        try:
            await written
        except HypercareError as error:
            log.warning("end_not_told", topic=tp.topic, partition=tp.partition, error=str(error))
