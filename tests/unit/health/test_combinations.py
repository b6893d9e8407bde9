"""Sums over combinations are the same, however few or many rows and keys there are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.health.combinations import AT_ONCE, DENSE, codes_of, counted, places, sums_at, totals

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


@settings(max_examples=60)
@given(st.data(), st.sampled_from([2, 9, 200]), st.integers(1, 3), st.sampled_from([0.0, 5.0, 40.0]))
def test_all_attributes_at_once_give_what_each_gives(
    data: st.DataObject, values: int, count: int, least: float
) -> None:
    row = st.tuples(*[st.integers(0, values - 1)] * 4, st.integers(1, 9))
    drawn = data.draw(st.lists(row, min_size=1, max_size=60))
    by_hand: dict[tuple[int, ...], dict[tuple[int, ...], float]] = {}
    for attributes in combinations(range(4), count):
        sums: dict[tuple[int, ...], float] = {}
        for *codes, weight in drawn:
            place = tuple(codes[attribute] for attribute in attributes)
            sums[place] = sums.get(place, 0.0) + weight
        if any(total >= least for total in sums.values()):
            by_hand[attributes] = {place: total for place, total in sorted(sums.items()) if total >= least}
    found = told(drawn, values, list(combinations(range(4), count)), least)
    assert found == by_hand
    assert [list(regions) for regions in found.values()] == [list(regions) for regions in by_hand.values()]


def told(
    rows: Sequence[Sequence[int]], values: int, several: Sequence[tuple[int, ...]], least: float
) -> dict[tuple[int, ...], dict[tuple[int, ...], float]]:
    *columns, weights = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    sizes = [values] * len(columns)
    return {
        attributes: dict(zip(map(tuple, codes_of(keys, attributes, sizes).tolist()), sums.tolist(), strict=True))
        for attributes, keys, sums in counted(columns, several, sizes, weights.astype(np.float64), least)
    }


def test_more_rows_than_are_counted_at_once_are_counted_too() -> None:
    rows = [(number % 3, number % 5, 1) for number in range(AT_ONCE // 2 + 1)]
    several: list[tuple[int, ...]] = [(0,), (1,)]
    assert told(rows, 5, several, 1.0) == {some: told(rows, 5, [some], 1.0)[some] for some in several}
    assert sum(told(rows, 5, several, 1.0)[0,].values()) == len(rows)


@pytest.mark.parametrize("size", [64, 100_000])
def test_many_rows_give_what_few_give(size: int) -> None:
    dice = np.random.default_rng(5)
    keys, weights = dice.integers(0, 64, 40_000) * (size // 64), np.ones(40_000)
    found, sums = totals(keys, weights, size)
    assert sums.sum() == 40_000
    assert sums_at(keys, found, size, (weights,))[0].tolist() == sums.tolist()
