# ruff: noqa: RUF001 - other alphabets are what is tested
from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.errors import Rejected
from contracts.feedback import Feedback
from processors.feedback.refuse import SPAM, refuse
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Outgoing
from tests.unit.feedback.stages import feedback_stage

SPAMS = (
    "Get rich with our online casino! 200 free spins, claim your jackpot at https://win.example.com/now",
    "We are an SEO agency: SEO services, first page of Google. Visit our website www.seo.example.com",
    "Buy followers, cheap likes, real subscribers: https://likes.example.com",
    "Dear friend, I have an inheritance of 5 million dollars for you. Write to lawyer@example.com",
    "Instant loans, no credit check, bad credit welcome! Apply: https://loan.example.com",
    "Lose 10 kg in a week with diet pills, no prescription, order now https://pills.example.com!!!",
    "[url=https://a.example.com]cheap watches[/url] [url=https://b.example.com]replica bags[/url]",
    "https://a.example.com https://b.example.com https://c.example.com https://d.example.com click here",
    "Earn $5000 per week from home, passive income, message me on WhatsApp +1 555 0142",
    "Online Casino mit Gewinnspiel: jetzt sichern auf https://casino.example.com",
    "Kredit ohne Schufa, Sofortkredit, hier klicken: https://kredit.example.com",
    "Gagnez de l'argent avec notre casino en ligne, cliquez ici https://jeu.example.com",
    "Préstamos rápidos y dinero fácil, haga clic aquí: https://prestamo.example.com",
    "Ganhe dinheiro com renda extra, clique aqui https://renda.example.com",
    "Лучшее казино, ставки на спорт, скидки: https://kazino.example.com https://b.example.com https://c.example.com",
    "代开发票，低息贷款，加微信 fapiao88888 免费领取",
    "足球博彩娱乐城，点击链接 https://bo.example.com 免费领取",
    "Grow your business: we build websites, web design services, app development services. Mail sales@example.com",
    "Hello, do you want 10,000 targeted visitors? Reply for prices: traffic@example.com",
    "WIN A FREE phone now!!! Click https://spam.example.com",
    "Buy cheap watches at http://security.example.com",
    "Hot singles in your town, adult dating https://date.example.com",
    "Guest posts and backlinks with high domain authority, reply to seo@example.com",
)
REPORTS = (
    "I found an XSS: https://shop.example.com/search?q=<script>alert(1)</script> runs.",
    "SQL injection: https://a.example.com https://b.example.com https://c.example.com, click here for a free trial",
    "When I change the id in https://shop.example.com/orders/5 I see other customers' orders",
    "https://a.example.com/1 https://b.example.com/2 https://c.example.com/3 https://d.example.com/4",
    "java.lang.IllegalStateException: https://a.example.com\n at com.example.Pay(Pay.java:12)",
    "The discount code BLACK10 does not work at https://shop.example.com/cart, best price was promised",
    "Please unsubscribe me from the newsletter, the link https://news.example.com/unsubscribe gives an error",
    "Кнопка оплаты не работает https://shop.example.com/pay",
    "Buy now button is broken on https://shop.example.com, I click here and nothing happens",
    "Special offer page https://shop.example.com/special-offer shows 404",
    "Congratulations on the new release! It is the best deal we made. See www.example.com",
    "In the casino module the slot games hang after free spins, see https://games.example.com/slots",
    "Is this mail from you? 'You have won, click here https://fake.example.com' looks like phishing",
    "Someone sells my address! I get casino spam since I registered: https://casino.example.com claim your bonus",
    "You have won page appears for users who did not play",
    "Great app!!! 100% free and I love it 🚀🚀",
    "The loan offer form times out after the instant loans step",
    "Kasse: der Gutschein vom Gewinnspiel wird nicht angenommen, Fehler auf https://shop.example.com",
    "博彩页面打不开，点击链接 https://shop.example.com 报错",
)


def feedback(text: str, **fields: Any) -> Feedback:
    return Feedback(id="f", occurred_at=datetime(2026, 6, 15, tzinfo=UTC), text=text, **fields)


@pytest.mark.parametrize("text", SPAMS)
def test_advertising_is_refused_with_reasons(text: str) -> None:
    with pytest.raises(Rejected) as refused:
        refuse(feedback(text))
    assert refused.value.reason == SPAM
    assert "+" in refused.value.detail


@pytest.mark.parametrize("text", REPORTS)
def test_reports_are_no_spam(text: str) -> None:
    refuse(feedback(text))


def test_what_the_mail_server_says_counts_but_is_not_enough() -> None:
    refuse(feedback("Hello, please look at www.example.com", attributes={"X-Spam-Flag": "YES"}))
    with pytest.raises(Rejected, match="mail server"):
        refuse(feedback("Act now: www.example.com", attributes={"X-Spam-Flag": "YES"}))


def test_a_message_with_a_trace_comes_from_the_product() -> None:
    refuse(feedback(SPAMS[0], trace={"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}))


def test_a_flood_does_not_hide_a_report() -> None:
    stage = feedback_stage()
    texts = [f"{SPAMS[at % len(SPAMS)]} {at}" for at in range(1_000)]
    texts[617] = "Security: anybody can read the invoices of other customers, proof at https://poc.example.com/617"
    passed: list[Outgoing] = []
    refused = 0
    for offset, text in enumerate(texts):
        body = {"id": f"f{offset}", "occurred_at": "2026-06-15T09:00:00Z", "text": text}
        try:
            passed += stage.process(PlainRecord(json.dumps(body).encode(), offset=offset, timestamp=1_781_514_000_000))
        except Rejected as rejected:
            refused += rejected.reason == SPAM
    assert refused == 999
    assert b"invoices of other customers" in (passed[0].value or b"")
