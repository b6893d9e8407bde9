"""One piece of feedback from mail to stored text, and what hostile texts do to it."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Rejected
from contracts.feedback import EnrichedFeedback, Feedback
from processors.feedback.cleaning.clean import QUOTED_CUT, QUOTED_KEPT, SIGNATURE_CUT, clean
from processors.feedback.enrich import OUT_OF_SCALE, enrich
from processors.feedback.refuse import EMPTY, MAX_CHARS, refuse


def feedback(text: str, **fields: Any) -> Feedback:
    return Feedback(id="f", occurred_at=datetime(2026, 6, 15, tzinfo=UTC), text=text, **fields)


MAIL = """<html><body><p>Hi Jane,</p><p>the pay but&shy;ton hangs in release 2.13.4 with PAY-502 for order 100234.
Call me: Tel. 4711123 or ana&#64;example.com.</p><p>Best regards,<br>Ana Silva<br>Example Ltd</p>
<div>On Mon, Jan 5, 2026 at 10:00 Jane Doe &lt;jane@example.com&gt; wrote:<blockquote>What is wrong?</blockquote></div>
</body></html>"""


def test_a_mail_becomes_what_it_says() -> None:
    cleaned = clean(feedback(MAIL, title="Re: Jane, ana@example.com", channel="email"))
    assert cleaned.text == (
        "Hi [name],\n\nthe pay button hangs in release 2.13.4 with PAY-502 for order 100234."
        " Call me: Tel. [phone] or [email]."
    )
    assert cleaned.title == "Re: Jane, [email]"
    assert cleaned.masked == {"name": 1, "phone": 1, "email": 2}
    assert (cleaned.quoted_lines, cleaned.signature_lines) == (2, 5)
    assert cleaned.notes == (QUOTED_CUT, SIGNATURE_CUT)


def test_counts_and_notes_reach_the_event() -> None:
    enriched = enrich(feedback(MAIL, channel="email"), b"k", noted=("first",))
    assert enriched.masked.name == 1
    assert enriched.notes == ("first", QUOTED_CUT, SIGNATURE_CUT, "personal_data_masked")
    assert EnrichedFeedback.model_validate_json(enriched.encode()) == enriched


@pytest.mark.parametrize("text", ["> all of it\n> is quoted", "Best regards\nJane", "-- \nJane"])
def test_nothing_but_a_quote_is_kept_whole(text: str) -> None:
    cleaned = clean(feedback(text, channel="email"))
    assert cleaned.text.splitlines()[0] == text.splitlines()[0]
    assert cleaned.notes == (QUOTED_KEPT,)


def test_names_are_masked_in_what_is_kept_whole() -> None:
    assert clean(feedback("Best regards\nJane", channel="email")).text == "Best regards\n[name]"


@pytest.mark.parametrize(
    "text",
    [
        "java.lang.IllegalStateException: order 4711\n\tat com.example.shop.Pay.run(Pay.java:120)",
        "Release 2.13.4-rc1 (build 20240115.3) on iOS 17.4.1, Safari 605.1.15",
        "trace 4bf92f3577b34da6a3ce929d0e0e4736, request b7a1c2d0-3f55-4e0a-9f3e-7d1f2b3c4d5e",
        "GET /api/orders/100234?page=2 gives 502 after 30000 ms",
        "PAY-502, 0x80070005, ORA-01555, INC0012345 and HADOOP-1234",
    ],
)
def test_what_groups_reports_stays(text: str) -> None:
    assert clean(feedback(text)).text == text
    assert not clean(feedback(text)).masked


@pytest.mark.parametrize(
    "text", ["", " ", "...", "\u200b\u200d", "<p><img src='x.png'></p>", "\x00\x01", "\u202e\u202c!?"]
)
def test_empty_after_cleaning_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match=EMPTY):
        refuse(feedback(text))


HOSTILE = {
    "marks": "<",
    "quotes": "> ",
    "quoted lines": "> a\n",
    "nested": ">>>> a\n>>\n",
    "comments": "<!--",
    "attributes": "<a b='",
    "entities": "&#64;",
    "percent": "%40a",
    "mails": "a@",
    "digits": "1 ",
    "phones": "tel: 0",
    "greetings": "Hi A",
    "closings": "\nBest regards\n",
    "attributions": "On 1 a wrote:\n",
    "headers": "From: a\nTo: b\n",
    "links": "https://a.example.com/ ",
    "base64": "QUJD",
    "empty lines": "\n",
    "names": "Jane Doe ",
    "look-alikes": "a\u0430",
    "marks of quotes": "a\u0301\u200b",
    "right to left": "\u202eتعذر ",
    "emoji": "👩\u200d💻",
    "my name is": "my name is A",
    "secrets": "password ",
    "apostrophes": "a'",
}


def seconds(text: str) -> float:
    """The fastest of three times to refuse or enrich a text."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        for channel in ("email", "api"):
            given_text = feedback(text, channel=channel)
            with contextlib.suppress(Rejected):
                refuse(given_text)
            enrich(given_text, b"k")
        taken.append(time.process_time() - began)
    return min(taken)


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_no_faster_than_the_text(unit: str) -> None:
    half, whole = (seconds((unit * length)[:length]) for length in (20_000, 80_000))
    assert whole < 10 * half + 0.05, "four times the text; sixteen times the time would be quadratic"
    assert whole < 4


