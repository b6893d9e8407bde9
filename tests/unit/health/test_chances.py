"""Chances and scores, against figures worked out by hand or by exact sums."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.health.chances import chance_share_exceeds, poisson_score
from processors.health.quantiles import quantile_ms
from processors.telemetry.histogram import histograms


def test_without_calls_every_share_is_as_likely() -> None:
    assert chance_share_exceeds(0.05, 0, 0) == pytest.approx(0.95)


def test_one_failure_of_one_call() -> None:
    """Beta(2, 1): P(p > x) = 1 - x²."""
    assert chance_share_exceeds(0.2, 1, 1) == pytest.approx(1 - 0.04)


@pytest.mark.parametrize(
    ("bad", "calls", "sure"), [(5, 100, False), (12, 100, True), (60, 1_000, False), (70, 1_000, True)]
)
def test_a_few_more_than_five_per_cent_are_not_surely_more(bad: int, calls: int, sure: bool) -> None:  # noqa: FBT001 - a table
    assert (chance_share_exceeds(0.05, bad, calls) > 0.99) is sure


def test_the_approximation_meets_the_exact_sum() -> None:
    exact, near = chance_share_exceeds(0.05, 400, 7_800), chance_share_exceeds(0.05, 401, 7_800)
    assert near == pytest.approx(exact, abs=0.03)
    assert near > exact


@given(st.integers(0, 300), st.integers(0, 3_000))
def test_more_failures_never_make_it_less_likely(bad: int, good: int) -> None:
    assert chance_share_exceeds(0.05, bad + 1, bad + good + 1) >= chance_share_exceeds(0.05, bad, bad + good) - 1e-9


def test_ten_where_two_are_usual() -> None:
    assert poisson_score(10, 2) == pytest.approx(10 * math.log(5) - 8)


@given(st.floats(0.1, 1e4), st.floats(0.1, 1e4))
def test_a_score_is_never_negative(observed: float, expected: float) -> None:
    assert poisson_score(observed, expected) >= 0


@given(st.lists(st.floats(0.01, 1e5), min_size=1, max_size=300), st.floats(0, 1))
def test_a_quantile_is_one_of_the_values_within_one_per_cent(values: list[float], share: float) -> None:
    found = quantile_ms(next(histograms([values])), share)
    assert found is not None
    true = sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
    assert abs(found - true) <= 0.0101 * true


def test_no_calls_have_no_quantile() -> None:
    assert quantile_ms({}, 0.5) is None
