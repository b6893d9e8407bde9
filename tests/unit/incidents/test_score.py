"""The score: the worked examples of its design, and the laws that hold for any facts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.scores import ScoreInputs
from contracts.scoring import PRIORITIES, Scoring
from processors.incidents.score import ranking, score_of, why_above

SCORING = Scoring()
PAYMENT = ScoreInputs(
    users=180, active_users=12_000, journey_weight=1, severity_telemetry=0.85, burn_long=9, burn_short=12,
    reports=14, expected_reports=0.5, in_breach=True, evidence_age_h=1 / 12, confidence=0.99,
)  # fmt: skip
ERP = ScoreInputs(
    users=40, active_users=900, journey_weight=0.6, severity_text=0.6, burn_long=3, burn_short=4,
    reports=6, expected_reports=0.5, hours_to_breach=20, confidence=0.9,
)  # fmt: skip
WISH = ScoreInputs(users=60, active_users=12_000, journey_weight=0.2, severity_text=0.2)
share = st.floats(0, 1)
inputs = st.builds(
    ScoreInputs,
    users=st.integers(0, 10**6),
    active_users=st.integers(0, 10**6),
    journey_weight=share,
    severity_text=share,
    severity_telemetry=share,
    burn_long=st.floats(0, 1e4),
    burn_short=st.floats(0, 1e4),
    reports=st.integers(0, 10**5),
    expected_reports=st.floats(0, 1e4),
    in_breach=st.booleans(),
    hours_to_breach=st.none() | st.floats(0, 1e4),
    evidence_age_h=st.floats(0, 1e4),
    security=share,
    cvss=st.floats(0, 10),
    exploited=st.booleans(),
    confidence=share,
)


def test_a_payment_that_fails_for_some_stands_first() -> None:
    score = score_of(PAYMENT, SCORING)
    parts = score.parts
    assert [round(points, 1) for points in (parts.impact_points, parts.urgency_points, parts.interaction_points)] == [
        30.8, 22.1, 31.1,
    ]  # fmt: skip
    assert (round(score.value), score.priority, score.severity) == (84, "P1", "S1")
    assert score.sentence == (
        "P1, 84 of 100 (impact 31 + urgency 22 + both 31): 180 of 12,000 users affected, severity 0.85, journey 1.00, "
        "error budget burns 9.0 times too fast, 14 reports in an hour where 0.5 are usual, a limit is exceeded."
    )


def test_slow_reports_come_second_and_a_wish_far_behind() -> None:
    erp, wish = score_of(ERP, SCORING), score_of(WISH, SCORING)
    assert (round(erp.value), erp.priority) == (53, "P2")
    assert (round(wish.value), wish.priority) == (13, "P4")


@given(inputs, st.integers(1, 10**6), st.floats(0.01, 1e4), st.integers(1, 10**4))
def test_more_users_burn_or_reports_never_lower_it(found: ScoreInputs, users: int, burn: float, reports: int) -> None:
    before = score_of(found, SCORING).value
    for more in (
        {"users": found.users + users},
        {"burn_long": found.burn_long + burn, "burn_short": found.burn_short + burn},
        {"reports": found.reports + reports},
    ):
        assert score_of(found.model_copy(update=more), SCORING).value >= before


@given(inputs, st.floats(0.1, 100))
def test_it_is_bounded_and_decays_without_evidence(found: ScoreInputs, hours: float) -> None:
    score = score_of(found, SCORING)
    assert 0 <= score.order <= score.value <= 100
    later = score_of(found.model_copy(update={"evidence_age_h": found.evidence_age_h + hours}), SCORING)
    assert later.value <= score.value
    assert PRIORITIES.index(later.priority) >= PRIORITIES.index(score.priority)


@given(inputs)
def test_a_weakness_never_falls_below_its_floor(found: ScoreInputs) -> None:
    score = score_of(found, SCORING)
    assert score.value >= round(100 * found.security * found.cvss / 10 * (1 if found.exploited else 0.6), 2) - 0.01
    if found.security >= 0.7:
        assert score.priority in ({"P1"} if found.exploited else {"P1", "P2"})
        assert score.severity in {"S1", "S2"}


@given(inputs)
def test_it_can_be_recomputed_from_what_is_stored(found: ScoreInputs) -> None:
    score = score_of(found, SCORING)
    stored = type(score).model_validate_json(score.model_dump_json())
    assert score_of(stored.inputs, SCORING) == stored


def test_why_one_stands_above_another_is_told_by_its_parts() -> None:
    reasons = why_above(score_of(PAYMENT, SCORING), score_of(ERP, SCORING))
    assert reasons[0][0] == "both together"
    assert sum(points for _, points in reasons) == pytest.approx(
        score_of(PAYMENT, SCORING).value - score_of(ERP, SCORING).value, abs=0.02
    )


def test_priority_comes_before_the_score_and_confidence_counts() -> None:
    sure, unsure = score_of(PAYMENT, SCORING), score_of(PAYMENT.model_copy(update={"confidence": 0.2}), SCORING)
    erp = score_of(ERP, SCORING)
    order = sorted(
        [("erp", erp), ("unsure", unsure), ("sure", sure)], key=lambda one: ranking(one[1], one[1].priority, one[0])
    )
    assert [name for name, _ in order] == ["sure", "unsure", "erp"]


def test_other_constants_have_another_version_and_must_make_sense() -> None:
    assert Scoring().version == "1"
    other = Scoring(half_life_h=3)
    assert other.version.startswith("1+")
    assert other.version == Scoring(half_life_h=3).version != Scoring(half_life_h=4).version
    with pytest.raises(ValidationError, match=r"have to sum up to 1, and give 1\.1"):
        Scoring(reach=0.5)
    with pytest.raises(ValidationError, match="below"):
        Scoring(s1=0.5, s2=0.6)
