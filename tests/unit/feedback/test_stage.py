from __future__ import annotations

import json
from typing import Any

import pytest

from contracts.errors import Rejected
from contracts.pseudonyms import pseudonym
from processors.feedback.language import identify_language
from processors.feedback.refuse import MAX_CHARS
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Skipped
from tests.unit.feedback.stages import feedback_stage, scored

AT_MS = 1_781_514_000_000


def record(offset: int = 0, **changes: Any) -> PlainRecord:
    body = {"id": f"f{offset}", "occurred_at": "2026-06-15T09:00:00Z", "text": "Payment button spins for ever"}
    return PlainRecord(json.dumps(body | changes).encode(), offset=offset, timestamp=AT_MS)


def test_only_pseudonyms_and_masked_text_leave() -> None:
    given = record(
        text="Mail me: customer@example.com",
        title="key=abcdefghijkl",
        reporter={"pseudonym": "Ana", "contact_ref": "ana@example.com"},
        session="cookie",
        attachments=["https://x.example.com/?token=abc"],
        source={"url": "https://x.example.com/?sig=abc"},
        attributes={"note": "+1-555-0142", "api_key": "abcxyz"},
        context={"screen": "https://x.example.com/?token=abc", "route": "/u/ana@example.com"},
        thread="<1@mail.example.com>",
    )
    outputs = feedback_stage().process(given)
    value = " ".join((output.value or b"").decode() for output in outputs)
    for secret in (
        "customer@",
        "abcdefghijkl",
        "Ana",
        "ana@",
        "cookie",
        "token=abc",
        "sig=abc",
        "0142",
        "abcxyz",
        "mail.example",
    ):
        assert secret not in value
    (feedback,) = scored(outputs)
    assert (feedback.masked.email, feedback.masked.secret, feedback.masked.phone) == (1, 2, 1)
    assert {output.key for output in outputs} == {b"default/default"}


def test_one_person_has_one_pseudonym_whichever_field_names_them() -> None:
    stage = feedback_stage()
    seen = set()
    for offset, reporter in enumerate(
        (
            {"pseudonym": "ana@example.com"},
            {"contact_ref": "ANA@example.com "},
            {"contact_ref": "Ana <ana@example.com>"},
        )
    ):
        (said,) = scored(stage.process(record(offset, reporter=reporter, text=f"text number {offset}")))
        seen.add(said.reporter.pseudonym)
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": " \n ... !"}, "feedback_empty"),
        ({"text": "word " * (MAX_CHARS // 5 + 1)}, "feedback_oversize"),
        ({"text": "\u200b<p> </p>"}, "feedback_empty"),
        ({"title": "Automatic reply: Cart"}, "feedback_automatic"),
        ({"text": "Online casino with free spins: https://x.example.com"}, "feedback_spam"),
    ],
)
def test_what_says_nothing_or_too_much_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as refused:
        feedback_stage().process(record(**changes))
    assert refused.value.reason == reason


def test_the_reporter_who_is_named_only_by_blanks_is_known_by_address() -> None:
    given = record(reporter={"pseudonym": " ", "contact_ref": "ana@example.com"})
    (said,) = scored(feedback_stage().process(given))
    assert said.reporter.pseudonym == pseudonym("ana@example.com", b"k")


def test_the_same_words_by_the_same_reporter_are_a_repeat() -> None:
    stage = feedback_stage()
    ana = {"pseudonym": "ana"}
    stage.process(record(1, reporter=ana))
    with pytest.raises(Skipped, match="repeat_text"):
        stage.process(record(2, reporter=ana, text="  payment BUTTON spins for ever "))
    assert stage.process(record(3, reporter={"pseudonym": "ben"})), "another person counts"
    assert stage.process(record(4)), "an unknown person counts"
    assert stage.process(record(5, reporter=ana, occurred_at="2026-06-15T08:00:00Z")), "hours apart counts"


def test_a_thumb_is_feedback() -> None:
    assert feedback_stage().process(record(text="👍"))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Zahlung funktioniert nicht mehr seit gestern", "de"),
        ("le paiement ne marche pas", "fr"),
        ("支付按钮一直转圈", "zh"),
        ("the report page takes two minutes", "en"),
        ("ok", None),
        ("!!!!!!!!!!!!!!", None),
    ],
)
def test_language(text: str, language: str | None) -> None:
    assert identify_language(text)[0] == language
