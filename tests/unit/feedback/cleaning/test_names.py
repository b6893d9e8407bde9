# ruff: noqa: RUF001 - other alphabets are what is tested
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.feedback import Reporter
from processors.feedback.cleaning.names import mask_names, mask_reporter


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Hi Jane,\nit hangs", "Hi [name],\nit hangs"),
        ("hi jane,\nit hangs", "hi [name],\nit hangs"),
        ("Dear Mr. Smith, it hangs", "Dear Mr. [name], it hangs"),
        ("Sehr geehrte Frau Dr. Müller,\nes hängt", "Sehr geehrte Frau Dr. [name],\nes hängt"),
        ("Bonjour Jean-Pierre,\nça plante", "Bonjour [name],\nça plante"),
        ("Hola Juan Pérez:\nno va", "Hola [name]:\nno va"),
        ("Olá Maria!\nnão abre", "Olá [name]!\nnão abre"),
        ("尊敬的王先生：\n打不开", "尊敬的[name]：\n打不开"),
        ("It hangs. Thanks, Jane", "It hangs. Thanks, [name]"),
        ("It hangs.\nMany thanks\nJane O'Neill", "It hangs.\nMany thanks\n[name]"),
        ("Es hängt. LG Max", "Es hängt. LG [name]"),
        ("Danke\nmax", "Danke\n[name]"),
        ("Merci,\nJean Dupont", "Merci,\n[name]"),
        ("Gracias, Juan", "Gracias, [name]"),
        ("Obrigado,\nRui", "Obrigado,\n[name]"),
        ("谢谢！\n王小明", "谢谢！\n[name]"),
        ("It is slow\n- Jane", "It is slow\n- [name]"),
        ("My name is Jane Doe and the cart is empty", "My name is [name] and the cart is empty"),
        ("my name is jane doe, order 5", "my name is [name], order 5"),
        ("Ich heiße Max Muster.", "Ich heiße [name]."),
        ("Je m'appelle Jean.", "Je m'appelle [name]."),
        ("Me llamo Ana y no va", "Me llamo [name] y no va"),
        ("Meu nome é Rui Silva.", "Meu nome é [name]."),
        ("我叫王小明，打不开", "我叫[name]，打不开"),
        ("This is Jane Doe from Example, it hangs", "This is [name] from Example, it hangs"),
        ("Customer name: Jane Doe\nOrder: 5", "Customer name: [name]\nOrder: 5"),
        ("I spoke to Mrs. Brown yesterday", "I spoke to Mrs. [name] yesterday"),
    ],
)
def test_names_are_masked_where_letters_put_them(text: str, masked: str) -> None:
    assert mask_names(text) == (masked, 1)
    assert mask_names(masked) == (masked, 0)


@pytest.mark.parametrize(
    "text",
    [
        "Hello team,\nit hangs",
        "Hi, the cart hangs",
        "Dear Sir or Madam,\nit hangs",
        "Sehr geehrte Damen und Herren,\nes hängt",
        "Hallo zusammen,\nes hängt",
        "Bonjour à tous,\nça plante",
        "Hi Kafka is down again",
        "Good morning, Safari crashes",
        "Thanks! Great",
        "thanks, works",
        "谢谢\n请修复",
        "你好支付失败，请看",
        "My name is not displayed",
        "my name is wrong in the profile",
        "name: dfs.data.dir",
        "This is Safari on iOS 17.4",
        "Windows Server and Internet Explorer fail with PAY-502 in Release 2.13",
        "Elasticsearch, Apache Kafka and Microsoft Teams are named in the log",
        "INC0012345 of Checkout Service: java.lang.NullPointerException",
    ],
)
def test_products_codes_and_groups_stay(text: str) -> None:
    assert mask_names(text) == (text, 0)


@pytest.mark.parametrize(
    ("reporter", "count"),
    [
        (Reporter(contact_ref="jane.doe@example.com"), 2),
        (Reporter(pseudonym="Jane Doe"), 2),
        (Reporter(contact_ref="Jane Doe <j@example.com>"), 2),
        (Reporter(contact_ref="support@example.com"), 0),
        (Reporter(pseudonym="customer-17"), 0),
        (Reporter(), 0),
    ],
)
def test_who_reports_is_masked_anywhere(reporter: Reporter, count: int) -> None:
    masked, found = mask_reporter("I, Jane Doe, wrote twice (Doe, Jane). The doe and Jane's cart stay.", reporter)
    assert found == count
    assert masked.count("[name]") == count


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at(text: str) -> None:
    masked, count = mask_names(text)
    assert masked.count("[name]") - text.count("[name]") == count
