"""Leaves are kept within bounds, whatever fails, and what is left still adds up."""

from __future__ import annotations

import numpy as np
import pytest

from contracts.findings import FindingKind
from contracts.windows import CODED, LEAF_SUMS, LEAF_WIDTH, WINDOW_S
from processors.health.leaf_history import MAX_LEAVES, MAX_VALUES, TABLES, WINDOWS, LeafHistory
from processors.health.leaves import Leaves, merged, thinned
from processors.health.look import Look
from processors.health.pinpoint import pinpoint
from processors.health.totals import LeafBlock
from processors.runtime import metrics
from processors.runtime.tables import State

PROJECT = "t/p/production"
START = 1_781_524_800
STATE_ENTRY = 1_000_000
"""Bytes one entry of a state topic takes, at least."""


def leaves(number: int, *, failing: float, seed: int = 1) -> LeafBlock:
    random = np.random.default_rng(seed)
    codes = random.integers(0, 200, (number, len(CODED)))
    sums = np.zeros((number, LEAF_SUMS), np.int64)
    sums[:, 0] = 3
    sums[:, 1] = np.where(random.random(number) < failing, 2, 0)
    return LeafBlock(tuple(tuple(f"{name}-{n}" for n in range(200)) for name in CODED), np.hstack([codes, sums]))


def capped(what: str) -> float:
    return metrics.REGISTRY.get_sample_value("hypercare_capped_total", {"what": what}) or 0.0


@pytest.mark.parametrize("failing", [0.0, 0.05, 0.6, 1.0])
def test_a_window_is_bounded_and_still_tells_how_much_failed(failing: float) -> None:
    state = State(TABLES)
    history, given, before = LeafHistory(state), leaves(60_000, failing=failing), capped("leaf")
    history.keep(PROJECT, START, [given])
    ((_, kept),) = state[WINDOWS].items()
    assert len(kept.codes) < 2.5 * MAX_LEAVES
    assert len(WINDOWS.encode(kept)) < STATE_ENTRY
    assert kept.sums[:, 0].sum() == pytest.approx(180_000, rel=0.08)
    assert kept.sums[:, 1].sum() == pytest.approx(given[1][:, len(CODED) + 1].sum(), rel=0.08)
    assert capped("leaf") - before == 60_000 - len(kept.codes)


def test_few_failed_leaves_are_all_kept_as_they_are() -> None:
    state = State(TABLES)
    given = leaves(20_000, failing=0.02)
    LeafHistory(state).keep(PROJECT, START, [given])
    ((_, kept),) = state[WINDOWS].items()
    failed = [row for row in kept.sums.tolist() if row[1]]
    assert failed == [[3, 2, 0, 0, 0, 0]] * int((given[1][:, len(CODED) + 1] > 0).sum())


def test_values_beyond_the_cap_are_other_and_counted() -> None:
    state, before = State(TABLES), capped("value")
    history = LeafHistory(state)
    number = MAX_VALUES + 30
    rows = np.zeros((number, LEAF_WIDTH), np.int64)
    rows[:, 0], rows[:, len(CODED) : len(CODED) + 2] = np.arange(number), 1
    history.keep(
        PROJECT, START, [LeafBlock((tuple(f"/r{n}" for n in range(number)), *[("x",)] * (len(CODED) - 1)), rows)]
    )
    kept = history.of(PROJECT, "errors")
    assert len(kept.values[0]) == MAX_VALUES
    found = kept.between(START, START + 1)
    assert found.sums[found.codes[:, 0] == 0].tolist() == [[31, 31]], "one place is taken by `other` itself"
    assert capped("value") - before == 31


def test_attributes_of_its_own_keep_their_columns_and_a_fifth_has_none() -> None:
    state, before = State(TABLES), capped("value")
    for start, more in ((START, ("a", "b", "c", "d")), (START + 10, ("b", "e"))):
        history = LeafHistory(state)
        rows = np.zeros((1, LEAF_WIDTH + len(more)), np.int64)
        rows[0, len(CODED) + len(more)] = 1
        values = (*[("x",)] * (len(CODED) - 1), *[(f"{name}-1",) for name in more], ("",))
        history.keep(PROJECT, start, [LeafBlock(values, rows, more)])
    kept = LeafHistory(state).of(PROJECT, "errors")
    assert kept.names[-4:] == ("attributes.a", "attributes.b", "attributes.c", "attributes.d")
    second = kept.between(START + 10, START + 20).codes[0].tolist()
    spelled = {name: kept.values[n][second[n]] for n, name in enumerate(kept.names)}
    assert {name: spelled[name] for name in kept.names[-4:]} == {
        "attributes.a": "other", "attributes.b": "b-1", "attributes.c": "other", "attributes.d": "other",
    }  # fmt: skip
    assert capped("value") == before + 1


def rows_of(leaves: Leaves) -> tuple[object, ...]:
    variance = None if leaves.variance is None else leaves.variance.tolist()
    return leaves.codes.tolist(), leaves.sums.tolist(), variance


@pytest.mark.parametrize("kind", ["errors", "routing_failures", "latency"])
def test_a_time_that_was_laid_out_has_the_same_leaves_as_one_that_was_not(kind: FindingKind) -> None:
    history = LeafHistory(State(TABLES))
    for number, size in enumerate((40, 7_000, 1, 90, 12_000, 30)):  # two of them are thinned out
        history.keep(PROJECT, START + 20 * number, [leaves(size, failing=0.1, seed=number)])
    plain, laid_out = history.of(PROJECT, kind), history.of(PROJECT, kind)
    laid_out.lay_out(START, START + 110)
    for since in range(START - 5, START + 120, 5):
        for until in (since, since + 5, since + 40, START + 200):
            assert rows_of(laid_out.between(since, until)) == rows_of(plain.between(since, until))


def test_which_leaves_are_left_is_the_same_whether_their_numbers_are_known_or_not() -> None:
    state = State(TABLES)
    LeafHistory(state).keep(PROJECT, START, [leaves(4_000, failing=0.1)])
    ((_, kept),) = state[WINDOWS].items()
    unknown, restored = Leaves(kept.codes, kept.sums, kept.variance), WINDOWS.decode(WINDOWS.encode(kept))
    for salt in (0, 1, 7):
        found = {str(rows_of(thinned(some, 500, salt=salt))) for some in (kept, unknown, restored)}
        assert len(found) == 1
    assert rows_of(merged(kept)) == rows_of(merged(unknown))


def test_what_fails_from_the_first_window_on_is_found_without_a_past() -> None:
    history = LeafHistory(State(TABLES))
    codes = np.zeros((40, len(CODED)), np.int64)
    codes[:, CODED.index("route")] = np.arange(40) % 4
    sums = np.zeros((40, LEAF_SUMS), np.int64)
    sums[:, 0] = 20
    sums[:, 1] = np.where(np.arange(40) % 4 == 1, 18, 0)
    history.keep(
        PROJECT,
        START,
        [LeafBlock(tuple(tuple(f"{name}-{n}" for n in range(4)) for name in CODED), np.hstack([codes, sums]))],
    )
    found = pinpoint(history.of(PROJECT, "errors"), Look(0, START + WINDOW_S), failing=True)
    assert [sighting.cause for sighting in found] == [(("route", "route-1"),)]
