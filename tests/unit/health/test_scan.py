"""The combination under which calls fail is found, exactly, among those that merely overlap it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.windows import ATTRIBUTES, CODED
from processors.health.leaves import Leaves
from processors.health.rank import Region
from processors.health.scan import holds, scan

SIZES = (12, 2, 6, 4, 5, 4, 3, 6, 3, 3)
"""How many values each attribute has here."""
Codes = tuple[int, ...]


def leaves(random: Random, calls: int, chance: Callable[[Codes], float]) -> Leaves:
    rows = []
    for _ in range(calls):
        codes = tuple(1 + random.randrange(size) for size in SIZES)
        codes = (*codes[:2], 1 + codes[0] % SIZES[2], *codes[3:])  # a route has one upstream
        rows.append((*codes, 0, 1, int(random.random() < chance(codes))))
    table = np.array(rows, np.int64)
    return Leaves(table[:, : len(CODED)].astype(np.int16), table[:, len(CODED) :])


def noise(codes: Codes) -> float:
    return 0.002 + 0.008 * codes[0] / SIZES[0]


def names(region: Region) -> dict[str, int]:
    return {ATTRIBUTES[attribute]: code for attribute, code in region.pairs}


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_a_planted_combination_comes_first(seed: int) -> None:
    random = Random(seed)
    columns = random.sample((2, 3, 4, 7, 8), random.choice((1, 2)))
    cause = {column: 1 + random.randrange(SIZES[column]) for column in columns}

    def chance(codes: Codes) -> float:
        return 0.5 if all(codes[column] == code for column, code in cause.items()) else noise(codes)

    found = scan(leaves(random, 5_000, chance), [leaves(random, 15_000, noise)])
    assert names(found[0]) == {ATTRIBUTES[column]: code for column, code in cause.items()}


def test_noise_that_was_always_there_is_no_cause() -> None:
    random = Random(1)

    def noisy_route(codes: Codes) -> float:
        return 0.2 if codes[0] == 3 else noise(codes)

    found = scan(leaves(random, 5_000, noisy_route), [leaves(random, 30_000, noisy_route)])
    assert not found or found[0].score < 12


def test_an_implied_attribute_is_left_out() -> None:
    random = Random(2)

    def one_route(codes: Codes) -> float:
        return 0.5 if codes[0] == 5 else noise(codes)

    best = scan(leaves(random, 5_000, one_route), [leaves(random, 15_000, noise)])[0]
    assert names(best) == {"route": 5}, "its upstream is implied"


@given(st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_the_order_of_leaves_does_not_matter(random: Random) -> None:
    now = leaves(Random(3), 200, lambda codes: 0.6 if codes[3] == 1 else 0.02)
    past = leaves(Random(4), 600, noise)
    order = list(range(200))
    random.shuffle(order)
    mixed = Leaves(now.codes[order], now.sums[order])
    same = [[(names(r), r.observed, round(r.score, 6)) for r in scan(one, [past])] for one in (now, mixed)]
    assert same[0] == same[1]


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_two_faults_both_come_out_when_the_first_is_set_aside(seed: int) -> None:
    random = Random(seed)

    def chance(codes: Codes) -> float:
        return 0.5 if codes[4] == 2 or (codes[7] == 1 and codes[3] == 3) else noise(codes)

    now, past = leaves(random, 8_000, chance), leaves(random, 15_000, noise)
    found = scan(now, [past])[0]
    rest = [rows.where(~holds(rows, found.pairs)) for rows in (now, past)]
    second = scan(rest[0], [rest[1]])[:2]
    assert names(found) == {"browser": 2}
    assert {"country": 1, "consumer": 3} in map(names, second), "noise may put the whole country first, once in 200"


def test_spells_of_the_same_trouble_in_the_past_do_not_widen_the_cause() -> None:
    random = Random(7)

    def fault(codes: Codes) -> float:
        return 0.5 if codes[4] == 2 and codes[7] == 1 else noise(codes)

    past = [leaves(random, 3_000, fault if block in {2, 5} else noise) for block in range(10)]
    assert names(scan(leaves(random, 5_000, fault), past)[0]) == {"browser": 2, "country": 1}


def test_what_stands_for_many_values_is_no_cause() -> None:
    random = Random(8)

    def fault(codes: Codes) -> float:
        return 0.5 if codes[4] == 2 else noise(codes)

    now, past = leaves(random, 5_000, fault), leaves(random, 15_000, noise)
    for rows in (now, past):
        rows.codes[rows.codes[:, 7] == 1, 7] = 0
    found = scan(now, [past])
    assert names(found[0]) == {"browser": 2}
    assert all(code for region in found for _, code in region.pairs)


@given(st.integers(2, 20))
@settings(max_examples=10)
def test_more_of_the_same_names_the_same(times: int) -> None:
    now, past = leaves(Random(3), 2_000, lambda codes: 0.6 if codes[3] == 1 else 0.02), leaves(Random(4), 6_000, noise)
    more = [Leaves(rows.codes, rows.sums * times) for rows in (now, past)]
    assert names(scan(more[0], [more[1]])[0]) == names(scan(now, [past])[0]) == {"consumer": 1}


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_a_browser_is_told_from_the_only_system_that_has_it(seed: int) -> None:
    """Its calls are some of those of the system: where no more attributes may be named, not both can be."""
    random, system, browser = Random(seed), ATTRIBUTES.index("os"), ATTRIBUTES.index("browser")

    def on_one_system(rows: Leaves, more: int = 0) -> Leaves:
        rows.codes[rows.codes[:, browser] == 2, system] = 3
        others = np.flatnonzero((rows.codes[:, system] == 3) & (rows.codes[:, browser] != 2))
        rows.sums[others, 1] = 0
        rows.sums[others[:more], 1] = 1  # by chance its other calls fail now and then, so it explains more
        return rows

    def chance(codes: Codes) -> float:
        return 0.3 if codes[browser] == 2 else noise(codes)

    now, past = on_one_system(leaves(random, 3_000, chance), 3), on_one_system(leaves(random, 30_000, noise))
    assert names(scan(now, [past], together=1)[0]) == {"browser": 2}


def test_nothing_that_fails_has_no_cause() -> None:
    quiet = leaves(Random(5), 100, lambda _: 0.0)
    assert scan(quiet, [quiet]) == []


@pytest.mark.parametrize("calls", [20_000])
def test_numbers_can_be_checked_by_hand(calls: int) -> None:
    random = Random(6)
    now = leaves(random, calls, lambda codes: 0.3 if codes[7] == 2 else noise(codes))
    best = scan(now, [leaves(random, calls, noise)])[0]
    rows = now.codes[:, 7] == 2
    assert best.observed == now.sums[rows, 1].sum()
    assert best.calls == pytest.approx(rows.sum(), rel=0.1), "the upper end of what a sample may stand for"
