"""Sums over combinations are the same, however few or many rows and keys there are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.health.combinations import DENSE, places, sums_at, totals

rows = st.lists(st.tuples(st.integers(0, 63), st.integers(1, 9)), min_size=1, max_size=60)


@settings(max_examples=60)
@given(rows, st.sampled_from([64, 5_000, 100_000, DENSE, DENSE + 1]))
def test_every_way_to_add_up_gives_the_same(drawn: list[tuple[int, int]], size: int) -> None:
    spread = size // 64
    keys = np.array([key * spread for key, _ in drawn], np.int64)
    weights = np.array([weight for _, weight in drawn], np.float64)
    by_hand: dict[int, float] = {}
    for key, weight in zip(keys.tolist(), weights.tolist(), strict=True):
        by_hand[key] = by_hand.get(key, 0.0) + weight
    found, sums = totals(keys, weights, size)
    assert dict(zip(found.tolist(), sums.tolist(), strict=True)) == by_hand
    assert found.tolist() == sorted(by_hand)
    some = found[::2]
    (again,) = sums_at(keys, some, size, (weights,))
    assert again.tolist() == [by_hand[key] for key in some.tolist()]
    at = places(keys, some, size)
    assert [some[place] if place >= 0 else -1 for place in at] == [key if key in some else -1 for key in keys]


@pytest.mark.parametrize("size", [64, 100_000])
def test_many_rows_give_what_few_give(size: int) -> None:
    dice = np.random.default_rng(5)
    keys, weights = dice.integers(0, 64, 40_000) * (size // 64), np.ones(40_000)
    found, sums = totals(keys, weights, size)
    assert sums.sum() == 40_000
    assert sums_at(keys, found, size, (weights,))[0].tolist() == sums.tolist()
