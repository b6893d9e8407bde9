"""What is found does not depend on when readers of calls were dead: their calls are waited for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import itemgetter
from random import Random

import orjson
import pytest

from contracts.findings import Finding
from contracts.topics import GATEWAY
from contracts.windows import SourceRange
from processors.health.stage import HealthStage
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Outgoing, Skipped
from processors.runtime.tables import State
from processors.telemetry.stage import TelemetryStage
from processors.telemetry.window_sums import WindowSummer

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
NOON_S = int(NOON.timestamp())
ONSET_S, END_S = 300, 600
PARTITIONS, RATE = 2, 8
FAILING, ALIKE = "/r2", 0.5
WORK_S = 30
"""So many seconds of calls a reader works off in one second when it is behind."""
Log = list[tuple[float, bytes]]


def calls(seed: int) -> Log:
    """Each with its second: from the onset on half of the calls of one route in one country fail."""
    random, made = Random(seed), list[tuple[float, bytes]]()
    for number in range(END_S * RATE):
        at_s = number / RATE
        route, country = f"/r{random.randrange(4)}", random.choice(("DE", "FR", "US"))
        bad = route == FAILING and country == "FR" and at_s >= ONSET_S and random.random() < ALIKE
        event = {
            "id": f"call-{number}", "occurred_at": (NOON + timedelta(seconds=at_s)).isoformat(), "project": "shop",
            "request": {"route": route, "method": random.choice(("GET", "GET", "POST"))},
            "response": {"status": 503 if bad else 200}, "upstream": {"service": route.strip("/")},
            "latency": {"total_ms": 20}, "client": {"geo": {"country_iso": country}},
        }  # fmt: skip
        made.append((at_s, orjson.dumps(event)))
    return made


class Reader:
    """A telemetry worker: its partitions, where each goes on, and what it summed and has not told yet."""

    def __init__(self, generation: int, positions: dict[int, int]) -> None:
        self.generation, self.positions = generation, dict(positions)
        self.told, self.committed, self.flushes = dict(positions), dict(positions), 0
        self.stage = TelemetryStage(b"key", WindowSummer())

    def read(self, log: dict[int, Log], until_s: float) -> None:
        """Read what there is by then, of each partition no more than a second's work."""
        for partition, first in list(self.positions.items()):
            records = log[partition]
            for offset in range(first, min(len(records), first + WORK_S * RATE // PARTITIONS)):
                if records[offset][0] > until_s:
                    break
                self.positions[partition] = offset + 1
                at_ms = int(1_000 * (NOON_S + records[offset][0]))
                record = PlainRecord(
                    records[offset][1], topic=GATEWAY.name, partition=partition, offset=offset, timestamp=at_ms
                )
                self.stage.process(record)

    def flush(self, log: dict[int, Log], until_s: float) -> Iterator[Outgoing]:
        """Tell what was summed; what was told the last time is committed by now."""
        for partition, position in self.positions.items():
            self.flushes += 1
            told, self.committed[partition] = self.told[partition], self.told[partition]
            covered = SourceRange(
                topic=GATEWAY.name, partition=partition, generation=self.generation,
                flush=f"{self.generation}-{self.flushes}", first=told, last=position - 1, committed=told,
                unread=bisect_right(log[partition], until_s, key=itemgetter(0)) - position,
            )  # fmt: skip
            self.told[partition] = position
            if position > told or not covered.unread:
                yield from self.stage.summaries(covered)


def play(seed: int, dead: dict[int, range], *, quiet: int | None = None) -> list[Finding]:
    """Play the calls; the reader of each partition is ``dead`` in these seconds. Return what is found.

    A killed reader's follower begins where the last commit was, which is before what was told last. Partition
    ``quiet`` has no calls from the onset on.
    """
    log = parted(seed, quiet)
    health, readers = HealthStage(b"key"), {number: Reader(1, {number: 0}) for number in log}
    state, found = State(health.tables), list[Finding]()
    for second in range(1, END_S + 60):
        at_ms = 1_000 * (NOON_S + second)
        for number in log:
            if second == dead.get(number, range(0)).stop:
                readers[number] = Reader(2, readers[number].committed)
            if second not in dead.get(number, ()):
                reader = readers[number]
                reader.read(log, second)
                hand(health, state, reader.flush(log, second), at_ms)
        told = health.judge(datetime.fromtimestamp(at_ms / 1000, UTC), state, charted=False)
        found += [event for event in told if isinstance(event, Finding)]
    return found


@cache
def without_kills(seed: int) -> list[Finding]:
    return play(seed, {})


def parted(seed: int, quiet: int | None) -> dict[int, Log]:
    """The calls by partition."""
    log: dict[int, Log] = {number: [] for number in range(PARTITIONS)}
    for number, call in enumerate(calls(seed)):
        partition = number % PARTITIONS
        log[0 if partition == quiet and call[0] >= ONSET_S else partition].append(call)
    return log


def hand(health: HealthStage, state: State, sums: Iterator[Outgoing], at_ms: int) -> None:
    for one in sums:
        with suppress(Skipped):
            health.process(PlainRecord(one.value, topic=one.topic, headers=_bytes(one), timestamp=at_ms), state)


def _bytes(one: Outgoing) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in one.headers if isinstance(value, str)]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "dead",
    [
        {0: range(ONSET_S + 15, ONSET_S + 40)},
        {1: range(ONSET_S - 8, ONSET_S + 22)},
        {0: range(ONSET_S + 3, ONSET_S + 30), 1: range(ONSET_S + 3, ONSET_S + 30)},
        {0: range(ONSET_S + 3, ONSET_S + 20), 1: range(ONSET_S + 33, ONSET_S + 60)},
    ],
)
def test_the_same_is_found_though_readers_were_dead(seed: int, dead: dict[int, range]) -> None:
    undisturbed, disturbed = without_kills(seed), play(seed, dead)
    assert undisturbed, "something is found"
    assert disturbed == undisturbed


def test_a_partition_that_has_no_more_calls_blocks_nobody() -> None:
    found = play(1, {}, quiet=1)
    assert found
    assert found[0].occurred_at < NOON + timedelta(seconds=ONSET_S + 120)
