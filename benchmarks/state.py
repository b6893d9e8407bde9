"""A stateful stage with a million keys: how long a restore takes, and whether size slows it down.

The rate is taken of two stages: one that does nothing but count, where a look at memory that is in no cache weighs
most, and one that counts by the user of a call, which it reads, checks and passes on as stages of ours do.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import tempfile
import time
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson

from benchmarks.events import calls
from contracts.calls import GatewayCall
from contracts.cloudevents import headers_for, open_envelope, read_quickly
from contracts.quick import QuickReader, changed
from contracts.topic import DAY_MS, Topic, state_of
from contracts.topics import GATEWAY
from hypercare.topics import apply_topics
from processors.runtime.collector import calm_the_collector
from processors.runtime.crash_notes import CrashNotes
from processors.runtime.epoch import EPOCH_RECORDS
from processors.runtime.partition_keeper import PartitionKeeper
from processors.runtime.records import PlainRecord, Record, Run
from processors.runtime.stage import Outgoing
from processors.runtime.tables import State, TableSpec
from processors.runtime.transactions import Transactions

MANY, FEW = 1_000_000, 10_000
RECORDS = 100_000
IN_FLIGHT = 8
COUNTED = Topic("hypercare.bench.counted.v1", "tenant/project", 1, DAY_MS, (), "benchmark", "nobody", "counts by key")
TOTALS: TableSpec[list[int]] = TableSpec("totals", orjson.dumps, orjson.loads, capacity=2 * MANY)


class Counting:
    """Counts and sums by key, and says so: one output, one changed entry a record."""

    name = "bench"
    topics: tuple[Topic, ...] = (GATEWAY,)
    state = state_of("bench", partitions=2)
    tables: tuple[TableSpec[Any], ...] = (TOTALS,)
    tick_s = 0.0

    def begin(self, state: State) -> None:
        """Nothing is kept beside it."""

    def process(self, record: Record, state: State) -> Sequence[Outgoing]:
        """Add one."""
        said = orjson.loads(record.value or b"")
        key, totals = said["key"], state[TOTALS]
        count, total = totals.get(key) or (0, 0)
        totals[key] = [count + 1, total + said["n"]]
        return (Outgoing(COUNTED.name, key.encode(), orjson.dumps({"key": key, "count": count + 1}), []),)

    def tick(self, time: datetime, state: State) -> Sequence[Outgoing]:
        """Nothing: time means nothing to it."""
        del time, state
        return ()

    @staticmethod
    def value(key: int, number: int) -> bytes:
        """A record of a key, as short as can be."""
        return b'{"key":"key-%d","n":%d}' % (key, number)


class CountingCalls(Counting):
    """Counts calls by their user, and passes each on with its count."""

    def __init__(self) -> None:
        self._reader = QuickReader(GatewayCall)

    def process(self, record: Record, state: State) -> Sequence[Outgoing]:
        """Add one."""
        call, totals = read_quickly(open_envelope(record.value, record.headers), self._reader), state[TOTALS]
        key, latency = call.user or "", round(call.latency.total_ms or 0)
        count, total = totals.get(key) or (0, 0)
        totals[key] = [count + 1, total + latency]
        passed = changed(call, attributes={"count": count + 1})
        return (Outgoing(COUNTED.name, key.encode(), passed.encode(), headers_for(passed, "urn:bench")),)

    @staticmethod
    def value(key: int, number: int) -> bytes:
        """A call of a user, with an id of its own."""
        return CALL.replace(b'"1-0"', b'"%d"' % number).replace(USER, b'"user":"key-%d"' % key)


CALL = next(calls(1))
USER = re.search(rb'"user":"[^"]*"', CALL)[0]  # type: ignore[index]


class Bench:
    """Keepers on a real broker, fed with runs made by hand."""

    def __init__(self, bootstrap: str, folder: Path, kind: type[Counting]) -> None:
        self._kind = kind
        self._bootstrap = bootstrap
        self._folder = folder
        self._prefix = f"bench-{uuid.uuid4().hex[:8]}-"
        self._offset: dict[int, int] = {}
        apply_topics(bootstrap, prefix=self._prefix, partitions=2, topics=(GATEWAY, COUNTED, Counting.state))

    def keeper(self, number: int, slots: asyncio.Semaphore) -> PartitionKeeper:
        """A new owner of a partition."""
        stage = self._kind()
        transactions = Transactions(
            self._bootstrap,
            transactional_id=f"{self._prefix}bench/{number}",
            topic_prefix=self._prefix,
            state=stage.state.name,
            partition=number,
        )
        return PartitionKeeper(
            stage,
            number,
            transactions,
            notes=CrashNotes(self._folder / "notes.json"),
            topics={},
            behind=lambda: False,
            committed=lambda done: _release(slots, len(done.events)),
        )

    def runs(self, number: int, keys: Sequence[int]) -> list[Any]:
        """Records for these keys, in runs as a consumer hands them out."""
        first = self._offset.get(number, 0)
        self._offset[number] = first + len(keys)
        records = [
            PlainRecord(self._kind.value(key, first + n), topic="t", partition=number, offset=first + n)
            for n, key in enumerate(keys)
        ]
        return [
            SimpleNamespace(value=Run("t", number, records[at : at + EPOCH_RECORDS]))
            for at in range(0, len(records), EPOCH_RECORDS)
        ]

    async def process(
        self, number: int, keeper: PartitionKeeper, slots: asyncio.Semaphore, keys: Sequence[int]
    ) -> float:
        """Seconds of CPU that these records take, until all of them are committed."""
        runs = self.runs(number, keys)
        began = time.process_time()
        for run in runs:
            await slots.acquire()
            keeper.put(run)
        for _ in range(IN_FLIGHT):
            await slots.acquire()
        took = time.process_time() - began
        _release(slots, IN_FLIGHT)
        return took


def _release(slots: asyncio.Semaphore, count: int) -> None:
    for _ in range(count):
        slots.release()


async def measure(bootstrap: str, folder: Path, rounds: int, kind: type[Counting], many: int = MANY) -> dict[str, Any]:
    """Fill two partitions, then work on both in turn, then restore the large one."""
    bench, dice = Bench(bootstrap, folder, kind), random.Random(1)
    sizes, keepers, tasks = {0: FEW, 1: many}, {}, []
    for number, size in sizes.items():
        slots = asyncio.Semaphore(IN_FLIGHT)
        keepers[number] = bench.keeper(number, slots), slots
        tasks.append(asyncio.create_task(keepers[number][0].work()))
        await bench.process(number, *keepers[number], range(size))
    rates: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(rounds):
        for number, size in sizes.items():
            keys = [dice.randrange(size) for _ in range(RECORDS)]
            rates[number].append(RECORDS / await bench.process(number, *keepers[number], keys))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    restores = []
    for _ in range(rounds):
        fresh = bench.keeper(1, asyncio.Semaphore(1))
        began = time.monotonic()
        await asyncio.to_thread(fresh._take_over)  # noqa: SLF001 - the step that is measured
        restores.append(time.monotonic() - began)
        assert len(fresh.state[TOTALS]) == many  # noqa: S101 - else the figure means nothing
    return {"few_per_cpu_s": rates[0], "many_per_cpu_s": rates[1], "restore_s": restores}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bootstrap")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keys", type=int, default=MANY)
    parser.add_argument("--calls", action="store_true", help="count calls that are read and passed on")
    given = parser.parse_args()
    calm_the_collector()  # as in a worker
    with tempfile.TemporaryDirectory(prefix="hypercare-bench-") as folder:
        kind = CountingCalls if given.calls else Counting
        print(json.dumps(asyncio.run(measure(given.bootstrap, Path(folder), given.rounds, kind, given.keys))))


if __name__ == "__main__":
    main()
