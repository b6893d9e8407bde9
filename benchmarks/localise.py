"""The CPU time of one search for causes: 20,000 leaves now, a past of 200,000 rows, ten attributes.

    python -m benchmarks.localise [--rounds N]

Kinds: no fault, which is what most looks meet; one; two at once; one that shows in an additive measure.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import numpy.typing as npt

from processors.health.leaves import Leaves
from processors.health.mass import scan_mass
from processors.health.rank import Region
from processors.health.scan import scan

LEAVES, PAST_BLOCKS = 20_000, 10
VALUES = (100, 5, 24, 6, 8, 6, 4, 10, 3, 3)
"""Values of each attribute, in the order of `ATTRIBUTES`, as in the simulated system."""
FAULTS = {"no fault": (), "one fault": ({4: 2, 6: 1},), "two faults": ({4: 2, 6: 1}, {0: 7})}
WANTED_MS = 100.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    kinds = [(name, scan, faults) for name, faults in FAULTS.items()]
    for name, search, faults in [*kinds, ("one fault, as a mass", scan_mass, FAULTS["one fault"])]:
        took = _took_ms(rounds, search, faults)
        verdict = "ok" if median(took) <= WANTED_MS else "NOT MET"
        print(
            f"{verdict:<8}{name}: median {median(took):.0f} ms, {took[0]:.0f} to {took[-1]:.0f}"
            f" in {rounds} rounds (wanted {WANTED_MS:g})"
        )


def _took_ms(rounds: int, search: Callable[..., list[Region]], faults: tuple[dict[int, int], ...]) -> list[float]:
    """Sorted CPU times of a search, which runs on one core, each over leaves of its own."""
    took = []
    for seed in range(rounds):
        random = np.random.default_rng(seed)
        now = _leaves(random, LEAVES, faults)
        past = [_leaves(random, LEAVES, ()) for _ in range(PAST_BLOCKS)]
        began = time.process_time()
        found = search(now, past)
        took.append(1000 * (time.process_time() - began))
        if faults and not found:
            raise RuntimeError("a planted fault was not found: this measures nothing")
    return sorted(took)


def _leaves(random: np.random.Generator, rows: int, faults: tuple[dict[int, int], ...]) -> Leaves:
    """Rows of ten calls each; routes have one upstream; a third of the calls of a fault fail."""
    codes = np.column_stack([1 + random.integers(0, values, rows) for values in VALUES])
    codes[:, 2] = 1 + codes[:, 0] % VALUES[2]
    chance: npt.NDArray[np.float64] = np.full(rows, 0.005)
    for fault in faults:
        chance[np.logical_and.reduce([codes[:, attribute] == code for attribute, code in fault.items()])] = 1 / 3
    calls = np.full(rows, 10)
    return Leaves(codes.astype(np.int16), np.column_stack([calls, random.binomial(calls, chance)]))


if __name__ == "__main__":
    main()
