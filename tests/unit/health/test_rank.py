"""Which of several regions that fail is named first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.health.rank import Pairs, Region, freeman_tukey, ranked

BROWSER, SYSTEM, PHONE, COUNTRY = (4, 1), (5, 1), (6, 1), (7, 1)


def apart(*_: Pairs) -> bool:
    """Nothing lies within another by its calls alone."""
    return False


def region(pairs: Pairs, calls: float, observed: float, calm: float) -> Region:
    worth = float(freeman_tukey(np.array([observed]), np.array([calm]))[0])
    return Region(pairs, calls, observed, calm, calm, 100.0, worth)


def first(*regions: Region) -> Pairs:
    return ranked(list(regions), apart)[0].pairs


def test_worth_by_hand() -> None:
    assert freeman_tukey(np.array([100.0, 4.0]), np.array([4.0, 9.0])).tolist() == [128.0, 0.0]


def test_worth_is_at_most_twice_the_failures_it_explains() -> None:
    assert freeman_tukey(np.array([50.0]), np.array([0.0]))[0] == pytest.approx(2 * 50)


def test_a_part_whose_past_was_calm_by_chance_does_not_beat_the_whole() -> None:
    whole, part = region((BROWSER,), 1_000, 300, 10), region((BROWSER, PHONE), 600, 220, 1)
    likelihood_ratios = [r.observed * np.log(r.observed / r.calm) - (r.observed - r.calm) for r in (whole, part)]
    assert likelihood_ratios[1] > likelihood_ratios[0], "by which the part would win"
    assert first(whole, part) == whole.pairs


def test_a_part_is_named_when_the_rest_is_clean() -> None:
    whole, part = region((BROWSER,), 1_000, 305, 10), region((BROWSER, PHONE), 600, 300, 6)
    assert first(whole, part) == part.pairs, "5 of the other 400 failed, 4 are usual"


def test_a_rest_with_few_calls_proves_nothing() -> None:
    whole, part = region((BROWSER,), 605, 300, 6), region((BROWSER, PHONE), 600, 300, 6)
    assert first(whole, part) == whole.pairs


def test_a_rest_that_fails_too_belongs_to_it() -> None:
    whole, part = region((BROWSER,), 1_000, 340, 10), region((BROWSER, PHONE), 600, 300, 6)
    assert first(whole, part) == whole.pairs, "40 of the other 400 failed, 4 are usual"


@pytest.mark.parametrize(
    ("calls", "observed", "lies", "named"),
    [
        (600, 299, True, BROWSER),
        (600, 299, False, SYSTEM),
        (960, 299, True, SYSTEM),
        (600, 280, True, SYSTEM),
    ],
    ids=["the rest is clean", "some of it lies elsewhere", "the rest says little", "the rest fails, too"],
)
def test_another_value_that_selects_fewer_of_the_same_calls_is_named(
    calls: float, observed: float, named: tuple[int, int], *, lies: bool
) -> None:
    macs, safari = region((SYSTEM,), 1_000, 301, 1), region((BROWSER,), calls, observed, 1)
    assert macs.worth > safari.worth, "two more failures make it the first"
    found = ranked([macs, safari], lambda part, whole: lies and (part, whole) == (safari.pairs, macs.pairs))
    assert found[0].pairs == (named,)


def test_two_values_of_an_attribute_beat_one_of_another_that_holds_both() -> None:
    other_country = (7, 2)
    both = [region((COUNTRY,), 500, 200, 5), region((other_country,), 500, 200, 5)]
    found = [r.pairs for r in ranked([*both, region((BROWSER,), 4_000, 400, 40)], apart)]
    assert set(found[:2]) == {(COUNTRY,), (other_country,)}


def test_nothing_has_no_order() -> None:
    assert ranked([], apart) == []


@given(st.permutations(range(4)))
def test_the_order_in_which_regions_come_does_not_matter(order: list[int]) -> None:
    regions = [
        region((BROWSER,), 1_000, 305, 10),
        region((BROWSER, PHONE), 600, 300, 6),
        region((COUNTRY,), 900, 200, 9),
        region((COUNTRY, PHONE), 500, 150, 5),
    ]
    assert ranked([regions[number] for number in order], apart) == ranked(regions, apart)


@given(st.floats(1, 1e6), st.floats(0, 1e6), st.floats(1, 100))
def test_worth_grows_with_the_counts_and_is_never_negative(observed: float, calm: float, times: float) -> None:
    once, more = (float(freeman_tukey(np.array([observed * f]), np.array([calm * f]))[0]) for f in (1.0, times))
    assert once >= 0
    assert more == pytest.approx(once * times, rel=1e-6, abs=1e-6)
