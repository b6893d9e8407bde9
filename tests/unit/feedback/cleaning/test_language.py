from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.feedback import Feedback
from processors.feedback.enrich import enrich
from processors.feedback.language import MIN_CONFIDENCE, SUPPORTED, identify_language
from tests.unit.feedback.cleaning.sentences import OTHERS, SENTENCES


@pytest.mark.parametrize("language", SUPPORTED)
def test_at_least_nineteen_of_twenty_sentences(language: str) -> None:
    found = [identify_language(sentence)[0] for sentence in SENTENCES[language]]
    assert len(found) == 20
    assert found.count(language) >= 19


@pytest.mark.parametrize("language", OTHERS)
def test_other_languages_are_named_and_noted(language: str) -> None:
    for sentence in OTHERS[language]:
        assert identify_language(sentence)[0] == language
    at = datetime(2026, 6, 15, tzinfo=UTC)
    enriched = enrich(Feedback(id="f", occurred_at=at, text=OTHERS[language][0]), b"k")
    assert "language_unsupported" in enriched.notes


@pytest.mark.parametrize(
    "text", ["ok", "PAY-502", "https://shop.example.com/warenkorb", "[email]", "NullPointerException", "👍", ""]
)
def test_what_is_in_no_language(text: str) -> None:
    assert identify_language(text)[0] is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("支付失败 timeout 500", "zh"),
        ("Kann nicht speichern\n at com.example.Pay.run(Pay.java:1)\n at com.example.Cart.go(Cart.java:2)", "de"),
        ("le panier est vide: java.lang.IllegalStateException in com.example.shop.cart", "fr"),
        ("no va", "es"),
        ("não abre", "pt"),
        ("kaputt", "de"),
        ("very slow", "en"),
    ],
)
def test_short_and_mixed_texts(text: str, language: str) -> None:
    found, confidence = identify_language(text)
    assert found == language
    assert confidence is not None
    assert MIN_CONFIDENCE <= confidence <= 1
