"""Severity from words: a weak prior between 0 and 1 with its evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.feedback import BOUNDS, Rating
from processors.feedback.category.severity import SCALES, badness_of, severity_of
from processors.feedback.category.words import visible
from tests.unit.feedback.category.test_words import HOSTILE

BLOCKING = {
    "en": "Nobody can work, production down since nine",
    "de": "Totaler Stillstand, dringend, es geht nichts mehr",
    "fr": "Panne générale, c'est urgent",
    "es": "No podemos trabajar, es urgente",
    "pt": "Sistema fora do ar, urgente",
    "zh": "系统瘫痪 所有人都没法工作",
}
MILD = {
    "en": "Minor cosmetic thing, there is a workaround",
    "de": "Nur ein Schönheitsfehler, eilt nicht",
    "fr": "Un petit détail, pas urgent",
    "es": "Un pequeño detalle, sin prisa",
    "pt": "Detalhe pequeno, sem pressa",
    "zh": "小问题 不急",
}


@pytest.mark.parametrize("language", BLOCKING)
def test_what_blocks_is_worse_than_what_is_cosmetic(language: str) -> None:
    for known in (language, None):
        worse, milder = severity_of(BLOCKING[language], language=known), severity_of(MILD[language], language=known)
        assert worse.score > 0.6, worse
        assert milder.score < 0.3, milder
        assert all(word in BLOCKING[language] for word in worse.words)
        assert worse.words


@pytest.mark.parametrize("scale", ["nps", "csat", "ces", "stars"])
def test_a_worse_rating_is_never_milder(scale: str) -> None:
    scores = [severity_of("hm", rating=Rating(scale=scale, value=value)).score for value in range(11)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


def test_scales_are_those_of_the_contract() -> None:
    assert {scale: (low, high) for scale, (low, high, _) in SCALES.items()} == BOUNDS


def test_ratings_are_read_on_their_own_scale() -> None:
    assert badness_of(Rating(scale="nps", value=5)) == pytest.approx(0.5)
    assert badness_of(Rating(scale="stars", value=5)) == 0
    assert badness_of(Rating(scale="csat", value=1)) == 1
    assert badness_of(Rating(scale="ces", value=7)) == 0


@given(st.text(max_size=200), st.none() | st.text(max_size=40))
def test_it_stays_a_weak_prior(text: str, title: str | None) -> None:
    assert 0 < severity_of(text, title).score < 0.95


def test_who_is_not_happy_says_nothing_good() -> None:
    assert severity_of("I am not happy").score > severity_of("I am happy").score
    assert severity_of("不满意").score > severity_of("满意").score


def test_shouting_the_same_word_is_not_louder() -> None:
    assert severity_of("urgent").score == severity_of("urgent URGENT urgent! " * 50).score


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_have_a_severity(text: str) -> None:
    found = severity_of(text, text)
    assert all(word in visible(text) for word in found.words)
