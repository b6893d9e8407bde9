"""Millions of calls through one worker of each stage, memory watched: ``python -m benchmarks.quality.endurance``."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from benchmarks.quality.state import resident_mb
from hypercare.evaluate.pipeline import Pipeline
from processors.runtime.collector import calm_the_collector
from producers.simulate.scenario import scenario

START = datetime(2026, 6, 15, 9, tzinfo=UTC)
RATE = 1_000.0
MILLION = 1_000_000
AFTER = "in the second half"


def main() -> None:
    """Print resident memory after each million calls of a project without faults, then what was found in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--calls", type=int, default=10 * MILLION, help="at least two looks; a million takes about a minute"
    )
    parser.add_argument("--every", type=int, default=MILLION, help="calls between two looks at the memory")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    length = timedelta(seconds=3 * options.calls / RATE)  # nights are quiet; it ends when all came
    made = scenario("null", seed=options.seed, start=START, duration=length, rate=RATE).calls()
    calm_the_collector()  # as every worker does
    resident: list[float] = []
    found = [finding.sentence for finding in Pipeline().run(_watched(made, options.calls, options.every, resident))]
    print(f"{slope(resident, options.every):+.1f} MB a million calls {AFTER}", flush=True)
    print(f"{len(found)} findings", *found, sep="\n")


def _watched(
    calls: Iterator[tuple[int, bytes]], most: int, every: int, resident: list[float]
) -> Iterator[tuple[int, bytes]]:
    began, spent = time.monotonic(), time.process_time()
    for number, call in enumerate(calls):
        if number % every == 0:
            resident.append(resident_mb())
            seconds, processor = time.monotonic() - began, time.process_time() - spent
            told = f"{number / MILLION:g} million calls, {resident[-1]:.0f} MB resident"
            print(f"{told}, {seconds:.0f} s, {processor:.0f} s of a processor", flush=True)
        if number >= most:
            return
        yield call


def slope(resident: Sequence[float], every: int) -> float:
    """MB that a million calls add, by the straight line through the second half; nothing before tables are full."""
    later = resident[len(resident) // 2 :]
    return float(np.polyfit(np.arange(len(later)) * every / MILLION, later, 1)[0]) if len(later) > 1 else math.nan


if __name__ == "__main__":
    main()
