"""Formbricks: answers to a survey when it is finished. They are signed as Standard Webhooks.

A rating is an answer that is a number to a question whose id names a scale, such as ``nps``; texts are the answers
that are texts, one a line. The answers' ids are the questions' ids: choose telling ones.
Source: formbricks docs/platform/features/integrations/webhooks.mdx.
"""

from __future__ import annotations

from typing import Any, get_args

from contracts.cloudevents import derived_id
from contracts.errors import Rejected, Unwanted
from contracts.feedback import Feedback, Scale
from contracts.limits import MAX_TEXT_CHARS
from producers.adapters.fields import Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS, number_of
from producers.intake import signatures
from producers.intake.hooks.hook import Arrived, Hook, feedback_of, only_rated

SYSTEM = "formbricks"
_SCALES: tuple[str, ...] = get_args(Scale)
MOST_RATING = 10


def read(arrived: Arrived) -> list[Feedback]:
    """The answers of a finished survey as one piece of feedback."""
    fields = Fields(json_object(arrived.body))
    event = fields.text("event")
    if event is None:
        raise Rejected("missing_field", "event: not there")
    if event != "responseFinished":
        raise Unwanted("not_feedback", "event: the answers are not finished; subscribe to responseFinished only")
    data = fields.part("data")
    name, survey = data.text("id"), data.text("surveyId")
    if name is None:
        raise Rejected("missing_field", "data.id: not there")
    answers = data.take("data")
    given = answers if isinstance(answers, dict) else {}
    meta = data.part("meta")
    agent, url = meta.part("userAgent"), meta.text("url", limit=LINE_CHARS)
    said: dict[str, Any] = {
        "id": derived_id(SYSTEM, name),
        "occurred_at": data.moment("updatedAt", "createdAt"),
        "channel": "survey",
        "title": data.part("survey").text("title", limit=LINE_CHARS),
        "source": {"id": name, "url": url},
        "language": data.text("language", limit=35),
        "rating": rating_in(given),
        "reporter": {"pseudonym": _person(data)},
        "context": {
            "route": url,
            "browser": agent.text("browser"),
            "os": agent.text("os"),
            "device": agent.text("device"),
        },
    }
    left = Fields({"survey": survey, "country": meta.text("country")})
    return [feedback_of(arrived, SYSTEM, left, said, texts_in(given) or only_rated(said))]


def _person(data: Fields) -> str | None:
    """Whoever answered: by the id or address that the survey's owner gave, else by Formbricks' own."""
    parts = [data.part(name) for name in ("contact", "contactAttributes", "personAttributes", "person")]
    for name in ("userId", "email", "id"):
        if found := next(filter(None, [part.text(name) for part in parts]), None):
            return found
    return None


def rating_in(answers: dict[str, Any]) -> dict[str, object] | None:
    """The first number whose question names a scale; None where it is none of ours or above 10."""
    for question, answer in answers.items():
        value = None if isinstance(answer, bool) else number_of(answer)
        scale = next((scale for scale in _SCALES if scale in str(question).lower()), None)
        if scale is not None and value is not None and 0 <= value <= MOST_RATING:
            return {"scale": scale, "value": value}
    return None


def texts_in(answers: dict[str, Any]) -> str:
    """Answers in words, one a line; numbers are none."""
    found = [answer for answer in answers.values() if isinstance(answer, str) and number_of(answer) is None]
    return "\n".join(found)[:MAX_TEXT_CHARS]


HOOK = Hook(
    name=SYSTEM,
    title="Formbricks, webhooks of finished answers",
    event=Feedback,
    read=read,
    check=signatures.standard,
    set_up="webhook for responseFinished; give its signing secret whsec_… to the key",
)
