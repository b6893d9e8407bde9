# ruff: noqa: RUF001 - other alphabets are what is tested
from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.spelling import legible


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("pay\u200bment \u202eright\u202c to left", "payment right to left"),
        ("ｏｒｄｅｒ １２３", "order 123"),
        ("\U0001d429\U0001d41a\U0001d432 now", "pay now"),
        ("p\u0430ssw\u043erd", "password"),
        ("one\u00a0space", "one space"),
        ("jose\u0301", "jos\u00e9"),
    ],
)
def test_what_looks_alike_is_written_alike(text: str, plain: str) -> None:
    assert legible(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "Оплата не проходит",
        "支付失败，请重试！",
        "Ödeme sayfası açılmıyor",
        "تعذر الدفع",
        "① erst ② dann",
        "5 µs · 👍🏽",
        "Η πληρωμή",
    ],
)
def test_every_alphabet_stays_itself(text: str) -> None:
    assert legible(text) == text


@given(st.text(max_size=200))
def test_twice_is_once(text: str) -> None:
    once = legible(text)
    assert legible(once) == once
    assert normalize("NFC", once) == once or not once.isascii()
