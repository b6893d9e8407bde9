"""A stateful stage that counts events by key. Run as a process, with settings as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from contracts.errors import Rejected
from contracts.topics import CALLS, GATEWAY, Topic, state_of
from processors.runtime.records import Record
from processors.runtime.run import run_stateful_stage
from processors.runtime.settings import WorkerSettings
from processors.runtime.stage import Outgoing, Skipped
from processors.runtime.stateful import StatefulStage
from processors.runtime.tables import State, TableSpec

Total = list[int]
"""Events, sum of their numbers, last number."""
TOTALS: TableSpec[Total] = TableSpec(
    "totals", encode=orjson.dumps, decode=orjson.loads, capacity=int(os.environ.get("CAPACITY", "2000000"))
)
CLOCK: TableSpec[int] = TableSpec("clock", encode=orjson.dumps, decode=orjson.loads, capacity=1)
TICKS = "ticks"


class CountingStage:
    """Counts; refuses what is not JSON, skips what asks for it, crashes where asked to."""

    name = "counting"
    topics: tuple[Topic, ...] = (GATEWAY,)
    state = state_of("counting", partitions=4)
    tables: tuple[TableSpec[Any], ...] = (TOTALS, CLOCK)
    tick_s = 0.5

    def process(self, record: Record, state: State) -> Sequence[Outgoing]:
        try:
            body = orjson.loads(record.value or b"")
            key, seq = str(body["key"]), int(body["seq"])
        except (ValueError, TypeError, KeyError) as error:
            raise Rejected("not_json", str(error)) from error
        if body.get("skip"):
            raise Skipped("asked")
        totals = state[TOTALS]
        total = totals.get(key) or [0, 0, -1]
        totals[key] = [total[0] + 1, total[1] + seq, seq]
        if body.get("crash"):
            raise ZeroDivisionError("after state was changed")
        value = orjson.dumps({"key": key, "seq": seq, "count": total[0] + 1, "after": total[2]})
        return (Outgoing(CALLS.name, key.encode(), value, []),)

    def tick(self, time: datetime, state: State) -> Sequence[Outgoing]:
        clock = state[CLOCK]
        clock[TICKS] = (clock.get(TICKS) or 0) + 1
        assert time.tzinfo is not None
        return ()


def main(stage: StatefulStage) -> None:
    given = json.loads(sys.argv[1])
    run_stateful_stage(stage, WorkerSettings(**{**given, "folder": Path(given["folder"])}))


if __name__ == "__main__":
    main(CountingStage())