def test_a_megabyte_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(ValueError, match="at most 200000 characters"):
        feedback("<" * 1_000_000)
    began = time.process_time()
    with pytest.raises(Rejected, match="oversize"):
        refuse(feedback("<" * (MAX_CHARS + 1)))
    assert time.process_time() - began < 0.1


PIECES = st.sampled_from(
    [
        "Hi Jane,\n", "The cart is empty. ", "> quoted\n", "On 5 Jan 2026 Ana wrote:\n", "\n", "Best regards,\nJane\n",
        "-- \n", "ana@example.com ", "<p>", "</p>", "\u200b", "\u202e", "支付失败", "تعذر", "👍", "\x00",
        "&#64;", "%40",
    ]
)  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=20), st.sampled_from(["email", "api"]))
def test_laws_of_cleaning(pieces: list[str], channel: Any) -> None:
    given_text = feedback("".join(pieces), channel=channel)
    cleaned = clean(given_text)
    assert cleaned == clean(given_text), "the same every time"
    assert "ana@example.com" not in cleaned.text
    assert not any(sign in cleaned.text for sign in "\u200b\u202e\x00")
    again = clean(feedback(cleaned.text, channel=channel))
    assert again.masked.total() == 0 or again.quoted_lines or again.signature_lines, "nothing is left to mask"
    enriched = enrich(given_text, b"k")
    assert EnrichedFeedback.model_validate_json(enriched.encode()) == enriched


@pytest.mark.parametrize(("scale", "value"), [("stars", 9), ("stars", 0), ("csat", 10), ("ces", 7.5)])
def test_a_rating_outside_its_scale_is_kept_as_an_attribute_and_does_not_count(scale: str, value: float) -> None:
    given_one = feedback("The pay button hangs", rating={"scale": scale, "value": value}, attributes={"shop": "north"})
    found = enrich(given_one, b"key")
    assert found.rating is None
    assert OUT_OF_SCALE in found.notes
    assert found.attributes == {OUT_OF_SCALE: f"{scale} {value:g}", "shop": "north"}
    full = feedback("It hangs", rating={"scale": scale, "value": value}, attributes={f"a{n}": n for n in range(64)})
    assert EnrichedFeedback.model_validate_json(enrich(full, b"key").encode()).rating is None


def test_a_rating_on_its_scale_stays() -> None:
    found = enrich(feedback("The pay button hangs", rating={"scale": "nps", "value": 9}), b"key")
    assert found.rating
    assert (found.rating.value, found.attributes) == (9, {})
    assert OUT_OF_SCALE not in found.notes
