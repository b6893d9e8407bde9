"""What a doubtful complaint is supposed to be about, and groups that are held to be one for it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.feedback.grouping.bridge import subject_of_group
from processors.feedback.grouping.report import Report
from processors.feedback.grouping.subjects import NO_TROUBLE, About, Clue, about
from processors.feedback.grouping.supposed import LEAST, supposed
from processors.feedback.grouping.words import words_of
from tests.unit.feedback.grouping.said import PROJECT, grouper, report

DOUBT = "My account shows an error page"
CUSTOMERS = ("{} cannot log in", "{} has a password that is refused", "The login of {} ends in an error")
THINGS = (
    "lamp",
    "kettle",
    "tent",
    "mirror",
    "carpet",
    "clock",
    "desk",
    "pillow",
    "umbrella",
    "candle",
    "blanket",
    "bench",
)


def read(text: str, category: str | None = None) -> About:
    return about(words_of(text), text, category)


def guess(text: str, **talked_of: float) -> str:
    return supposed(read(text), lambda subject: talked_of.get(subject, 0.0), lambda _: False)


def logins(count: int) -> Iterable[Report]:
    for number in range(count):
        yield report(number, CUSTOMERS[number % 3].format(f"{THINGS[number % 12]}shop"), route=f"/r{number}")


def test_a_word_that_may_mean_it_counts_only_while_many_speak_of_it() -> None:
    assert read(DOUBT).subject == ""
    assert guess(DOUBT) == ""
    assert guess(DOUBT, login=LEAST / 2) == ""
    assert guess(DOUBT, login=LEAST) == "login"
    assert guess(DOUBT, order=0.16) == ""


def test_of_two_that_as_many_speak_of_neither_is_supposed() -> None:
    text = "The report of my order is wrong"
    assert guess(text, report=0.1, order=0.1) == ""
    assert guess(text, report=0.1, order=0.01) == "report"


def test_a_word_that_is_common_in_the_project_speaks_for_nothing() -> None:
    common = supposed(read(DOUBT), lambda _: 0.1, lambda word: word == "~account")
    assert common == ""


def test_a_wish_is_about_nothing_that_fails() -> None:
    found = read("Please add my account to the error page")
    assert found.subject == NO_TROUBLE
    assert supposed(found, lambda _: 1.0, lambda _: False) == ""


@pytest.mark.parametrize(("category", "trouble"), [("functional_bug", True), ("praise", False), (None, False)])
def test_a_category_of_trouble_makes_up_for_words_of_trouble(category: str, *, trouble: bool) -> None:
    assert (read("The account page sends me round in circles", category).clues != ()) is trouble


def test_performance_is_a_clue_for_slowness() -> None:
    assert Clue("", "slowness", 1) in read("The account page needs half an hour", "performance").clues


@given(
    st.lists(st.builds(Clue, st.text(max_size=4), st.sampled_from("abc"), st.integers(1, 2)), max_size=8),
    st.fixed_dictionaries(dict.fromkeys("abc", st.floats(0, 0.16))),
)
def test_what_is_supposed_is_named_and_talked_of_whatever_the_order(
    clues: list[Clue], talked_of: dict[str, float]
) -> None:
    found = supposed(About("", tuple(clues)), talked_of.__getitem__, lambda _: False)
    assert found == supposed(About("", tuple(clues[::-1])), talked_of.__getitem__, lambda _: False)
    assert found == "" or (found in {clue.subject for clue in clues} and talked_of[found] >= LEAST)


def test_the_stream_makes_the_supposition_and_the_report_says_so() -> None:
    working = grouper()
    alone = working.place(report("early", DOUBT))
    for each in logins(30):
        working.place(each)
    late = working.place(report("late", "The account of my aunt shows a page with an error"))
    index = working.memory.project(PROJECT)
    assert alone.kind == "new"
    assert index.reports["early"].subject == ""
    assert (index.reports["late"].subject, index.reports["late"].supposed) == ("login", True)
    assert not any(index.reports[str(number)].supposed for number in range(30))
    assert late.kind != "exact"


def test_groups_of_two_clear_subjects_stay_two() -> None:
    working = grouper()
    texts = ("The payment with my card fails", "Login with my password fails")
    for number in range(64):
        working.place(report(number, f"{texts[number % 2]} {THINGS[number // 2 % 12]}", route="/app"))
    index = working.memory.project(PROJECT)
    pay, login = (index.group_of(str(number)) for number in (62, 63))
    assert pay != login
    assert (subject_of_group(index, pay), subject_of_group(index, login)) == ("payment", "login")
