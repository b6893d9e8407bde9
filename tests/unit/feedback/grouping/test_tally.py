"""Counts of a group: bounded, and the same in any order where they can be."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.feedback.grouping.tally import HOURS, REPORTERS, VALUES, Tally
from tests.unit.feedback.grouping.said import START, report


def tally_of(reporters: list[int]) -> Tally:
    tally = Tally()
    for number, name in enumerate(reporters):
        tally.add(report(number, "", reporter=f"pseudonym-{name}"))
    return tally


@given(st.lists(st.integers(0, 40), max_size=80))
def test_few_reporters_are_counted_exactly(names: list[int]) -> None:
    assert tally_of(names).distinct == len(set(names))
    assert tally_of(names + names).distinct == len(set(names))


@pytest.mark.parametrize("count", [200, 2_000, 20_000])
def test_many_reporters_are_counted_roughly_and_in_little_room(count: int) -> None:
    tally = tally_of(list(range(count)))
    assert len(tally.reporters) == REPORTERS
    assert 0.6 * count < tally.distinct < 1.6 * count  # three sigmas


def test_what_two_counted_is_what_one_would_have() -> None:
    one, other = tally_of([1, 2, 3]), tally_of([3, 4])
    one.absorb(other)
    assert (one.reports, one.distinct) == (5, 4)


def test_values_and_hours_are_bounded_and_the_frequent_ones_stay() -> None:
    tally, some = Tally(), Random(1)
    for number in range(2_000):
        route = "/pay" if some.random() < 0.4 else f"/rare/{number}"
        tally.add(report(number, "", route=route))
    assert len(tally.values["route"]) <= VALUES
    assert tally.top("route")[0][0] == "/pay"
    assert len(tally.hours) <= HOURS


def test_growth_is_told_against_the_day_before() -> None:
    tally = Tally()
    hour = START // 3_600 * 3_600
    for number in range(20):  # one an hour, then fifteen in the half of one that has passed
        tally.add(report(f"u{number}", "", at=hour + 3_600 * number))
    for number in range(15):
        tally.add(report(f"g{number}", "", at=hour + 3_600 * 20 + 60 * number))
    now = hour + 3_600 * 20 + 1_800
    assert tally.last_hour(now) == 16  # and half of the one before
    assert tally.usual(now) == pytest.approx(1.0, abs=0.1)
    assert tally.usual(hour) == 0
