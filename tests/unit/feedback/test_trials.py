"""The stage as an unfriendly tester tries it: floods, hidden reports, contradictions, odd texts, a stop midway."""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest

from contracts.errors import Rejected
from contracts.topics import SYMPTOMS
from processors.feedback.refuse import OVERSIZE, SPAM
from processors.runtime.stage import Skipped
from tests.unit.feedback.desk import INVOICE, SPINS, SPINS_TOO, Desk, group, symptom

pytestmark = pytest.mark.slow

MAIL = (
    "Dear team,\n\nsince this morning the checkout refuses my card and throws me out after I confirm the amount. "
    "Order {n} is still open.\n\nKind regards\nKim Example"
)
PRIZES = (
    "Congratulations dear winner!! Claim your {n} euro gift card at https://prize.example.com/{n} !!! Click here!!!",
    "Best pills no prescription {n} % discount free shipping https://pills.example.com/{n} buy now, limited offer!!!",
    "Double your bitcoin in {n} hours guaranteed profit, join now https://coins.example.com/join/{n} !!! risk free",
)
LEAK = "If you change the number at the end of the link of an invoice, you can read the invoices of other customers."
ODD = {
    "emoji": "😡🧾💥 pay 💳 ➜ 🚫",
    "right to left": "הדף של התשלום לא נטען ואני מקבל שגיאה 502",
    "marks of direction": "\u202epayment\u202c fails \u2067again\u2069",
    "zero width": "pay\u200bment fa\u200dils\ufeff again",
    "mixed scripts": "Оплата payment 支付 σφάλμα דף ошибка 失败",
    "combining": "p" + "\u0301" * 300 + "ayment fails",
    "control": "payment\x01fails\x1b[2J\x07",
    "a long word": "x" * 90_000,
    "a long text": "payment fails with an error " * 3_500,
    "brackets": "pay " + "<" * 30_000 + "[" * 30_000 + "(" * 30_000,
}


def test_a_thousand_copies_of_one_mail_are_one_group_of_so_many_people() -> None:
    desk = Desk()
    for number in range(1_000):
        desk.say(f"m{number}", MAIL.format(n=10_000 + number), reporter={"pseudonym": f"p{number % 40}"})
    last = desk.feedback["m999"]
    assert len({group(one) for one in desk.feedback.values()}) == 1
    assert last.group is not None
    assert (last.group.reports, last.group.reporters) == (1_000, 40)
    other = desk.say("other", "The garden hose leaks at the tap")
    assert group(other) != group(last), "a flood draws nothing else in"


def test_a_security_report_in_a_flood_of_spam_is_found_and_hidden() -> None:
    desk, refused = Desk(), 0
    for number in range(300):
        if number == 200:
            desk.say("leak", LEAK)
        try:
            desk.say(f"spam{number}", PRIZES[number % 3].format(n=number))
        except Rejected as error:
            assert error.reason == SPAM
            refused += 1
    assert refused == 300
    leak = desk.feedback["leak"]
    assert leak.security is not None
    assert leak.security.restricted
    assert leak.group is not None
    assert leak.group.reports == 1
    assert leak.score is not None
    assert leak.score == max(one.score or 0 for one in desk.feedback.values())


def test_relabels_that_contradict_each_other_leave_no_trace_when_all_are_taken_back() -> None:
    desk = Desk()
    desk.say("f1", SPINS)
    before = desk.say("probe1", SPINS_TOO, reporter={"pseudonym": "a"}).category
    for turn, category in enumerate(("praise", "performance", "question", "security", "praise")):
        assert desk.command(f"c{turn}", "relabel", feedback=["f1"], category=category).accepted
        now = desk.feedback["f1"].category
        assert now is not None
        assert (now.name, now.by_analyst) == (category, True)
    for turn in reversed(range(5)):
        desk.command(f"back{turn}", "take_back", command=f"c{turn}")
    after = desk.say("probe2", SPINS_TOO, reporter={"pseudonym": "b"}).category
    assert after == before


def test_a_megabyte_is_refused_and_the_next_one_is_taken() -> None:
    desk = Desk()
    with pytest.raises(Rejected) as refusal:
        desk.say("large", "payment fails " * 80_000)
    assert refusal.value.reason == "too_large"
    with pytest.raises(Rejected) as refusal:
        desk.say("long", "payment fails " * 8_000)
    assert refusal.value.reason == OVERSIZE
    assert desk.say("small", SPINS).id == "small"


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_texts_are_understood_and_told_the_same_after_a_restart(text: str) -> None:
    desk, again = Desk(), Desk()
    desk.say("f1", text)
    again.say("f1", text)
    again.restart()
    assert desk.say("f2", SPINS) == again.say("f2", SPINS)
    assert desk.say("f3", text + " once more") == again.say("f3", text + " once more")
    assert desk.feedback["f1"].group is not None


@pytest.mark.parametrize("seed", range(3))
def test_a_stop_anywhere_in_a_stream_of_all_this_changes_nothing(seed: int) -> None:
    some = Random(seed)
    texts = (SPINS, SPINS_TOO, INVOICE, LEAK, *ODD.values(), MAIL, "My account shows an error", "Login is refused")
    said = [(f"f{number}", some.choice(texts)[:2_000].format(n=number)) for number in range(120)]
    stops = set(some.sample(range(120), 4))
    whole, stopped = Desk(), Desk()
    for number, (name, text) in enumerate(said):
        for desk in (whole, stopped):
            desk.take(SYMPTOMS.name, **symptom(f"c{number}", desk.at, user=f"u{number % 9}"))
            with suppress(Skipped):  # who says the same again is told so by both
                desk.say(name, text, reporter={"pseudonym": f"u{number % 7}"})
            desk.wait(1)
        if number in stops:
            stopped.restart()
    assert len(whole.feedback) > 50
    assert whole.feedback == stopped.feedback
    assert whole.groups == stopped.groups


def test_who_complained_makes_the_pattern_likelier_for_the_next_one() -> None:
    desk = Desk()
    for number in range(12):
        for route, upstream in (("/api/payments", "payments"), ("/api/stock", "stock")):
            name = f"{upstream}{number}"
            desk.take(SYMPTOMS.name, **symptom(name, desk.at, route=route, upstream=upstream, trace_id=name))
        desk.say(f"tied{number}", f"It fails, number {number}", trace={"trace_id": f"payments{number}"})
    nobody = desk.say("nobody", "It fails and says error 502")
    points = {link.upstream: link.evidence.get("reported", 0.0) for link in nobody.links}
    assert points
    assert points.get("payments", 1.0) > 0 > points.get("stock", -1.0)
