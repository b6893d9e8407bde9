"""Runs one stateful stage as one Faust app: hands each run to the keeper of its partition number."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import structlog

from contracts.topic import Topic
from processors.runtime import metrics
from processors.runtime.crash_notes import CrashNotes
from processors.runtime.dead_letter_rate import DeadLetterRate
from processors.runtime.ending import end_process
from processors.runtime.epoch import Committed
from processors.runtime.in_flight import InFlight
from processors.runtime.partition_keeper import PartitionKeeper
from processors.runtime.settings import WorkerSettings
from processors.runtime.stateful import StatefulStage
from processors.runtime.transactions import Transactions

SLOW_AFTER_S = 5.0

log = structlog.get_logger()


class StatefulWorker:
    """Opens and closes keepers as partitions come and go."""

    def __init__(self, stage: StatefulStage, settings: WorkerSettings) -> None:
        self.stage = stage
        self._settings = settings
        self._in_flight = InFlight(settings.runs_in_flight * settings.run_records)
        self._rate = DeadLetterRate(settings.dead_letters_per_minute)
        self._notes = CrashNotes(settings.file(stage.name, ".crash.json"))
        self._topics: dict[str, Topic] = {settings.topic_prefix + topic.name: topic for topic in stage.topics}
        self._keepers: dict[int, tuple[PartitionKeeper, asyncio.Task[None]]] = {}
        self._events: dict[int, dict[int, Any]] = {}
        """Events in flight by partition number, found by their identity: small runs are many."""
        self._app: Any = None
        self.last_progress = time.monotonic()

    def attach(self, app: Any) -> None:
        """Hear of partitions that come and go."""
        self._app = app
        app.on_partitions_assigned.connect(self._assigned, weak=False)

    async def consume(self, stream: Any) -> None:
        """Take runs from the stream for ever."""
        try:
            async for event in stream.noack().events():
                await self._in_flight.enter(len(event.value.records))
                number = event.value.partition
                self._events.setdefault(number, {})[id(event)] = event
                metrics.IN_FLIGHT.set(sum(map(len, self._events.values())))
                self._keeper(number).put(event)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - the loop's single guard
            end_process(error)

    def waiting(self) -> str:
        """Why nothing can be written at present, or an empty text."""
        now = time.monotonic()
        for number, (keeper, _) in list(self._keepers.items()):  # the watch asks from a thread of its own
            if keeper.waiting(now) > SLOW_AFTER_S:
                return f"Kafka does not commit the transaction of partition {number}"
        return ""

    def forget_recent(self) -> None:
        """Nothing to forget: what comes again is skipped by its offset."""

    async def stop(self) -> None:
        """Leave; called after Faust has drained and committed. An open transaction is the next owner's to abort."""
        for number in list(self._keepers):
            self._close(number)

    async def _assigned(self, *_: Any, **__: Any) -> None:
        numbers = {tp.partition for tp in self._app.consumer.assignment() if tp.topic in self._topics}
        for number in set(self._keepers) - numbers:
            self._close(number)
        for number in numbers:
            self._keeper(number)

    def _keeper(self, number: int) -> PartitionKeeper:
        if number not in self._keepers:
            keeper = PartitionKeeper(
                self.stage,
                number,
                Transactions(
                    self._settings.kafka,
                    transactional_id=f"{self._settings.topic_prefix}{self.stage.name}/{number}",
                    topic_prefix=self._settings.topic_prefix,
                    state=self.stage.state.name,
                    partition=number,
                ),
                notes=self._notes,
                topics=self._topics,
                behind=lambda: self._behind(number),
                committed=lambda done: self._committed(number, done),
            )
            task = asyncio.create_task(keeper.work())
            task.add_done_callback(lambda task: self._ended(number, task))
            self._keepers[number] = keeper, task
        return self._keepers[number][0]

    def _behind(self, number: int) -> bool:
        """Whether there are records that were not read yet, or that is not known."""
        consumer = self._app.consumer
        return any(
            consumer.unread(tp) != 0
            for tp in consumer.assignment()
            if tp.partition == number and tp.topic in self._topics
        )

    def _close(self, number: int) -> None:
        """Give a partition up: what is in flight is the next owner's to read again."""
        keeper, task = self._keepers.pop(number)
        keeper.close()
        task.cancel()
        for event in self._events.pop(number, {}).values():
            self._in_flight.leave(len(event.value.records))
        log.info("partition_given_up", partition=number)

    def _ended(self, number: int, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None and self._is_ours(number, task):
            end_process(error)

    def _is_ours(self, number: int, task: asyncio.Task[None]) -> bool:
        return number in self._keepers and self._keepers[number][1] is task

    def _committed(self, number: int, done: Committed) -> None:
        open_events = self._events.get(number, {})
        for event in done.events:
            if open_events.pop(id(event), None) is not None:
                self._in_flight.leave(len(event.value.records))
                event.message.ack(event.app.consumer)
        metrics.IN_FLIGHT.set(sum(map(len, self._events.values())))
        self.last_progress = time.monotonic()
        self._rate.check(self.stage.name, done.records, [why for _, why in done.refusals])
