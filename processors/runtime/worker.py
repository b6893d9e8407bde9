"""Runs one stream stage: a stage that keeps nothing which a replay would spoil.

For every run of records, in this order:

1. process each record; a rejected one becomes a dead letter, its neighbours go on;
2. hand the outputs to the writer, in order, with a bounded number of runs in flight;
3. wait until every output is known to be written;
4. write the dead letters, those of step 1 and those the writer refused, and wait for them;
5. for a stage that sums over its records, wait until the sums that cover the run are written (`holding`);
6. acknowledge the run; Faust commits the end of the longest acknowledged prefix.

An unexpected error ends the process at once, with the run unacknowledged: a crash and a kill are the same case.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

import structlog

from contracts.errors import Rejected
from processors.runtime import fail_points, metrics
from processors.runtime.crash_notes import CrashNotes
from processors.runtime.dead_letter_rate import DeadLetterRate
from processors.runtime.dead_letters import DeadLetters, gap_refusal
from processors.runtime.ending import end_process
from processors.runtime.holding import Holding, Summarising
from processors.runtime.records import Record, Run
from processors.runtime.settings import WorkerSettings
from processors.runtime.stage import Item, Out, Refusal, Skipped, Stage, Writer

log = structlog.get_logger()


@dataclass(slots=True)
class _Pass:
    """One run on its way through the stage: how many outputs it made, and which records it lost to dead letters."""

    run: Run
    outputs: int = 0
    refusals: list[Refusal] = field(default_factory=list)


class Worker(Generic[Out]):
    """Moves runs through a stage, a writer and the dead letters."""

    def __init__(
        self,
        stage: Stage[Out],
        writer: Writer[Out],
        dead_letters: DeadLetters,
        settings: WorkerSettings,
    ) -> None:
        self.stage = stage
        self.writer = writer
        self._dead_letters = dead_letters
        self._slots = asyncio.Semaphore(settings.runs_in_flight)
        self._rate = DeadLetterRate(settings.dead_letters_per_minute)
        self._notes = CrashNotes(settings.file(stage.name, ".crash.json"))
        self._tasks: set[asyncio.Task[None]] = set()
        self._holding = Holding(stage, writer) if isinstance(stage, Summarising) else None
        self._in_flight = 0
        self.last_progress = time.monotonic()

    async def consume(self, stream: Any) -> None:
        """Take runs from the stream for ever; the only place that catches everything, and it ends the process."""
        try:
            await self.writer.start()
            await self._dead_letters.start()
            if self._holding is not None:
                self._start(self._holding.flush_for_ever())
            async for event in stream.noack().events():
                await self._slots.acquire()
                work = _Pass(event.value)
                summed: Awaitable[bool] | None = None
                if self._holding is None:
                    written = await self.writer.submit(self._process(work))
                else:
                    written, summed = await self._process_and_hold(event, work, self._holding)
                self._rate.check(self.stage.name, len(work.run.records), [why for _, why in work.refusals])
                self._in_flight += 1
                metrics.IN_FLIGHT.set(self._in_flight)
                self._start(self._settle(event, work, written, summed))
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - the loop's single guard
            end_process(error)

    async def _process_and_hold(
        self, event: Any, work: _Pass, holding: Holding
    ) -> tuple[Awaitable[Sequence[Refusal]], Awaitable[bool]]:
        """Process a run in one go with respect to flushes; a run that was forgotten meanwhile is not acknowledged."""
        async with holding.order:
            before = holding.forgotten
            written = await self.writer.submit(self._process(work))
            if holding.forgotten != before:
                self.stage.forget_recent()
                return written, _never_summed()
            summed = holding.hold(event)
            await holding.flush_full()
        return written, summed

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _process(self, work: _Pass) -> Iterator[Item[Out]]:
        """Process record by record while the writer takes the outputs: each is queued while it is still warm."""
        process = self.stage.process
        if work.run.gap:
            work.refusals.append(gap_refusal(work.run))
        for record in work.run.records:
            try:
                outputs = process(record)
            except Rejected as rejected:
                work.refusals.append((record, rejected))
            except Skipped as skipped:
                metrics.SKIPPED.labels(skipped.reason).inc()
            except Exception as error:  # noqa: BLE001 - raised on, unless it is the third time here
                self._crashed(record, error)
                work.refusals.append((record, Rejected("unexpected_error", repr(error))))
            else:
                for output in outputs:
                    work.outputs += 1
                    yield record, output
        metrics.RECORDS.labels(work.run.topic).inc(len(work.run.records))

    def _crashed(self, record: Record, error: Exception) -> None:
        """Raise on, to end the process, unless the record did so before as often as may be."""
        if not self._notes.poisonous(record, error):
            log.critical("stage_crashed", stage=self.stage.name, times=self._notes.add(record), **_place(record))
            raise error
        log.critical("record_given_up", stage=self.stage.name, error=repr(error), **_place(record))

    async def _settle(
        self, event: Any, work: _Pass, written: Awaitable[Sequence[Refusal]], summed: Awaitable[bool] | None
    ) -> None:
        fail_points.reached(fail_points.BEFORE_WRITE)
        refusals = [*work.refusals, *await written]
        if refusals:
            await self._dead_letters.keep(refusals)
        fail_points.reached(fail_points.BEFORE_ACK)
        self._slots.release()
        self._in_flight -= 1
        metrics.IN_FLIGHT.set(self._in_flight)
        metrics.OUTPUTS.inc(work.outputs)
        self.last_progress = time.monotonic()
        if summed is not None:
            if not await summed:
                return
            fail_points.reached(fail_points.SUMS_WRITTEN)
        event.message.ack(event.app.consumer)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            end_process(error)

    def attach(self, app: Any) -> None:
        """Nothing to hear of: any run may come at any time."""

    def waiting(self) -> str:
        """Why nothing can be written at present, or an empty text."""
        return self.writer.waiting() or self._dead_letters.waiting()

    def forget_recent(self) -> None:
        """Records may come again."""
        self.stage.forget_recent()
        if self._holding is not None:
            self._holding.forget()

    async def stop(self) -> None:
        """Disconnect; called after Faust has drained and committed."""
        for task in self._tasks:
            task.cancel()
        await self.writer.stop()
        await self._dead_letters.stop()


async def _never_summed() -> bool:
    return False


def _place(record: Record) -> dict[str, object]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}
