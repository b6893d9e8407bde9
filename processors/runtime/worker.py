"""Runs one stage as one Faust app: one process, one consumer group member.

For every run of records, in this order:

1. process each record; a rejected one becomes a dead letter, its neighbours go on;
2. hand the outputs to the writer, in order, with a bounded number of runs in flight;
3. wait until every output is known to be written;
4. write the dead letters, those of step 1 and those the writer refused, and wait for them;
5. acknowledge the run; Faust commits the end of the longest acknowledged prefix.

An unexpected error ends the process at once, with the run unacknowledged: a crash and a kill are the same case.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

import faust
import structlog

from contracts.errors import Rejected, Stop
from processors.runtime import metrics
from processors.runtime.crash_notes import CrashNotes
from processors.runtime.dead_letter_rate import DeadLetterRate
from processors.runtime.dead_letters import DeadLetters
from processors.runtime.ending import EXIT_PERSON, end_process
from processors.runtime.records import Record, Run
from processors.runtime.settings import WorkerSettings
from processors.runtime.stage import Item, Out, Refusal, Skipped, Stage, Writer
from processors.runtime.transport import SCHEME

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
        self._settings = settings
        self._slots = asyncio.Semaphore(settings.runs_in_flight)
        self._rate = DeadLetterRate(settings.dead_letters_per_minute)
        self._notes = CrashNotes(settings.file(stage.name, ".crash.json"))
        self._tasks: set[asyncio.Task[None]] = set()
        self.last_progress = time.monotonic()

    async def consume(self, stream: Any) -> None:
        """Take runs from the stream for ever; the only place that catches everything, and it ends the process."""
        try:
            await self.writer.start()
            await self._dead_letters.start()
            async for event in stream.noack().events():
                await self._slots.acquire()
                work = _Pass(event.value)
                written = await self.writer.submit(self._process(work))
                self._check_rate(work)
                task = asyncio.create_task(self._settle(event, work, written))
                self._tasks.add(task)
                task.add_done_callback(self._settled)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - the loop's single guard
            end_process(error)

    def _process(self, work: _Pass) -> Iterator[Item[Out]]:
        """Process record by record while the writer takes the outputs: each is queued while it is still warm."""
        process = self.stage.process
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

    def _check_rate(self, work: _Pass) -> None:
        if self._rate.add(time.monotonic(), len(work.run.records), len(work.refusals)):
            raise Stop(
                f"{self.stage.name} rejects most of what it reads: more than "
                f"{self._settings.dead_letters_per_minute} dead letters in a minute, the last because of "
                f"{work.refusals[-1][1] if work.refusals else 'earlier runs'}",
                fix="look at them with `hypercare dlq ls`, mend the sender, then start the stage again",
                exit_code=EXIT_PERSON,
            )

    async def _settle(self, event: Any, work: _Pass, written: Awaitable[Sequence[Refusal]]) -> None:
        refusals = [*work.refusals, *await written]
        if refusals:
            await self._dead_letters.keep(refusals)
        event.message.ack(event.app.consumer)
        self.last_progress = time.monotonic()
        metrics.OUTPUTS.inc(work.outputs)

    def _settled(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._slots.release()
        metrics.IN_FLIGHT.set(len(self._tasks))
        if not task.cancelled() and (error := task.exception()) is not None:
            end_process(error)

    async def stop(self) -> None:
        """Disconnect; called after Faust has drained and committed."""
        await self.writer.stop()
        await self._dead_letters.stop()


def build_app(worker: Worker[Any], settings: WorkerSettings) -> faust.App:
    """The Faust app of a stage: its group id is the prefix and ``hypercare-<stage>``."""
    app = faust.App(
        f"{settings.topic_prefix}hypercare-{worker.stage.name}",
        broker=";".join(f"{SCHEME}://{server}" for server in settings.kafka.split(",")),
        datadir=settings.folder / "faust",
        consumer_group_instance_id=settings.instance_id or None,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=8 * 1_048_576,
        broker_max_poll_records=settings.run_records,
        broker_commit_interval=settings.commit_interval_s,
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.session_timeout_s / 5,
        broker_max_poll_interval=86_400.0,  # a sink may rightly wait for hours; the watchdog looks after progress
        stream_buffer_maxsize=settings.runs_in_flight,
        stream_wait_empty=True,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
    )
    app.forget_recent = worker.stage.forget_recent  # type: ignore[attr-defined]
    topics = app.topic(*(settings.topic_prefix + t.name for t in worker.stage.topics), schema=_RunSchema())
    app.agent(topics, name=worker.stage.name)(worker.consume)
    return app


class _RunSchema(faust.Schema[Any, Any]):
    """Hands the run through undecoded: validation happens once, in the stage."""

    def loads_key(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:
        """Give no key: a run has many."""

    def loads_value(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:  # noqa: ARG002 - Faust's signature
        """Give the run."""
        return message.value


def _place(record: Record) -> dict[str, object]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}
