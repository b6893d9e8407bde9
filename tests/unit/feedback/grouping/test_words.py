"""Words, letters and subjects of texts, hostile ones included."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.feedback.grouping.endings import stem
from processors.feedback.grouping.features import MAX_TERMS, features_of
from processors.feedback.grouping.grams import shares
from processors.feedback.grouping.subjects import NO_TROUBLE, subject_of
from processors.feedback.grouping.words import plain, sentences_of, words_of


def words(text: str) -> list[str]:
    return list(words_of(plain(text, 10_000)))


def test_other_forms_of_a_word_are_the_same_word() -> None:
    for one, other in (("window", "windows"), ("crawl", "crawling"), ("category", "categories"), ("screen", "screens")):
        assert stem(one) == stem(other)
        assert stem(stem(one)) == stem(one)


def test_a_concept_has_words_in_six_languages() -> None:
    for text in ("payment", "Zahlung", "paiement", "pago", "pagamento", "支付"):
        assert words(text) == ["~pay"]
    assert "~login" in words("I cannot log in")


def test_an_identifier_is_compared_whole_and_by_its_parts() -> None:
    assert words("NullPointerException") == ["nullpointerexception", "null", "pointer", "exception"]


def test_ideographs_are_compared_in_pairs() -> None:
    assert words("订单页面打不开") == ["~order", "单页", "页面", "面打", "打不", "不开"]


def test_what_masks_personal_data_is_no_word() -> None:
    assert words("[email] [phone] bell") == ["bell"]


def test_the_key_ignores_case_punctuation_and_what_cannot_be_seen() -> None:
    key = features_of("", "The bell rings, twice!").key
    assert key == features_of("", "the  BELL rings\u200b twice").key
    assert key != features_of("", "The bell rings thrice").key


def test_the_key_tells_long_texts_apart_by_their_ends() -> None:
    assert features_of("", "a" * 50_000 + "b").key != features_of("", "a" * 50_000 + "c").key


HOSTILE = {
    "empty": "",
    "zero width": "\u200b\u200d",
    "emoji": "👍👍",
    "right to left": "שלום עולם",
    "zeros": "\x00" * 100,
    "one word": "a" * 1_000_000,
    "many words": "word " * 200_000,
    "surrogate": "\ud800 lone",
    "ideographs": "的" * 50_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_are_read_quickly(text: str) -> None:
    began = time.perf_counter()
    features = features_of("", text)
    assert time.perf_counter() - began < 3
    assert len(features.terms) <= MAX_TERMS


@given(st.text(max_size=300), st.text(max_size=300))
def test_anything_can_be_read_and_compared(title: str, text: str) -> None:
    features = features_of(title, text)
    assert len(features.terms) == len(features.counts)
    assert sorted(set(features.terms.tolist())) == features.terms.tolist()
    (share,) = shares(features.letters, [features.letters])
    assert 0 <= share <= 1
    sentences_of(text)


def test_letters_of_a_misspelt_text_are_mostly_the_same() -> None:
    one, other, apart = (text.encode() for text in ("payment was refused", "payement was refusd", "lovely garden hose"))
    close, far = shares(one, [other, apart])
    assert close > 0.5
    assert far < 0.1


def subject(text: str) -> str:
    return subject_of(words(text), text)


def test_a_complaint_has_a_subject_and_a_wish_has_none() -> None:
    assert subject("The bot answers nonsense") == subject("Generated summary stops, your assistant is useless")
    assert subject("Kreditkarte wird nicht angenommen") == subject("My card is not accepted") == "payment"
    assert subject("Could you add payment by card?") == NO_TROUBLE
    assert subject("The lamp is blue") == ""
