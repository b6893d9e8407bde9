"""A stateful stage that counts calls by key. Run as a process, with the settings of the product."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from contracts.calls import GatewayCall
from contracts.cloudevents import open_envelope, read_event
from contracts.errors import Rejected
from contracts.topic import DAY_MS, Topic, state_of
from contracts.topics import GATEWAY
from hypercare.engines.engine import Endpoints
from hypercare.settings import Settings
from hypercare.stages import worker_settings
from processors.runtime.records import Record
from processors.runtime.run import run_stateful_stage
from processors.runtime.stage import Outgoing
from processors.runtime.tables import State, TableSpec

COUNTED = Topic(
    name="hypercare.test.counted.v1",
    key="tenant/project",
    partitions=4,
    retention_ms=DAY_MS,
    events=(),
    written_by="counting stage",
    read_by="tests",
    about="each call with its number among those of its key",
)
Total = list[int]
"""Calls, sum of their numbers, last number."""
TOTALS: TableSpec[Total] = TableSpec("totals", encode=orjson.dumps, decode=orjson.loads, capacity=2_000_000)
CLOCK: TableSpec[int] = TableSpec("clock", encode=orjson.dumps, decode=orjson.loads, capacity=1)
TICKED_US = "ticked_us"
"""Entry of the clock: when the last tick was, in microseconds since 1970."""


class CountingStage:
    """Counts; refuses what is no call of a plan, is slow or crashes where asked to."""

    name = "counting"
    topics: tuple[Topic, ...] = (GATEWAY,)
    state = state_of("counting", partitions=4)
    tables: tuple[TableSpec[Any], ...] = (TOTALS, CLOCK)
    tick_s = 0.5

    def begin(self, state: State) -> None:
        del state

    def process(self, record: Record, state: State) -> Sequence[Outgoing]:
        said: Mapping[str, Any] = read_event(open_envelope(record.value, record.headers), GatewayCall).attributes
        if not said.keys() >= {"key", "seq"}:
            raise Rejected("missing_field", "no call of a plan")
        key, seq = str(said["key"]), int(said["seq"])
        totals = state[TOTALS]
        count, total, after = totals.get(key) or [0, 0, -1]
        totals[key] = [count + 1, total + seq, seq]
        if said.get("crash"):
            raise ZeroDivisionError("after state was changed")
        if "slow" in said:
            time.sleep(float(said["slow"]))
        value = orjson.dumps({"key": key, "seq": seq, "count": count + 1, "after": after})
        return (Outgoing(COUNTED.name, key.encode(), value, []),)

    def tick(self, time: datetime, state: State) -> Sequence[Outgoing]:
        assert time.tzinfo is not None
        state[CLOCK][TICKED_US] = round(time.timestamp() * 1_000_000)
        return ()


if __name__ == "__main__":
    settings = Settings()
    endpoints = Endpoints(settings.kafka, settings.elasticsearch)
    run_stateful_stage(CountingStage(), worker_settings(CountingStage.name, settings, endpoints))
