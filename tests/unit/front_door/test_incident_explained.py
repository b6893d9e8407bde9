"""Why an incident has its score, why one stands above another, and what other constants would change."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Stop
from contracts.incidents import Incident, Override
from contracts.scores import ScoreInputs
from contracts.scoring import Scoring
from hypercare.incidents.above import why
from hypercare.incidents.arithmetic import arithmetic
from hypercare.incidents.ranked import Which, ranked
from hypercare.incidents.whatif import changes_of, ranked_otherwise, settable, with_changes
from processors.incidents.score import ranking, score_of
from tests.unit.incidents.test_score import inputs
from tests.unit.incidents_made import NOON, SCORING, at, checkout, erp, every, incident, weakness, wish


def told(one: Incident, scoring: Scoring = SCORING) -> str:
    return "\n".join(f"{heading}: {line}" for heading, line in arithmetic(one, scoring))


def test_every_fact_part_and_constant_is_there() -> None:
    text = told(checkout())
    for said in (
        "Constants: version 1",
        "reach       0.8124  = ln(1 + 180 users) / ln(1 + 600), at most 1",
        "full from 5% of 12,000 active users, at least 50",
        "severity    0.8500  the larger of 0 by words and 0.85 by calls",
        "I           0.8800  = 0.4 · 0.8124 + 0.3 · 1.0000 + 0.3 · 0.8500",
        "burn        0.8421  = ln(1 + 9) / ln(1 + 14.4), at most 1",
        "growth      0.9050  = ln(1 + max(0, (14 - 1.64 √14) / 0.5 - 1)) / ln(1 + 20), at most 1",
        "a limit is exceeded",
        "decay       0.9904  = 2^(-0.08 h / 6 h)",
        "U           0.8840  = 0.9904 · (0.5 · 0.8421 + 0.3 · 0.9050 + 0.2 · 1.0000)",
        "impact     30.7992  = 100 · 0.35 · I",
        "urgency    22.1001  = 100 · 0.25 · U",
        "both       31.1162  = 100 · 0.4 · I · U",
        "score      84.0200",
        "order      83.6800  = score · (0.6 + 0.4 · 0.9900 sure)",
        "P1: impact high, urgency high (high from 0.66, medium from 0.33)",
        "the same",
    ):
        assert said in text, said


def test_a_weakness_tells_its_floor_and_a_breach_to_come_its_hours() -> None:
    text = told(weakness())
    assert "floor      45.1980  = 100 · 0.9300 likely a weakness · CVSS 8.1 / 10 · 0.6, no sign" in text
    assert "P2: a weakness that is at least 70% likely: P2 and S2 at least" in text
    assert "= 1 - 20 h to the breach / 48 h" in told(erp())


def test_what_a_person_set_is_told_with_who_why_and_until_when() -> None:
    override = Override(severity="S3", priority="P4", actor="ana", reason="test shop", at=NOON, until=at(60))
    text = told(checkout(severity="S3", priority="P4", override=override))
    assert "Set instead: P4 S3 by ana at 2026-06-15 12:00 UTC until 2026-06-15 13:00 UTC: test shop" in text
    cvss = Override(actor="ana", reason="rated", at=NOON)
    assert "facts of the weakness by ana" in told(weakness(override=cvss))


def test_by_other_constants_than_are_known_nothing_is_made_up() -> None:
    text = told(checkout(), Scoring(half_life_h=3))
    assert "version 1, and these settings have 1+" in text
    assert "ln(" not in text
    assert "Facts: users 180" in text
    assert "84.02, in the order 83.68: P1 S1" in text


def test_a_stored_score_that_does_not_follow_from_its_facts_is_said() -> None:
    one = checkout()
    assert "ANOTHER" in told(one.model_copy(update={"score": one.score.model_copy(update={"value": 99.0})}))


@given(inputs)
def test_the_lines_add_up_whatever_the_facts(found: ScoreInputs) -> None:
    text = told(incident("inc-1", found))
    numbers = {name: float(value) for name, value in re.findall(r": (\w+) +(-?\d+\.\d{4})  ", text)}
    total = numbers["impact"] + numbers["urgency"] + numbers["both"]
    assert numbers["score"] == pytest.approx(min(100, max(total, numbers["floor"])), abs=0.01)
    assert "the same" in text


def test_priority_decides_first_then_the_score_as_far_as_it_is_sure() -> None:
    sentences = list(why(checkout(), erp()))
    assert sentences[0].startswith("inc-7c41aa (upstream payments")
    assert sentences[1] == "Priority comes first: P1 against P2."
    assert "30.6 points more: both together +16.2, urgency +9.4, impact +5.0." in sentences[2]
    assert "180 users, 40 there" in sentences[3]
    assert list(why(erp(), checkout())) == sentences, "whichever is named first"
    assert "so the score as far as it is sure decides: 51.3 against 41.6." in " ".join(why(erp(), weakness()))
    assert "against 45.2, the floor of a weakness." in " ".join(why(erp(), weakness()))


def test_a_person_s_priority_and_equals_and_what_rests_are_told() -> None:
    lowered = checkout(priority="P5", override=Override(priority="P5", actor="ana", reason="test shop", at=NOON))
    said = " ".join(why(lowered, erp()))
    assert said.startswith("inc-9d02bb")
    assert "P2 against P5, set by ana (test shop; computed P1)" in said
    assert "points less" in said
    assert "they are equal" in " ".join(why(wish(), wish(incident="inc-2", state="rejected")))
    assert "inc-2 is rejected" in " ".join(why(wish(), wish(incident="inc-2", state="rejected")))
    assert list(why(wish(), wish())) == ["inc-55d1e2 is compared with itself."]


@given(inputs, inputs)
def test_the_one_named_first_is_the_one_that_stands_first(one: ScoreInputs, other: ScoreInputs) -> None:
    first, second = incident("inc-1", one), incident("inc-2", other)
    above = min((first, second), key=lambda each: ranking(each.score, each.priority, each.incident))
    sentences = list(why(first, second))
    assert sentences[0].startswith(above.incident)
    assert sentences == list(why(second, first))


def test_other_constants_rank_otherwise_and_show_both_places() -> None:
    changes = changes_of(["reach=0.1", "journey = .8", "severity=.1"])
    moved = ranked_otherwise(every(), lambda _: with_changes(SCORING, changes), Which())
    assert [one.rank_then for one in moved] == [1, 2, 3, 4]
    assert {one.incident: one.rank_now for one in moved}["inc-7c41aa"] == 1
    assert any(one.score_now != one.score_then for one in moved)
    only_reach = Scoring(security_p2=1, exploited=0.01, reach=0.98, journey=0.01, severity=0.01)
    reversed_ = ranked_otherwise(every(), lambda _: only_reach, Which())
    assert [one.incident for one in reversed_][-1] == "inc-3e8f10"
    assert {one.incident: (one.rank_now, one.rank_then) for one in reversed_}["inc-3e8f10"] == (3, 4)


@given(st.lists(inputs, max_size=6))
def test_the_same_constants_change_nothing(facts: list[ScoreInputs]) -> None:
    made = [incident(f"inc-{number}", found) for number, found in enumerate(facts)]
    moved = ranked_otherwise(made, lambda _: SCORING, Which())
    assert [one.incident for one in moved] == [one.incident for one in ranked(made, Which())]
    assert all((m.rank_now, m.score_now, m.priority_now) == (m.rank_then, m.score_then, m.priority_then) for m in moved)


def test_what_a_person_set_stays_whatever_the_constants() -> None:
    raised = wish(priority="P1", override=Override(priority="P1", actor="ana", reason="board", at=NOON))
    (moved, *_) = ranked_otherwise([raised, erp()], lambda _: Scoring(half_life_h=1), Which())
    assert (moved.incident, moved.priority_then) == ("inc-55d1e2", "P1")
    assert moved.score_then == score_of(raised.score.inputs, Scoring(half_life_h=1)).value


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ([], "Nothing is set"),
        (["raech=1"], "there is no constant 'raech', reach perhaps"),
        (["=1"], "there is no constant ''"),
        (["reach"], "reach: '' is no number"),
        (["reach=much"], "reach: 'much' is no number"),
        (["reach=.5", "reach=.6"], "reach is set twice"),
        (["noise=.1"], "noise counts when the facts are gathered"),
        (["reach=x", "urgent=1"], "reach: 'x' is no number; there is no constant 'urgent', urgency perhaps"),
    ],
)
def test_mistakes_are_all_named(said: list[str], problem: str) -> None:
    with pytest.raises(Stop) as stopped:
        changes_of(said)
    assert problem in stopped.value.problem
    assert "half_life_h" in stopped.value.fix


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"reach": 0.5}, "have to sum up to 1, and give 1.1"),
        ({"half_life_h": 0.0}, "half_life_h: Input should be greater than 0"),
        ({"burn": float("nan")}, "burn"),
        ({"high": 0.2}, "medium has to be below high"),
    ],
)
def test_constants_that_do_not_go_together_are_refused(changes: dict[str, float], problem: str) -> None:
    with pytest.raises(Stop) as stopped:
        with_changes(SCORING, changes)
    assert problem in stopped.value.problem


def test_every_constant_that_can_be_set_matters_to_a_score() -> None:
    for name in settable():
        assert name in Scoring.model_fields
    assert set(Scoring.model_fields) - set(settable()) == {"noise", "default_journey", "cvss"}
