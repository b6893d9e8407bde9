# ruff: noqa: RUF001 - other alphabets are what is tested
from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.errors import Rejected
from contracts.feedback import Feedback
from processors.feedback.refuse import AUTOMATIC, refuse


def feedback(text: str = "I will read your message later.", **fields: Any) -> Feedback:
    return Feedback(id="f", occurred_at=datetime(2026, 6, 15, tzinfo=UTC), text=text, **fields)


@pytest.mark.parametrize(
    "title",
    [
        "Automatic reply: Your order",
        "Auto-Reply: Your order",
        "Re: Out of office: Your order",
        "Out of Office AutoReply: Your order",
        "[shop] Out of office",
        "Automatische Antwort: Ihre Bestellung",
        "Eingangsbestätigung",
        "Abwesenheitsnotiz: Ihre Bestellung",
        "Réponse automatique : Votre commande",
        "Respuesta automática: Su pedido",
        "Resposta automática: O seu pedido",
        "自动回复：您的订单",
        "Undelivered Mail Returned to Sender",
        "Undeliverable: Your order",
        "Delivery Status Notification (Failure)",
        "Mail delivery failed: returning message to sender",
        "Unzustellbar: Ihre Bestellung",
        "failure notice",
    ],
)
def test_subjects_of_mail_programs(title: str) -> None:
    with pytest.raises(Rejected) as refused:
        refuse(feedback(title=title))
    assert refused.value.reason == AUTOMATIC
    assert "subject" in refused.value.detail


@pytest.mark.parametrize(
    "attributes",
    [
        {"Auto-Submitted": "auto-replied"},
        {"headers.auto_submitted": "auto-generated"},
        {"precedence": "auto_reply"},
        {"x-autoreply": "yes"},
        {"X-Failed-Recipients": "shop@example.com"},
        {"content-type": "multipart/report; report-type=delivery-status"},
    ],
)
def test_headers_of_mail_programs(attributes: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match=AUTOMATIC):
        refuse(feedback(attributes=attributes))


@pytest.mark.parametrize(
    "text",
    [
        "I am currently out of the office and will be back on Monday.",
        "Ich bin bis 5. Mai nicht im Büro. In dringenden Fällen hilft mein Team.",
        "Je suis actuellement absent. En cas d'urgence, écrivez au bureau.",
        "Estoy fuera de la oficina. En caso de urgencia llame a mi equipo.",
        "Estou de férias. Em caso de urgência fale com a equipe.",
        "我目前正在休假，回来后会尽快回复。",
        "Thank you for your mail. I am out of office until 5 May.",
        "We have received your request, a ticket was made.",
        "This is the mail system at host mail.example.com. I could not deliver it.",
    ],
)
def test_texts_of_mail_programs(text: str) -> None:
    with pytest.raises(Rejected, match=AUTOMATIC):
        refuse(feedback(text))


def test_a_mail_system_is_no_reporter() -> None:
    with pytest.raises(Rejected, match="mail system"):
        refuse(feedback(reporter={"contact_ref": "Mail System <MAILER-DAEMON@example.com>"}))


@pytest.mark.parametrize(
    ("title", "text", "attributes"),
    [
        ("Automatic reply is sent twice", "Our customers get it twice.", {}),
        ("Out of office cannot be switched off", "The button is grey.", {}),
        ("Cart", "I was out of office yesterday and now the cart is empty.", {}),
        ("Mail", "I am on vacation and the app shows roaming prices in the wrong currency.", {}),
        ("Undelivered parcel", "My order was not delivered, though the page says so.", {}),
        ("Report", "It fails.", {"auto-submitted": "no", "x-autoreply": "false", "precedence": "list"}),
        ("Report", "It fails.", {"precedence": "bulk"}),
        ("Scan", "Found: SQL injection in the login form", {"auto-submitted": "auto-generated"}),
        ("Mail", "I am on vacation until 5 May, and since then every page gives an error.", {}),
        ("Mail", "I am out of office until Monday and my account was hacked.", {}),
    ],
)
def test_people_who_write_about_such_mails_are_heard(title: str, text: str, attributes: dict[str, Any]) -> None:
    refuse(feedback(text, title=title, attributes=attributes))
