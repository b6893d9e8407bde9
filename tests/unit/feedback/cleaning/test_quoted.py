# ruff: noqa: RUF001 - other alphabets are what is tested
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.feedback.cleaning.quoted import cut_quoted

ATTRIBUTIONS = (
    "On Mon, Jan 5, 2026 at 10:00 AM Jane Doe <jane@example.com> wrote:",
    "On Mon, Jan 5, 2026 at 10:00 AM Jane Elisabeth Doe-Miller\n<jane.elisabeth.doe-miller@example.com>\nwrote:",
    "Am 05.01.2026 um 10:00 schrieb Max Muster:",
    "Max Muster schrieb am Mo., 5. Jan. 2026, 10:00:",
    "Le lun. 5 janv. 2026 à 10:00, Jean <jean@example.com> a écrit :",
    "El lun, 5 ene 2026 a las 10:00, Juan (<juan@example.com>) escribió:",
    "Em seg., 5 de jan. de 2026 às 10:00, Rui <rui@example.com> escreveu:",
    "2026年1月5日 10:00，王小明 <wang@example.com> 写道：",
)
HEADERS = (
    "-----Original Message-----\nFrom: Jane\nSent: Monday\nTo: Shop\nSubject: Cart",
    "-----Ursprüngliche Nachricht-----",
    "-------- Message d'origine --------",
    "________________________________\nVon: Max Muster\nGesendet: Montag\nAn: Shop\nBetreff: Korb",
    "De : Jean\nEnvoyé : lundi\nÀ : Boutique\nObjet : Panier",
    "De: Juan\nEnviado el: lunes\nPara: Tienda\nAsunto: Cesta",
    "De: Rui\nEnviada em: segunda\nPara: Loja\nAssunto: Carrinho",
    "发件人：王小明\n发送时间：2026年1月5日\n收件人：商店\n主题：购物车",
    "*From:* Jane\n*Date:* Monday\n*To:* Shop",
)


@pytest.mark.parametrize("announced", [*ATTRIBUTIONS, *HEADERS])
@pytest.mark.parametrize("below", ["\n\nThe cart is empty.\nPlease help.", "\n> The cart is empty.\n>\n> Please help."])
def test_an_earlier_message_below_is_cut(announced: str, below: str) -> None:
    left, cut = cut_quoted(f"It is still empty.\n\n{announced}{below}", mail=True)
    assert left.strip() == "It is still empty."
    assert cut == (announced + below).count("\n") + 1


def test_answers_between_quotes_stay() -> None:
    text = "On 5 Jan 2026 Jane wrote:\n> Which browser?\nSafari.\n>> since when\n> Which order?\n\n4711."
    assert cut_quoted(text, mail=True)[0] == "Safari.\n\n4711."


def test_what_is_forwarded_stays_without_its_header() -> None:
    header = "---------- Forwarded message ---------\nFrom: Jane\nDate: Monday\nSubject: Cart\nTo: Shop\n"
    assert cut_quoted(f"See below.\n{header}\nThe cart is empty.", mail=True)[0] == "See below.\n\nThe cart is empty."
    assert cut_quoted(f"{header}\nThe cart is empty.", mail=True)[0].strip() == "The cart is empty."


@pytest.mark.parametrize(
    "text",
    [
        "Run it:\n> bin/shop --import data.csv\n> [INFO] 4711 rows\nand it hangs",
        "Proof:\n>>> import shop\n>>> shop.login('x')",
        "total > 100 is wrong\nand 5 >= 3, too",
        "On the order page it says: wrote 5 rows",
        "The log wrote:\nerror 5",
        "From: field is empty\nTo: field is empty",
        "From 9 to 5 it is slow",
    ],
)
def test_commands_and_reports_stay(text: str) -> None:
    assert cut_quoted(text, mail=False) == (text, 0)


def test_words_behind_a_mark_are_a_quote_outside_of_mails_too() -> None:
    left, cut = cut_quoted("> the cart stays empty for me\n> what should I do\nSame here.", mail=False)
    assert (left, cut) == ("Same here.", 2)


@given(st.lists(st.sampled_from(("> a", "On 1 x wrote:", "From: a", "To: b", "Sent: c", "text", "", "____________"))))
def test_lines_are_cut_never_made(lines: list[str]) -> None:
    left, cut = cut_quoted("\n".join(lines), mail=True)
    kept = left.split("\n") if left else []
    assert all(line in lines for line in kept)
    assert 0 <= cut <= max(len(lines), 1)
