"""A stage that is behind is told the time it has reached in reading."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.errors import Stop
from contracts.topic import DAY_MS, Topic, state_of
from contracts.topics import GATEWAY
from processors.runtime.crash_notes import CrashNotes
from processors.runtime.ending import EXIT_PERSON
from processors.runtime.epoch import Epoch
from processors.runtime.partition_keeper import PartitionKeeper
from processors.runtime.records import PlainRecord, Record, Run
from processors.runtime.stage import Outgoing
from processors.runtime.tables import Entry, State, TableSpec
from processors.runtime.transactions import Transactions


class Times:
    """A stage that notes the times it is told."""

    name = "times"
    topics: tuple[Topic, ...] = (GATEWAY,)
    state = state_of("times", partitions=1)
    tables: tuple[TableSpec[Any], ...] = ()
    tick_s = 1e-9

    def __init__(self) -> None:
        self.told: list[datetime] = []

    def begin(self, state: State) -> None:
        del state

    def process(self, record: Record, state: State) -> Sequence[Outgoing]:
        del record, state
        return ()

    def tick(self, time: datetime, state: State) -> Sequence[Outgoing]:
        del state
        self.told.append(time)
        return ()


@pytest.fixture
def unreachable() -> Iterator[Transactions]:
    """Nothing is written here, so no broker is needed."""
    transactions = Transactions("127.0.0.1:9", transactional_id="t", topic_prefix="", state="s", partition=0)
    yield transactions
    transactions.close()


def test_ticks_follow_the_records_until_all_are_read(tmp_path: Path, unreachable: Transactions) -> None:
    stage, behind = Times(), [True]
    keeper = PartitionKeeper(
        stage,
        0,
        unreachable,
        notes=CrashNotes(tmp_path / "notes.json"),
        topics={},
        behind=lambda: behind[0],
        committed=lambda _: None,
    )
    epoch, now = Epoch(0.0), datetime.now(UTC)
    keeper._tick(epoch)
    assert stage.told == [], "nothing was read yet"
    yesterday = int(now.timestamp() * 1000) - DAY_MS
    run = Run("t", 0, [PlainRecord(b"", topic="t", offset=0, timestamp=yesterday)])
    keeper._process_run(SimpleNamespace(value=run), epoch)
    keeper._tick(epoch)
    assert [int(time.timestamp() * 1000) for time in stage.told] == [yesterday]
    behind[0] = False
    keeper._tick(epoch)
    assert timedelta() <= stage.told[-1] - now < timedelta(minutes=1)


class Spoiled(Times):
    """A stage whose indexes cannot be built from what was restored."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def begin(self, state: State) -> None:
        del state
        raise self.error


class Restored(Transactions):
    """Nothing was stored, and no broker is needed to see that."""

    def take_over(self) -> None:
        pass

    def read_state(self) -> Iterator[Entry]:
        return iter(())


def begin_with(error: Exception, notes: Path) -> None:
    """Take a partition over for which a record waits, with indexes that raise ``error``."""
    transactions = Restored("127.0.0.1:9", transactional_id="t", topic_prefix="", state="s", partition=3)
    keeper = PartitionKeeper(
        Spoiled(error),
        3,
        transactions,
        notes=CrashNotes(notes),
        topics={},
        behind=lambda: False,
        committed=lambda _: None,
    )
    keeper.put(SimpleNamespace(value=Run("t", 0, [PlainRecord(b"", topic="t", offset=0, timestamp=1)])))
    try:
        asyncio.run(keeper.work())
    finally:
        transactions.close()


def test_where_the_state_does_not_fit_together_no_record_is_to_blame_and_a_person_has_to_act(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"times cannot read its state of partition 3.*row 22 of 16") as stopped:
        begin_with(IndexError("row 22 of 16"), tmp_path / "notes.json")
    assert "hypercare rebuild times" in stopped.value.fix
    assert stopped.value.exit_code == EXIT_PERSON
    assert not (tmp_path / "notes.json").exists()


def test_where_memory_runs_out_meanwhile_a_restart_helps_and_nobody_has_to_act(tmp_path: Path) -> None:
    with pytest.raises(MemoryError):
        begin_with(MemoryError(), tmp_path / "notes.json")
