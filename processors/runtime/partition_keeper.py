"""Owns one partition number of a stateful stage: its state in memory, its transactions, its runs in order.

1. take over: fence earlier owners, read the state partition to its end, go on from the marker;
2. take runs in the order they come; skip records that the state counts already;
3. when an epoch is full or old enough, hand its outputs, changed state and marker to one transaction, and go on
   with later runs while it is committed;
4. when it is committed, acknowledge the epoch's runs.

What was handed out before a rebalance and comes again is skipped by its offset, so a rebalance restores nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from contracts.errors import Rejected, Stop
from contracts.limits import MAX_EVENT_BYTES
from contracts.topic import DEAD_LETTER_HEADROOM, Topic
from processors.runtime import fail_points, metrics
from processors.runtime.collector import calm_the_collector
from processors.runtime.crash_notes import CrashNotes
from processors.runtime.dead_letters import fitting, gap_refusal
from processors.runtime.ending import EXIT_PERSON
from processors.runtime.epoch import Committed, Epoch
from processors.runtime.reading_clock import ReadingClock
from processors.runtime.records import Record, Run
from processors.runtime.stage import Outgoing, Skipped, size_of
from processors.runtime.stateful import MARKER, Marker, StatefulStage
from processors.runtime.tables import State, StateUnreadable
from processors.runtime.transactions import Entry, Transactions

LOOK_S = 0.05
MAX_OUTPUT_BYTES = MAX_EVENT_BYTES + DEAD_LETTER_HEADROOM
"""What every topic of the catalogue takes."""

log = structlog.get_logger()


class PartitionKeeper:
    """``committed`` is called in the event loop after each epoch; ``behind`` says whether more can be read at once."""

    def __init__(
        self,
        stage: StatefulStage,
        number: int,
        transactions: Transactions,
        *,
        notes: CrashNotes,
        topics: Mapping[str, Topic],
        behind: Callable[[], bool],
        committed: Callable[[Committed], None],
    ) -> None:
        self._stage = stage
        self._number = number
        self._transactions = transactions
        self._notes = notes
        self._topics = topics
        self._behind = behind
        self._committed = committed
        self._inbox: asyncio.Queue[Any] = asyncio.Queue()
        self._marker = Marker()
        self._tick_due = 0.0
        self._clock = ReadingClock()
        self.state = State(stage.tables)

    def put(self, event: Any) -> None:
        """Queue a run; the caller bounds how many there are."""
        self._inbox.put_nowait(event)

    def close(self) -> None:
        """Give up what is waited for; whoever made this cancels `work`."""
        self._transactions.close()

    def waiting(self, now: float) -> float:
        """Seconds since the present transaction began, 0 without one."""
        since = self._transactions.busy_since
        return now - since if since is not None else 0.0

    async def work(self) -> None:
        """Take over, then process for ever; raises whatever has to end the process."""
        try:
            await asyncio.to_thread(self._take_over)
        except StateUnreadable as error:
            name = self._stage.name
            raise Stop(
                f"{name} cannot read its state of partition {self._number}: {error}",
                fix=f"start the version that wrote it, or build it anew from the topics: `hypercare rebuild {name}`",
                exit_code=EXIT_PERSON,
            ) from error
        self._tick_due = time.monotonic()
        epoch = Epoch(time.monotonic())
        commit: asyncio.Task[None] | None = None
        while True:
            event = await self._next_event(epoch, committing=commit is not None)
            if epoch.empty:
                epoch.began = time.monotonic()
            if event is not None:
                self._process_run(event, epoch)
            self._tick(epoch)
            if commit is not None and commit.done():
                await commit
                commit = None
            if not epoch.empty and time.monotonic() >= epoch.due_at():
                if commit is not None:
                    await commit
                commit = asyncio.create_task(self._commit(epoch, *self._encode(epoch)))
                epoch = Epoch(time.monotonic())

    def _take_over(self) -> None:
        began = time.monotonic()
        self._transactions.take_over()
        entries = 0
        for key, value in self._transactions.read_state():
            entries += 1
            if key == MARKER:
                self._marker = Marker.decode(value or b"")
            else:
                self.state.restore(key, value)
        try:
            self._stage.begin(self.state)
        except MemoryError:  # of the machine, not of the state: a restart helps
            raise
        except Exception as error:  # whatever it is: nothing but the state was asked
            raise StateUnreadable(f"what the stage remembers does not fit together: {error!r}") from error
        calm_the_collector()
        log.info(
            "state_restored",
            partition=self._number,
            entries=entries,
            positions=self._marker.positions,
            seconds=round(time.monotonic() - began, 2),
        )

    async def _next_event(self, epoch: Epoch, *, committing: bool) -> Any:
        """The next run, or None when an epoch or a tick is due or a commit wants to be looked at."""
        if not self._inbox.empty():
            await asyncio.sleep(0)
            return self._inbox.get_nowait()
        due = [] if epoch.empty else [epoch.due_at()]
        if self._stage.tick_s:
            due.append(self._tick_due)
        if committing:
            due.append(time.monotonic() + LOOK_S)
        if not due:
            return await self._inbox.get()
        try:
            return await asyncio.wait_for(self._inbox.get(), max(0.0, min(due) - time.monotonic()))
        except TimeoutError:
            return None

    def _process_run(self, event: Any, epoch: Epoch) -> None:
        run: Run = event.value
        position = self._marker.positions.get(run.topic, 0)
        records = [record for record in run.records if record.offset >= position]
        if run.gap and run.gap.stop > position:
            epoch.refusals.append(gap_refusal(run))
        for record in records:
            self._process(record, epoch)
        self._marker.positions[run.topic] = max(position, run.next_offset)
        self._clock.read(records)
        epoch.events.append(event)
        epoch.records += len(records)
        metrics.RECORDS.labels(run.topic).inc(len(records))

    def _process(self, record: Record, epoch: Epoch) -> None:
        if self._notes.gave_up(record):
            log.critical("record_given_up", stage=self._stage.name, **_place(record))
            epoch.refusals.append((record, Rejected("unexpected_error", "the stage ended twice at this record")))
            return
        before = self.state.changes
        try:
            outputs = _of_fitting_size(self._stage.process(record, self.state))
        except (Rejected, Skipped) as refused:
            if self.state.changes != before:
                self._crashed(record)
                raise RuntimeError("a rule changed state and then refused the record") from refused
            if isinstance(refused, Rejected):
                epoch.refusals.append((record, refused))
            else:
                metrics.SKIPPED.labels(refused.reason).inc()
        except Exception:
            self._crashed(record)
            raise
        else:
            epoch.outputs.extend(outputs)

    def _crashed(self, record: Record) -> None:
        log.critical("stage_crashed", stage=self._stage.name, times=self._notes.add(record), **_place(record))

    def _tick(self, epoch: Epoch) -> None:
        now = time.monotonic()
        if not self._stage.tick_s or now < self._tick_due:
            return
        self._tick_due = now + self._stage.tick_s
        moment = self._clock.moment(datetime.now(UTC), behind=not self._inbox.empty() or self._behind())
        if moment is None:
            return
        if self._marker.ticked_at is None or moment > self._marker.ticked_at:
            self._marker.ticked_at = moment
        before = self.state.changes
        outputs = _of_fitting_size(self._stage.tick(self._marker.ticked_at, self.state))
        epoch.outputs.extend(outputs)
        epoch.ticked = epoch.ticked or bool(outputs) or self.state.changes != before

    def _encode(self, epoch: Epoch) -> tuple[list[Outgoing], list[Entry]]:
        """Freeze what the epoch writes; later runs may change state from here on."""
        entries = [Entry(key, value) for key, value in self.state.take_changes()]
        for entry in entries:
            if len(entry.key) + len(entry.value or b"") > MAX_OUTPUT_BYTES:
                raise Stop(
                    f"{self._stage.name}: state entry {entry.key[:200]!r} is larger than {MAX_OUTPUT_BYTES} bytes",
                    fix="bound what the stage remembers under one key",
                    exit_code=EXIT_PERSON,
                )
        entries.append(Entry(MARKER, self._marker.encode()))
        letters = [fitting(*refusal, self._stage.name, self._topics) for refusal in epoch.refusals]
        return [*epoch.outputs, *letters], entries

    async def _commit(self, epoch: Epoch, outputs: list[Outgoing], entries: list[Entry]) -> None:
        await asyncio.to_thread(self._transactions.commit, outputs, entries)
        fail_points.reached(fail_points.EPOCH_COMMITTED)
        metrics.OUTPUTS.inc(len(epoch.outputs))
        for _, why in epoch.refusals:
            metrics.DEAD_LETTERS.labels(why.reason).inc()
        self._committed(Committed(epoch.events, epoch.records, epoch.refusals))


def _of_fitting_size(outputs: Sequence[Outgoing]) -> Sequence[Outgoing]:
    for out in outputs:
        if size_of(out) > MAX_OUTPUT_BYTES:
            raise RuntimeError(
                f"an output for {out.topic} has {size_of(out)} bytes, its topic takes {MAX_OUTPUT_BYTES}"
            )
    return outputs


def _place(record: Record) -> dict[str, object]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}
