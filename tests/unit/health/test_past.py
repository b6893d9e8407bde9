"""What is usual where nothing is wrong, from a past with spells of trouble in it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from processors.health.leaves import Leaves, thinned
from processors.health.past import MOST_ROWS, Past, calm

PLACES = 3


def leaves(rows: int, seed: int, *, bad_every: int = 50) -> Leaves:
    random = np.random.default_rng(seed)
    codes = np.column_stack([random.integers(0, 4, rows), random.integers(0, 30_000, (rows))]).astype(np.int16)
    return Leaves(codes, np.column_stack([np.full(rows, 10), np.arange(rows) % bad_every == 0]).astype(np.int64))


def test_the_calmer_half_leaves_spells_of_trouble_out() -> None:
    calls, bad = np.full((1, 5), 100.0), np.array([[1.0, 90.0, 2.0, 80.0, 3.0]])
    assert [side.tolist() for side in calm(calls, bad)] == [[300.0], [6.0]]


def test_blocks_without_calls_tell_nothing() -> None:
    calls, bad = np.array([[0.0, 0.0, 100.0, 100.0]]), np.array([[0.0, 0.0, 5.0, 4.0]])
    assert [side.tolist() for side in calm(calls, bad)] == [[200.0], [9.0]]


@given(st.lists(st.tuples(st.integers(1, 100), st.floats(0, 1)), min_size=1, max_size=12))
def test_the_calmer_half_is_never_worse_than_all(blocks: list[tuple[int, float]]) -> None:
    calls = np.array([[float(count) for count, _ in blocks]])
    bad = np.array([[count * rate for count, rate in blocks]])
    some_calls, some_bad = calm(calls, bad)
    assert some_bad[0] / some_calls[0] <= bad.sum() / calls.sum() + 1e-9


def test_sums_are_kept_by_block() -> None:
    past = Past.of([leaves(40, 1), leaves(60, 2)], 2)
    calls, bad = past.by_block(past.columns[0], 4)
    assert calls.sum(axis=0).tolist() == [400.0, 600.0]
    assert bad.sum(axis=0).tolist() == [1.0, 2.0]


def test_rows_of_no_region_are_left_out() -> None:
    past = Past.of([leaves(40, 1)], 2)
    calls, _ = past.by_block(np.where(past.columns[0] == PLACES, 0, -1), 1)
    assert calls.sum() == 10 * (past.columns[0] == PLACES).sum()


def test_no_past_is_a_past() -> None:
    past = Past.of([], 2)
    assert [side.tolist() for side in past.by_block(past.columns[0], 1)] == [[[0.0]], [[0.0]]]


def test_a_long_past_keeps_all_failed_rows_and_weighs_a_sample_of_the_good_ones() -> None:
    blocks = [leaves(40_000, seed) for seed in range(5)]
    past = Past.of(blocks, 2)
    assert len(past.calls) <= 1.1 * MOST_ROWS
    assert past.bad.sum() == sum(block.sums[:, 1].sum() for block in blocks)
    assert abs(past.calls.sum() / 2_000_000 - 1) < 0.03, "two per cent is what a sample of 45,000 rows may be off"


def test_which_rows_are_kept_does_not_depend_on_their_order_but_on_the_salt() -> None:
    given_ = leaves(4_000, 1)
    order = np.random.default_rng(2).permutation(4_000)
    kept, mixed, other = (
        {tuple(row) for row in thinned(rows, 1_000, salt=salt).codes.tolist()}
        for rows, salt in ((given_, 1), (Leaves(given_.codes[order], given_.sums[order]), 1), (given_, 2))
    )
    assert kept == mixed
    assert len(kept & other) < 0.6 * len(kept)
