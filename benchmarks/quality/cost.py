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
    """CPU a call of summing and of the health stage, second by second, and the memory of the process."""
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


def _seconds() -> Iterator[tuple[int, float, float]]:
    """Calls, and CPU seconds for summing and for judging, of one second of the project after the other."""
    telemetry, stage, summer = TelemetryStage(b"cost", sums=False), HealthStage(), WindowSummer()
    state = State(stage.tables)
    made = scenario("null", seed=1, start=START, duration=timedelta(seconds=SECONDS), rate=RATE).calls()
    batch: list[EnrichedCall] = []
    ends = int(START.timestamp() * 1000) + 1_000
    first = 0
    for offset, (at_ms, raw) in enumerate(made):
        if at_ms >= ends:
            covered = SourceRange(
                topic="calls", partition=0, generation=1, flush=str(ends), first=first, last=offset - 1, committed=first
            )
            yield len(batch), *_timed(batch, summer, covered, (stage, state), ends)
            state.take_changes()
            batch, first, ends = [], offset, ends + 1_000
        (output,) = telemetry.process(PlainRecord(raw, offset=offset, timestamp=at_ms))
        batch.append(EnrichedCall.model_validate_json(output.value or b""))


def _timed(
    batch: list[EnrichedCall],
    summer: WindowSummer,
    covered: SourceRange,
    health: tuple[HealthStage, State],
    at_ms: int,
) -> tuple[float, float]:
    began = time.process_time()
    for call in batch:
        summer.add("calls", 0, call)
    messages = [sums.encode() for sums in summer.take(covered)]
    summed = time.process_time()
    stage, state = health
    for message in messages:
        stage.process(PlainRecord(message, timestamp=at_ms), state)
    stage.tick(datetime.fromtimestamp(at_ms / 1000, UTC), state)
    return summed - began, time.process_time() - summed


def _resident_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
