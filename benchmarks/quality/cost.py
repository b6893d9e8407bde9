"""What windows, baselines and detectors cost a call, and how much a worker keeps of a busy project."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

from benchmarks.quality.measure import Measure
from contracts.calls import EnrichedCall
from contracts.windows import SourceRange
from processors.health.stage import HealthStage
from processors.runtime.collector import calm_the_collector
from processors.runtime.records import PlainRecord
from processors.runtime.tables import State
from processors.telemetry.stage import TelemetryStage
from processors.telemetry.window_sums import WindowSummer
from producers.simulate.scenario import scenario

START = datetime(2026, 6, 15, 12, tzinfo=UTC)
RATE = 1_000.0
SECONDS = 120
LEARN = 60
"""Seconds at the beginning that are not counted: nothing is looked for before something is usual."""


def measures() -> list[Measure]:
    """Time a call of summing and of the health stage, second by second, and the memory of the process."""
    before = _resident_mb()
    summing, health, counts = [], [], []
    for second, (calls, summed_s, judged_s) in enumerate(_seconds()):
        if second >= LEARN:
            counts.append(calls)
            summing.append(summed_s)
            health.append(judged_s)
    per_call = 1e6 * (sum(summing) + sum(health)) / sum(counts)
    spread = sorted(1e6 * s / n for s, n in zip(summing, counts, strict=True))
    note = (
        f"{sum(counts):,} calls at {RATE:g}/s; summing {1e6 * sum(summing) / sum(counts):.1f} µs "
        f"(median second {median(spread):.1f}, {spread[0]:.1f} to {spread[-1]:.1f}), "
        f"health {1e6 * sum(health) / sum(counts):.1f} µs; grew by {_resident_mb() - before:.0f} MB with the calls"
    )
    return [
        Measure(
            "one worker", "cost of windows, baselines and detectors, µs a call", round(per_call, 2), 5, 3, "lower", note
        )
    ]


class _Timed(WindowSummer):
    """Notes how long it takes, just after the call was enriched, as in a worker."""

    spent_ns = 0

    def add(self, topic: str, partition: int, call: EnrichedCall, *, backfill: bool = False) -> None:
        began = time.perf_counter_ns()
        super().add(topic, partition, call, backfill=backfill)
        self.spent_ns += time.perf_counter_ns() - began


def _seconds() -> Iterator[tuple[int, float, float]]:
    """Calls, and seconds for summing and for judging, of one second of the project after the other."""
    summer, stage = _Timed(), HealthStage(b"key")
    telemetry, state = TelemetryStage(b"cost", summer), State(stage.tables)
    made = scenario("null", seed=1, start=START, duration=timedelta(seconds=SECONDS), rate=RATE).calls()
    ends = int(START.timestamp() * 1000) + 1_000
    first = 0
    calm_the_collector()  # as every worker does
    for offset, (at_ms, raw) in enumerate(made):
        if at_ms >= ends:
            covered = SourceRange(
                topic="topic", partition=0, generation=1, flush=str(ends), first=first, last=offset - 1, committed=first
            )
            yield offset - first, *_timed(telemetry, summer, covered, (stage, state), ends)
            state.take_changes()
            first, ends, summer.spent_ns = offset, ends + 1_000, 0
        telemetry.process(PlainRecord(raw, offset=offset, timestamp=at_ms))


def _timed(
    telemetry: TelemetryStage, summer: _Timed, covered: SourceRange, health: tuple[HealthStage, State], at_ms: int
) -> tuple[float, float]:
    began = time.perf_counter()
    messages = [output.value for output in telemetry.summaries(covered)]
    summed = time.perf_counter()
    stage, state = health
    for message in messages:
        stage.process(PlainRecord(message, timestamp=at_ms), state)
    stage.tick(datetime.fromtimestamp(at_ms / 1000, UTC), state)
    return summer.spent_ns / 1e9 + summed - began, time.perf_counter() - summed


def _resident_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
