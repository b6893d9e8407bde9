"""What earlier complaints say of the next one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.feedback.joining.reported import MOST, reported

COUNTS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**4)), min_size=1, max_size=20)


def test_what_people_complain_of_more_than_its_calls_let_expect_is_likelier() -> None:
    loud, quiet, usual = reported(np.array([100.0, 800.0, 100.0]), np.array([20.0, 2.0, 3.0]))
    assert loud > usual > quiet


def test_nothing_is_said_before_anybody_complained_or_anything_failed() -> None:
    assert reported(np.array([5.0, 1.0]), np.zeros(2)).tolist() == [0, 0]
    assert reported(np.zeros(2), np.array([5.0, 1.0])).tolist() == [0, 0]
    assert reported(np.zeros(0), np.zeros(0)).tolist() == []


@given(COUNTS)
def test_it_is_bounded_and_moves_no_odds_on_the_whole(counts: list[tuple[int, int]]) -> None:
    calls, people = np.array(counts, float).T
    points = reported(calls, people)
    assert np.all(np.abs(points) <= 2 * MOST)
    if calls.sum():
        assert float((calls * np.exp(points)).sum() / calls.sum()) == pytest.approx(1)


@given(COUNTS)
def test_the_order_of_patterns_does_not_matter(counts: list[tuple[int, int]]) -> None:
    calls, people = np.array(counts, float).T
    assert reported(calls, people)[::-1] == pytest.approx(reported(calls[::-1], people[::-1]))


@given(COUNTS, st.data())
def test_one_more_reporter_never_makes_a_pattern_less_likely(
    counts: list[tuple[int, int]], data: st.DataObject
) -> None:
    calls, people = np.array(counts, float).T
    place = data.draw(st.integers(0, len(counts) - 1))
    more = people.copy()
    more[place] += 1
    if people.sum() and calls.sum():
        assert reported(calls, more)[place] >= reported(calls, people)[place] - 1e-9
