"""How much the health stage keeps of a large project: 2,000 routes at their upstreams, 40,000 leaves."""

from __future__ import annotations

import gc
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import psutil

from benchmarks.quality.measure import Measure
from contracts.calls import EnrichedCall
from contracts.windows import SourceRange
from processors.health.stage import HealthStage
from processors.runtime.collector import calm_the_collector
from processors.runtime.records import PlainRecord
from processors.runtime.tables import State, TableSpec
from processors.telemetry.window_sums import WindowSummer

START = datetime(2026, 6, 15, 12, tzinfo=UTC)
ROUTES, LEAVES = 2_000, 40_000
RATE, MINUTES = 1_000, 10
PARTITIONS = 4
MB = 1_000_000


def measures() -> list[Measure]:
    """Resident memory that the stage's state adds to the process."""
    some = Random(1)
    calls = [_call(number, some) for number in range(LEAVES)]
    summer, stage = WindowSummer(), HealthStage(b"key")
    state = State(stage.tables)
    calm_the_collector()
    before = resident_mb()
    for second in range(MINUTES * 60):
        _play(second, some.sample(calls, RATE), summer, (stage, state))
    gc.collect()
    grew = resident_mb() - before
    stored = sum(len(spec.encode(value)) for spec in stage.tables for _, value in state[spec].items()) / MB
    note = (
        f"{MINUTES} min of {RATE:,} calls/s over {len(state[routes_of(stage)]):,} routes and {LEAVES:,} "
        f"combinations of attributes; {stored:.0f} MB in Kafka"
    )
    return [Measure("state", "resident MB of the health stage", round(grew, 1), 200, 120, "lower", note)]


def routes_of(stage: HealthStage) -> TableSpec[Any]:
    """The table with one entry a route at an upstream."""
    return next(spec for spec in stage.tables if spec.name == "routes")


def _call(number: int, some: Random) -> EnrichedCall:
    failed = some.random() < 0.01
    return EnrichedCall.model_validate(
        {
            "id": f"call-{number}",
            "occurred_at": START,
            "request": {"route": f"/api/v1/resource-{number % ROUTES}/{{id}}", "method": some.choice(("GET", "POST"))},
            "response": {"status": 503 if failed else 200, "bytes": some.randrange(10_000)},
            "upstream": {"service": f"service-{number % ROUTES % 60}"},
            "latency": {"total_ms": some.lognormvariate(4, 1)},
            "outcome": "upstream_error" if failed else "ok",
            "consumer": f"consumer-{some.randrange(40)}",
            "release": some.choice(("2.3.0", "2.4.0")),
            "gateway": {"instance": f"gateway-{some.randrange(6)}"},
            "user_agent": {"browser": some.choice(("Chrome", "Safari", "Edge")), "os": some.choice(("iOS", "Windows"))},
            "client": {"geo": {"country_iso": some.choice(("DE", "FR", "US", "GB", "IN", "BR"))}},
        }
    )


def _play(second: int, calls: list[EnrichedCall], summer: WindowSummer, health: tuple[HealthStage, State]) -> None:
    at = START + timedelta(seconds=second)
    at_ms = int(at.timestamp() * 1000)
    for number, call in enumerate(calls):
        summer.add("calls", number % PARTITIONS, EnrichedCall.trusted({**call.__dict__, "occurred_at": at}))
    stage, state = health
    for partition in range(PARTITIONS):
        first = second * RATE
        covered = SourceRange(
            topic="calls", partition=partition, generation=1, flush=str(second), first=first, last=first + RATE - 1,
            committed=first,
        )  # fmt: skip
        for sums in summer.take(covered):
            stage.process(PlainRecord(sums.encode(), timestamp=at_ms), state)
    stage.tick(at, state)
    state.take_changes()


def resident_mb() -> float:
    """Resident memory of this process."""
    return psutil.Process().memory_info().rss / MB
