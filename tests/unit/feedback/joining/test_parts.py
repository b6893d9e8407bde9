"""The parts of joining: words, devices, columns, numbers, lags."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.feedback.joining.candidates import BLOCK, CALLS, Candidates
from processors.feedback.joining.clients import Clients
from processors.feedback.joining.columns import Columns
from processors.feedback.joining.devices import spell, spoken_of
from processors.feedback.joining.joiner import TABLES
from processors.feedback.joining.lags import EDGES, Lags
from processors.feedback.joining.lexicon import CONCEPTS
from processors.feedback.joining.slots import OTHER, Slots
from processors.feedback.joining.words import MAX_WORDS, words_of_name, words_of_text
from processors.runtime.tables import State

PROJECT = "default/shop/production"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("/api/v1/stockMovements/{id}", ("stock", "movement")),
        ("/pay-3/{id}", ("payment", "pay3")),
        ("/Rechnungen/{uuid}", ("invoice",)),
        ("", ()),
        (None, ()),
    ],
)
def test_names_of_apis_become_words(name: str | None, words: tuple[str, ...]) -> None:
    assert words_of_name(name) == words


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("the Payment", "payment"),
        ("beim BEZAHLEN", "payment"),
        ("mon panier", "cart"),
        ("la búsqueda", "search"),
        ("o relatório", "report"),
        ("搜索没有结果", "search"),
        ("lädt ewig", "slow"),
        ("ne marche pas", "negated"),
        ("pay\u200bment", "payment"),
    ],
)
def test_texts_become_concepts_in_any_language(text: str, concept: str) -> None:
    assert concept in words_of_text(text)


@pytest.mark.parametrize("text", ["a bulky blanket", "exceptional service", "issued on Monday"])
def test_what_only_begins_like_trouble_is_none(text: str) -> None:
    assert "trouble" not in words_of_text(text)


def test_masked_personal_data_are_no_words() -> None:
    assert words_of_text("[email] [phone]") == ()


@given(st.text(max_size=300))
def test_words_are_few_different_and_the_same_again(text: str) -> None:
    words = words_of_text(text)
    assert len(words) == len(set(words)) <= MAX_WORDS
    assert words == words_of_text(text)
    assert all(words)


def test_every_concept_has_words_in_chinese_or_latin_letters() -> None:
    assert all(said.split() for said in CONCEPTS.values())


def test_a_user_agent_and_a_person_mean_the_same_device() -> None:
    assert spell("Mobile Safari", "iOS", "mobile", "DE", "2.3.1") == spell(
        "Safari", None, "iPhone", "de", "shop v2.3.1"
    )
    assert spell("Chrome Mobile iOS", "iOS", "mobile", None, None)[0] == spell("Chrome", None, None, None, None)[0]
    assert spell(None, "Mac OS X", "desktop", None, None) == spell(None, "macOS", "Mac", None, None)
    assert spell(None, None, "unknown", None, None) == ("", "", "", "", "")
    assert spoken_of("Safari on my iPhone") == ("safari", "ios", "mobile")
    assert spoken_of("fails on my phone, works on my laptop")[2] == "", "either may be meant"


@given(st.lists(st.integers(0, 2**63), max_size=60), st.integers(0, 40))
def test_columns_read_back_as_they_were(keys: Sequence[int], dropped: int) -> None:
    columns = Columns(7)
    for number, key in enumerate(keys):
        assert columns.append((float(number), number, 1, key, 0, 0, 0, 1.5)) == 7 + number
    columns.drop(min(dropped, columns.count))
    again = Columns.read(columns.first, columns.count, columns.spell(columns.first, columns.count))
    assert (again.first, again.count) == (columns.first, columns.count)
    assert again.column("trace").tolist() == list(keys)[min(dropped, len(keys)) :]
    more = Columns(columns.first)
    more.extend(again)
    assert more.column("at").tolist() == columns.column("at").tolist()


def test_candidates_are_bounded_the_oldest_goes_first_and_what_is_left_is_found() -> None:
    state = State(TABLES)
    kept = Candidates(state, Clients(state), most=3 * BLOCK)
    for number in range(10 * BLOCK):
        kept.add(PROJECT, f"call-{number}", (float(number), 1, 0, 0, 0, 0, number + 1, 0.0), float(number))
    assert 2 * BLOCK <= kept.count <= 3 * BLOCK
    assert len(state[CALLS]) <= 3
    assert len(kept.with_key(PROJECT, "user", 1)) == 0
    (row,) = kept.with_key(PROJECT, "user", 10 * BLOCK)
    assert kept.call(PROJECT, int(row)) == f"call-{10 * BLOCK - 1}"
    assert kept.between(PROJECT, 9 * BLOCK, 9 * BLOCK + 4).tolist() == [9 * BLOCK + n for n in range(5)]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12)), max_size=80))
def test_numbers_are_given_once_and_reused_when_free(steps: Sequence[tuple[bool, int]]) -> None:
    slots, given_to = Slots[int](8), dict[int, int]()
    for take, key in steps:
        if take and key not in given_to:
            number = slots.give(key)
            assert (number == OTHER) == (len(given_to) == 8)
            if number != OTHER:
                given_to[key] = number
        elif not take and key in given_to:
            slots.free(key)
            del given_to[key]
        assert len(set(given_to.values())) == len(given_to)
        assert slots.end == max(given_to.values(), default=0) + 1
        again = Slots[int](8)
        for name, number in given_to.items():
            again.restore(name, number)
        again.settle()
        assert (again.end, len(again)) == (slots.end, len(slots))


@given(st.lists(st.floats(-900, 300_000), max_size=50), st.sampled_from(["in_app", "ticket", "email", "unheard of"]))
def test_points_of_a_lag_are_never_positive_and_always_finite(learned: Sequence[float], channel: str) -> None:
    lags = Lags(State(TABLES))
    for lag in learned:
        lags.learn(PROJECT, channel, lag)
    points = lags.points(PROJECT, channel, np.array([*EDGES, -1e9, 1e9, 0.0]))
    assert np.isfinite(points).all()
    assert (points <= 0).all()
    shortest, longest = lags.span(PROJECT, channel)
    assert shortest < longest


def test_a_lag_that_is_taken_back_leaves_what_was_supposed() -> None:
    lags, grid = Lags(State(TABLES)), np.array([1.0, 60.0, 600.0, 6_000.0])
    before = lags.points(PROJECT, "in_app", grid)
    lags.learn(PROJECT, "in_app", 6_000.0)
    assert lags.points(PROJECT, "in_app", grid)[3] > before[3]
    lags.learn(PROJECT, "in_app", 6_000.0, -1.0)
    assert lags.points(PROJECT, "in_app", grid) == pytest.approx(before)
