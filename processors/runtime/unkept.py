"""A stateful stage run as a stream, its state in memory only: where no engine would keep it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from processors.runtime.records import Record
from processors.runtime.stage import Outgoing
from processors.runtime.stateful import StatefulStage
from processors.runtime.tables import State


class Unkept:
    """What it remembers ends with the process, and time passes only as records come."""

    def __init__(self, stage: StatefulStage) -> None:
        self.name, self.topics = stage.name, stage.topics
        self._stage = stage
        self._states: dict[int, State] = {}
        self._ticked_at: dict[int, float] = {}

    def process(self, record: Record) -> Sequence[Outgoing]:
        """Take in one record; let time pass up to it."""
        state = self._states.get(record.partition)
        if state is None:
            state = self._states[record.partition] = State(self._stage.tables)
        outputs = [*self._stage.process(record, state), *self._tick(record, state)]
        state.take_changes()
        return outputs

    def forget_recent(self) -> None:
        """Nothing: what is remembered is counted once, and this is for looks that end before a rebalance."""

    def _tick(self, record: Record, state: State) -> Sequence[Outgoing]:
        now = record.timestamp / 1_000
        before = self._ticked_at.setdefault(record.partition, now)
        if not self._stage.tick_s or now - before < self._stage.tick_s:
            return ()
        self._ticked_at[record.partition] = now
        return self._stage.tick(datetime.fromtimestamp(now, UTC), state)
