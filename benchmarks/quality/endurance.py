"""Millions of calls through one worker of each stage, memory watched: ``python -m benchmarks.quality.endurance``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.quality.state import resident_mb
from hypercare.evaluate.pipeline import Pipeline
from processors.runtime.collector import calm_the_collector
from producers.simulate.scenario import scenario

START = datetime(2026, 6, 15, 9, tzinfo=UTC)
RATE = 1_000.0
MILLION = 1_000_000


def main() -> None:
    """Print resident memory after each million calls of a project without faults, then what was found in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10 * MILLION)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    length = timedelta(seconds=1.1 * options.calls / RATE)
    made = scenario("null", seed=options.seed, start=START, duration=length, rate=RATE).calls()
    calm_the_collector()  # as every worker does
    found = [finding.sentence for finding in Pipeline().run(_watched(made, options.calls))]
    print(f"{len(found)} findings", *found, sep="\n")


def _watched(calls: Iterator[tuple[int, bytes]], most: int) -> Iterator[tuple[int, bytes]]:
    for number, call in enumerate(calls):
        if number % MILLION == 0:
            print(f"{number // MILLION} million calls, {resident_mb():.0f} MB resident", flush=True)
        if number >= most:
            return
        yield call


if __name__ == "__main__":
    main()
