"""Holds runs back from being acknowledged until the sums over them are written.

A stage that sums over its records (`Summarising`) would lose what it has in memory when it crashes; so the offsets
move only after the sums that cover them are in Kafka. Runs of a partition are held for about a second and covered by
one flush: one message for each project and window instead of one for each run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from contracts.windows import SourceRange
from processors.runtime.records import Run
from processors.runtime.stage import Outgoing, Writer

FLUSH_S = 1.0
"""How long a run waits for its sums; as long as Faust waits between two commits."""
FLUSH_RECORDS = 10_000
"""Records of a partition after which it waits no longer: bounds memory and the size of what is flushed."""


@runtime_checkable
class Summarising(Protocol):
    """A stream stage that also sums over its records."""

    def summaries(self, covered: SourceRange) -> Sequence[Outgoing]:
        """The sums over the records of the range, all of which were processed; they count from zero afterwards."""


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


class Holding:
    """One per worker. ``order`` is held while a run is processed: a flush covers whole runs only."""

    def __init__(self, stage: Summarising, writer: Writer[Any]) -> None:
        self._stage = stage
        self._writer = writer
        self._batches: dict[Any, _Batch] = {}
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
        """Flush what is held now."""
        async with self.order:
            for tp in list(self._batches):
                await self._flush(tp)

    async def _flush(self, tp: Any) -> None:
        batch = self._batches.pop(tp, None)
        if batch is None:
            return
        self._flushes += 1
        covered = SourceRange(
            topic=tp.topic,
            partition=tp.partition,
            generation=batch.app.consumer_generation_id,
            flush=f"{self._began:x}-{self._flushes:x}",
            first=batch.runs[0].records[0].offset,
            last=batch.runs[-1].next_offset - 1,
            committed=batch.app.consumer.committed_offset(tp),
        )
        last = batch.runs[-1].records[-1]
        written = await self._writer.submit((last, output) for output in self._stage.summaries(covered))
        task = asyncio.create_task(self._written(batch, written))
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
