"""How much a piece of feedback is worth a look."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.calls import Outcome
from contracts.understanding import CategoryName
from processors.feedback.score import (
    BY_CATEGORY,
    BY_END,
    REACH,
    SECURITY_FLOOR,
    SEVERITY,
    SHOWN,
    Telemetry,
    score,
    severity,
)

SHARES = st.floats(0, 1)
CASES = st.fixed_dictionaries(
    {
        "how_bad": SHARES,
        "reporters": st.integers(0, 10**6),
        "linked": SHARES,
        "category": st.sampled_from(get_args(CategoryName)),
        "category_probability": SHARES,
        "security": SHARES,
    }
)


def scored(case: dict[str, Any]) -> float:
    return score(case.pop("how_bad"), **case)


@given(CASES)
def test_it_stays_in_range_and_security_above_its_floor(case: dict[str, Any]) -> None:
    assert SECURITY_FLOOR * case["security"] - 0.05 <= scored(dict(case)) <= 100


@given(CASES, st.sampled_from(["how_bad", "linked", "security"]), SHARES)
def test_more_of_anything_bad_never_lowers_it(case: dict[str, Any], name: str, more: float) -> None:
    assert scored({**case, name: max(case[name], more)}) >= scored(dict(case))


@given(CASES, st.integers(0, 10**6))
def test_more_reporters_never_lower_it(case: dict[str, Any], more: int) -> None:
    assert scored({**case, "reporters": max(case["reporters"], more)}) >= scored(dict(case))


def test_by_hand() -> None:
    bug = {"category": "functional_bug", "category_probability": 0.9, "security": 0.0}
    assert score(0.7, reporters=50, linked=1.0, **bug) == pytest.approx(100 * (0.35 + 0.3 + 0.2))  # type: ignore[arg-type]
    assert score(0.0, reporters=1, linked=0.0, **bug) == 0  # type: ignore[arg-type]


def test_the_call_behind_it_can_only_raise_the_severity() -> None:
    assert severity(0.2, Telemetry("upstream_error", 0.5)) == pytest.approx(0.35)
    assert severity(0.6, Telemetry("upstream_error", 0.5)) == 0.6
    assert severity(0.6, None) == 0.6


def test_every_outcome_and_category_has_its_number() -> None:
    assert set(BY_END) == {*get_args(Outcome), "slow"}
    assert set(BY_CATEGORY) == set(get_args(CategoryName))
    assert pytest.approx(1.0) == SEVERITY + REACH + SHOWN
