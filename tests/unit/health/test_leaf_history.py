"""Leaves are kept within bounds, whatever fails, and what is left still adds up."""

from __future__ import annotations

from random import Random

import pytest

from contracts.windows import CODED
from processors.health.leaf_history import MAX_LEAVES, MAX_VALUES, TABLES, WINDOWS, LeafHistory
from processors.health.totals import LeafKey
from processors.runtime import metrics
from processors.runtime.tables import State

PROJECT = "t/p/production"
START = 1_781_524_800
STATE_ENTRY = 1_000_000
"""Bytes one entry of a state topic takes, at least."""


def leaves(number: int, *, failing: float, seed: int = 1) -> dict[LeafKey, list[int]]:
    random = Random(seed)
    found: dict[LeafKey, list[int]] = {}
    while len(found) < number:
        values = tuple(f"{name}-{random.randrange(200)}" for name in CODED)
        found[values] = [3, 2 if random.random() < failing else 0, 0, 0]
    return found


def capped(what: str) -> float:
    return metrics.REGISTRY.get_sample_value("hypercare_capped_total", {"what": what}) or 0.0


@pytest.mark.parametrize("failing", [0.0, 0.05, 0.6, 1.0])
def test_a_window_is_bounded_and_still_tells_how_much_failed(failing: float) -> None:
    state = State(TABLES)
    history, given, before = LeafHistory(state), leaves(60_000, failing=failing), capped("leaf")
    history.keep(PROJECT, START, given)
    ((_, kept),) = state[WINDOWS].items()
    assert len(kept.codes) < 2.5 * MAX_LEAVES
    assert len(WINDOWS.encode(kept)) < STATE_ENTRY
    assert kept.sums[:, 0].sum() == pytest.approx(180_000, rel=0.08)
    assert kept.sums[:, 1].sum() == pytest.approx(sum(row[1] for row in given.values()), rel=0.08)
    assert capped("leaf") - before == 60_000 - len(kept.codes)


def test_few_failed_leaves_are_all_kept_as_they_are() -> None:
    state = State(TABLES)
    given = leaves(20_000, failing=0.02)
    LeafHistory(state).keep(PROJECT, START, given)
    ((_, kept),) = state[WINDOWS].items()
    failed = [row for row in kept.sums.tolist() if row[1]]
    assert failed == [[3, 2, 0, 0]] * sum(1 for row in given.values() if row[1])


def test_values_beyond_the_cap_are_other_and_counted() -> None:
    state, before = State(TABLES), capped("value")
    history = LeafHistory(state)
    history.keep(PROJECT, START, {(f"/r{n}", *["x"] * (len(CODED) - 1)): [1, 1, 0, 0] for n in range(MAX_VALUES + 30)})
    kept = history.of(PROJECT, "errors")
    assert len(kept.values[0]) == MAX_VALUES
    rows = kept.between(START, START + 1)
    assert rows.sums[rows.codes[:, 0] == 0].tolist() == [[31, 31]], "one place is taken by `other` itself"
    assert capped("value") - before == 31
