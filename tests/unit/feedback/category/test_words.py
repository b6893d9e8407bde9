"""How texts become words and features: what stands for nothing becomes a mark, places stay true, size stays bounded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.feedback.category import words as marks
from processors.feedback.category.features import HEADS, PIECES, SIZE, WORDS, features_of, places_of
from processors.feedback.category.words import MOST_WORDS, read_words

HOSTILE = {
    "empty": "",
    "blank": " \n\t\r ",
    "a million letters": "a" * 1_000_000,
    "a million words": "crash " * 170_000,
    "open code": "```" * 300_000,
    "open tags": "<" * 1_000_000,
    "slashes": "/a" * 500_000,
    "dots": "a." * 500_000,
    "numbers": "1.1" * 300_000,
    "zero width": "pass\u200bword \u2060crash\ufeff " * 50_000,
    "right to left": "\u202eתקלה במערכת" * 20_000,
    "emoji": "😡" * 250_000,
    "mixed scripts": "\u0440\u0430ypal не работает 崩溃 תקלה crash" * 10_000,
    "private characters": "\ue000\ue005" * 1_000,
    "nulls": "\x00" * 100_000,
    "lone surrogate": "crash \ud800 here",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://example.com/a?b=c now", ("see", marks.ADDRESS, "now")),
        ("since v2.5.1 it took 300 ms", ("since", marks.VERSION, "it", "took", marks.NUMBER, "ms")),
        ("write to [email] please", ("write", "to", marks.MASKED, "please")),
        ("look at /var/log/app.log", ("look", "at", marks.PATH)),
        ("getUserList fails", (marks.NAME, "get", "user", "list", "fails")),
        ("two NPEs", ("two", "npes")),
        ("Why?!", ("why", marks.ASKS, marks.SHOUTS)),
        ("doesn\u2019t work", ("doesn't", "work")),
        ("run ```\nint x = 1;\n``` then", ("run", marks.CODE, "then")),
        ("```\nTypeError: x\n```", (marks.CODE, marks.TRACE)),
        ("at com.example.shop.Cart.add(Cart.java:17)", (marks.TRACE,)),
        ("打不开了", ("打", "不", "开", "了")),
        ("so good 👍", ("so", "good", "👍")),
        ("\uff43\uff52\uff41\uff53\uff48", ("crash",)),
        ("pass\u200bword", ("password",)),
    ],
)
def test_what_stands_for_nothing_becomes_a_mark(text: str, expected: tuple[str, ...]) -> None:
    assert read_words(None, text).words == expected


def test_words_of_the_title_come_first_and_are_counted() -> None:
    words = read_words("Crash on start", "It closes.")
    assert words.words == ("crash", "on", "start", "it", "closes")
    assert words.title == 3


def test_a_first_line_of_its_own_stands_for_a_title() -> None:
    assert read_words(None, "Crash when opening a file\nIt closes at once.").title == 5
    assert read_words(None, "Crash when opening a file    It closes at once.").title == 5
    assert read_words(None, "Hi team,\nit closes at once.").title == 0
    assert read_words(None, "One line that goes on without any end").title == 0


@given(st.text(max_size=300), st.none() | st.text(max_size=60))
def test_every_word_has_its_place_in_the_text(text: str, title: str | None) -> None:
    words = read_words(title, text)
    assert len(words.words) == len(words.spans)
    assert 0 <= words.title <= len(words.words)
    assert all(0 <= start < end <= len(words.text) for start, end in words.spans)
    assert list(words.spans) == sorted(words.spans)


@given(st.text(max_size=400))
def test_features_ascend_and_are_of_length_one_at_most(text: str) -> None:
    features = features_of(read_words(None, text))
    assert (np.diff(features.indexes) > 0).all()
    assert features.indexes.max(initial=0) < SIZE == WORDS + PIECES + HEADS
    assert float((features.values**2).sum()) <= 1.001


@given(st.text(max_size=200))
def test_every_feature_comes_from_a_word(text: str) -> None:
    words = read_words(None, text)
    assert set(features_of(words).indexes.tolist()) == set(places_of(words).indexes.tolist())
    assert places_of(words).words.max(initial=-1) < len(words.words)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_stay_small(text: str) -> None:
    words = read_words(text, text)
    assert len(words.words) <= MOST_WORDS + 8
    assert len(features_of(words).indexes) < 8_000


def test_spelling_in_capitals_and_blanks_changes_nothing() -> None:
    one, other = (features_of(read_words(None, t)) for t in ("It crashes  on start", "IT CRASHES\ton start"))
    assert (one.indexes == other.indexes).all()
