"""Reports put into groups: kinds, reasons, bounds, and the same after a restart."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.feedback.grouping.report import Decision, Report
from processors.feedback.grouping.stored import GROUPS, REPORTS, TABLES
from processors.runtime.tables import State
from tests.unit.feedback.grouping.said import PROJECT, START, TEXTS, grouper, report, restarted, stream

PAY = "Since this morning the checkout refuses my card and throws me out after I confirm the amount"
COPY = "Since this morning the checkout refuses my card and throws me out after I confirmed the amount!!"
NOISE = tuple(f"{text} {number}" for number, text in enumerate(TEXTS[6:9]))


def placed(reports: list[Report]) -> list[Decision]:
    working = grouper()
    return [working.place(each) for each in reports]


def test_the_same_text_is_exact_and_a_changed_one_a_copy() -> None:
    first, same, copy = placed([report(0, PAY), report(1, PAY.upper()), report(2, COPY)])
    assert (first.kind, same.kind, copy.kind) == ("new", "exact", "copy")
    assert first.group == same.group == copy.group
    assert copy.nearest in {"0", "1"}
    assert "small changes" in copy.reason
    assert same.similarity == 1.0


def test_something_else_begins_a_group() -> None:
    working = grouper()
    decisions = [working.place(report(number, text)) for number, text in enumerate((PAY, *NOISE))]
    assert len({decision.group for decision in decisions}) == 4
    assert all(decision.kind == "new" for decision in decisions)


def test_a_thousand_copies_of_one_mail_are_one_group_and_count_its_reporters() -> None:
    working = grouper()
    mail = "Dear team,\n\n" + PAY + ". Order {n} is still open. Please call me.\n\nRegards"
    decisions = [
        working.place(report(number, mail.format(n=10_000 + number), reporter=f"p{number % 7}"))
        for number in range(1_000)
    ]
    group = working.group(PROJECT, decisions[-1].group, START + 60_000)
    assert group is not None
    assert group.reports == 1_000
    assert group.reporters == 7
    assert Counter(decision.kind for decision in decisions)["new"] == 1


def test_other_words_are_the_same_problem() -> None:
    working = grouper()
    for number, text in enumerate(NOISE):
        working.place(report(number, text))
    first = working.place(report(10, "My card is refused at the checkout although it works elsewhere"))
    other = working.place(report(11, "The wallet step of the payment fails since this morning"))
    assert other.group == first.group
    assert other.kind in {"reworded", "same_problem"}
    assert dict(other.points.parts)["subject"] > 0
    assert "subject" in other.reason


def test_two_languages_meet_by_the_place() -> None:
    at = {"route": "/api/invoices", "error": "upstream 502 at billing"}
    working = grouper()
    first = working.place(report(0, "The invoice page shows a red bar", language="en", **at))
    for number in range(1, 4):
        working.place(report(number, "Invoice page with a red bar again", language="en", **at))
    joined = working.place(report(5, "Beim Öffnen erscheint nur ein Balken", language="de", **at))
    apart = working.place(report(6, "Beim Drucken kommt leeres Papier", language="de"))
    assert joined.group == first.group
    assert {"route", "error"} <= {name for name, _ in joined.points.parts}
    assert apart.group != first.group


def test_a_report_of_another_project_is_never_near() -> None:
    working = grouper()
    first = working.place(report(0, PAY))
    assert working.place(report(1, PAY, project="acme/erp")).group != first.group


def test_the_title_is_a_sentence_that_somebody_wrote() -> None:
    working = grouper()
    texts = [
        "Hello. The card is refused at the checkout. Regards",
        "Checkout refuses the card. Please help",
        "The card is refused when I check out. What now?",
    ]
    for number, text in enumerate(texts):
        decision = working.place(report(number, text))
    group = working.group(PROJECT, decision.group, START)
    assert group is not None
    assert any(group.title in text for text in texts)
    assert "card" in group.title
    assert set(group.representatives) <= {"0", "1", "2"}
    assert "card" in group.words or "~pay" in group.words


@pytest.mark.parametrize("text", ["", "\u200b", "👍", "x" * 1_000_000, "שלום עולם", "\x00", "的的的", "\ud800"])
def test_hostile_texts_find_a_place_and_their_repeat_the_same(text: str) -> None:
    working = grouper()
    first, again = working.place(report(0, text)), working.place(report(1, text))
    assert first.group == again.group
    assert again.kind == "exact"
    assert 0 <= again.similarity <= 1


def test_a_report_that_comes_twice_stays_where_it_is() -> None:
    working = grouper()
    first = working.place(report(0, PAY))
    before = working.group(PROJECT, first.group, START)
    assert working.place(report(0, "something else")).group == first.group
    assert working.group(PROJECT, first.group, START) == before


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1_000), st.lists(st.integers(1, 80), min_size=1, max_size=3), st.booleans())
def test_a_restart_anywhere_changes_nothing(seed: int, stops: list[int], small: bool) -> None:  # noqa: FBT001 - drawn
    reports = stream(seed, 80)
    room = {"reports": 30, "groups": 6} if small else {}
    steady_state = State(TABLES)
    working = grouper(steady_state, **room)
    steady = [working.place(each) for each in reports]
    state, entries, broken = State(TABLES), dict[bytes, bytes](), []
    working = grouper(state, **room)
    for number, each in enumerate(reports):
        if number in stops:
            state = restarted(state, entries)
            working = grouper(state, **room)
        broken.append(working.place(each))
    assert broken == steady
    restarted(state, entries)
    assert entries == {key: value for key, value in steady_state.take_changes() if value is not None}


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1_000))
def test_decisions_are_in_range_and_name_what_is_live(seed: int) -> None:
    working = grouper()
    for each in stream(seed, 60):
        decision = working.place(each)
        index = working.memory.project(each.project)
        assert 0 <= decision.similarity <= 1
        assert 0 <= decision.confidence <= 1
        assert decision.nearest is None or decision.nearest in index.reports
        assert decision.group in index.groups
        assert decision.reason.endswith(".")
        assert (decision.kind == "new") <= (decision.nearest != decision.report)
        assert decision.suggested is None or decision.kind == "new"


def test_there_is_no_more_room_than_agreed() -> None:
    state = State(TABLES)
    working = grouper(state, reports=50, groups=10)
    for number in range(300):
        working.place(report(number, f"walrus{number} tusk{number} blubber{number}"))
    assert len(state[REPORTS]) == 50
    assert len(state[GROUPS]) == 10
    assert f"{PROJECT}|299" in state[REPORTS]
    assert f"{PROJECT}|249" not in state[REPORTS]


def test_a_group_that_was_given_up_begins_anew_when_it_is_repeated() -> None:
    working = grouper(groups=3)
    first = working.place(report(0, PAY))
    for number in range(1, 6):
        working.place(report(number, f"walrus{number} tusk{number} blubber{number}"))
    assert working.group(PROJECT, first.group, START) is None
    again = working.place(report(9, PAY))
    group = working.group(PROJECT, again.group, START)
    assert again.group == first.group
    assert group is not None
    assert group.reports == 2
