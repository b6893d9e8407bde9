"""A Faust transport that hands the agent one message per run of records, and commits run prefixes.

Stock faust-streaming costs about twenty times more per event and loses events in four ordinary situations
(`docs/decisions/0003-batch-transport.md`). Membership, rebalancing, commit timing and shutdown stay Faust's. The
methods overridden here are private: `check_contract` proves at import that they are still what they were.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

import faust
from aiokafka.errors import IllegalStateError
from faust.transport.consumer import Consumer as FaustConsumer
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from processors.runtime import metrics, patient_assignment, tolerant_records
from processors.runtime.consumer_thread import ConsumerThread
from processors.runtime.progress import PartitionProgress
from processors.runtime.records import Run

SCHEME = "runs"
DRAIN_TIMEOUT_S = 20.0
"""How long a revocation or a stop waits for runs in flight; what is not done by then is read again."""


class Consumer(driver.Consumer):
    """Yields ``(partition, message whose value is a Run)`` and tracks progress by run."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.progress: dict[TP, PartitionProgress] = {}
        self._expected: dict[TP, int] = {}
        self._ends: dict[TP, int] = {}

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:  # noqa: ASYNC109 - as in Faust
        """Fetch once and yield one message per partition that had records."""
        records, active = await self._wait_next_records(timeout)
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            await self.perform_seek()
            return
        generation = self.app.consumer_generation_id
        for tp, fetched in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if fetched and (active is None or tp in active or tp in self._buffered_partitions):
                gap = await self._gap_before(tp, fetched[0].offset)
                if self.flow_active and self.app.consumer_generation_id == generation:
                    yield tp, self._hand_out(tp, fetched, gap)

    async def _gap_before(self, tp: TP, offset: int) -> range:
        """Offsets that Kafka deleted before they were read.

        A hole alone says nothing: compaction and transactions leave them. It is a gap where the log begins after it.
        """
        expected = self._expected.get(tp)
        if expected is None or offset <= expected:
            return range(0)
        begins = (await self.earliest_offsets(tp))[tp]
        if begins <= expected:
            return range(0)
        gap = range(expected, min(begins, offset))
        metrics.GAPS.labels(tp.topic).inc(len(gap))
        self.log.critical("records deleted before they were read: %s %s", tp, gap)
        return gap

    def _hand_out(self, tp: TP, fetched: list[Any], gap: range) -> ConsumerMessage:
        run = Run(tp.topic, tp.partition, fetched, gap)
        self._expected[tp] = run.next_offset
        self.progress.setdefault(tp, PartitionProgress()).begin(run)
        last = fetched[-1]
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000.0,
            last.timestamp_type,
            None,
            None,
            cast(bytes, run),
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    def ack(self, message: Any) -> bool:
        """Note that a run is safely delivered."""
        if message.acked:
            return False
        message.acked = True
        self._unacked_messages.discard(message)
        progress = self.progress.get(message.tp)
        known = progress is not None and progress.done(message.value)
        if self._waiting_for_ack is not None and not self._waiting_for_ack.done():
            self._waiting_for_ack.set_result(None)
        return known

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (tp for tp in list(self.progress) if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        progress = self.progress.get(tp)
        return progress.committable if progress else None

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Do nothing: prefixes are of runs, so holes between offsets do not matter."""

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Drain what is in flight (Faust does, through `wait_empty`), then forget the partitions."""
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self.progress.pop(tp, None)
            self._expected.pop(tp, None)
        self._forget()

    async def perform_seek(self) -> None:
        """Go back to where the next unfinished run begins, and forget what was handed out after it.

        Faust goes back to the committed offset and leaves a partition alone that has none, although its
        buffered records were just dropped: those would be lost.
        """
        resume = {tp: progress.resume_at for tp, progress in self.progress.items()}
        try:
            await super().perform_seek()
            for tp, offset in resume.items():
                if offset is not None and tp in self.assignment():
                    await self.seek(tp, max(offset, self._committed_offset[tp] or 0))
        except (IllegalStateError, AssertionError) as error:
            self.log.info("seek after a revocation left to the next assignment: %r", error)
        self.progress.clear()
        self._expected = {tp: resume.get(tp) or offset for tp, offset in self._committed_offset.items() if offset}
        self._forget()

    def _forget(self) -> None:
        """Tell the stage that records may come again."""
        forget = getattr(self.app, "forget_recent", None)
        if forget is not None:
            forget()

    async def wait_empty(self) -> None:
        """Wait for runs in flight, but not for ever: what is left is processed again by the next owner."""
        deadline = time.monotonic() + DRAIN_TIMEOUT_S
        while self._unacked_messages and time.monotonic() < deadline:
            await self.commit()
            await self._wait_for_ack(timeout=1)
            self._clean_unacked_messages()
        if self._unacked_messages:
            self.log.warning("%d runs not drained, they will be read again", len(self._unacked_messages))
            self._unacked_messages.clear()
        await self.commit_and_end_transactions()

    def committed_offset(self, tp: TP) -> int:
        """Offset below which nothing is read again, as far as is known; 0 until something was committed."""
        return self._committed_offset.get(tp) or 0

    async def measure(self) -> None:
        """Ask Kafka where assigned partitions end: who fetches nothing would think for ever that nothing is there."""
        assigned = tuple(self.assignment())
        self._ends = dict(await self.highwaters(*assigned)) if assigned else {}

    def join_again(self) -> None:
        """Ask the group for another round of assignment."""
        thread = cast(ConsumerThread, self._thread)
        patient_assignment.join_again(thread._ensure_consumer(), thread.thread_loop)  # noqa: SLF001

    @property
    def member_id(self) -> str:
        """By what name its group knows it."""
        return patient_assignment.member_of(cast(ConsumerThread, self._thread)._ensure_consumer())  # noqa: SLF001

    def unread(self, tp: TP) -> int | None:
        """Records readable now and not yet fetched; None until it is known."""
        try:
            end, position = self.highwater(tp), cast(ConsumerThread, self._thread).next_offset(tp)
        except (IllegalStateError, AssertionError, KeyError):
            return None
        ends = [known for known in (end, self._ends.get(tp)) if known is not None]
        return max(0, max(ends) - position) if ends and position is not None else None

    def in_flight(self, tp: TP) -> int:
        """Records handed out and not yet safely delivered."""
        progress = self.progress.get(tp)
        return progress.in_flight if progress else 0

    def lag(self) -> int:
        """Records readable now and not yet safely delivered, over all assigned partitions."""
        return sum((self.unread(tp) or 0) + self.in_flight(tp) for tp in self.assignment())


class Transport(driver.Transport):
    """Kafka by aiokafka, in runs."""

    Consumer = Consumer


def check_contract() -> None:
    """Fail at import when faust-streaming no longer has the private methods this module stands on."""
    expected = {
        "_wait_next_records": ["self", "timeout"],
        "_filter_tps_with_pending_acks": ["self", "topics"],
        "_new_offset": ["self", "tp"],
        "_add_gap": ["self", "tp", "offset_from", "offset_to"],
        "perform_seek": ["self"],
        "wait_empty": ["self"],
        "_wait_for_ack": ["self", "timeout"],
        "_clean_unacked_messages": ["self"],
        "commit_and_end_transactions": ["self"],
        "on_partitions_revoked": ["self", "revoked"],
    }
    of_the_thread = {
        "_create_worker_consumer": ["self", "transport"],
        "verify_event_path": ["self", "now", "tp"],
        "_verify_aiokafka_event_path": ["self", "now", "tp"],
    }
    wrong = [
        name
        for owner, methods in ((FaustConsumer, expected), (driver.AIOKafkaConsumerThread, of_the_thread))
        for name, parameters in methods.items()
        if list(inspect.signature(getattr(owner, name)).parameters) != parameters
    ]
    if wrong or not faust.__version__.startswith("0.15."):
        raise ImportError(f"faust-streaming {faust.__version__} changed {wrong}; 0.15.3 or later 0.15 is needed")


check_contract()
tolerant_records.install()
patient_assignment.install()
TRANSPORTS.aliases[SCHEME] = f"{__name__}:Transport"
