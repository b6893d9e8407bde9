"""PostHog: answers to a survey, as a destination or a webhook sends the event ``survey sent``.

Source: posthog.com, survey events: ``$survey_id``, ``$survey_response_<question id>``, older ``$survey_response``.
"""

from __future__ import annotations

from typing import Any

from contracts.cloudevents import derived_id
from contracts.errors import Rejected, Unwanted
from contracts.feedback import Feedback
from producers.adapters.fields import Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS
from producers.intake.hooks.formbricks import rating_in, texts_in
from producers.intake.hooks.hook import Arrived, Hook, feedback_of, only_rated

SYSTEM = "posthog"
_ANSWER = "$survey_response"


def read(arrived: Arrived) -> list[Feedback]:
    """The answers of one event, which may stand in ``event`` or be the whole body."""
    record = json_object(arrived.body)
    whole = Fields(record["event"] if isinstance(record.get("event"), dict) else record)
    kind = whole.text("event", "name")
    if kind is None:
        raise Rejected("missing_field", "event: not there")
    if kind != "survey sent":
        raise Unwanted("not_feedback", "event: not an answered survey")
    properties = whole.part("properties")
    answers = _answers(properties)
    survey, person = properties.text("$survey_id"), whole.text("distinct_id") or properties.text("distinct_id")
    moment = whole.moment("timestamp", "sent_at") if _has_time(whole) else arrived.at
    url = properties.text("$current_url", limit=LINE_CHARS)
    said: dict[str, Any] = {
        "id": derived_id(SYSTEM, whole.text("uuid") or [survey, person, moment, sorted(map(str, answers.values()))]),
        "occurred_at": moment,
        "channel": "survey",
        "title": properties.text("$survey_name", limit=LINE_CHARS),
        "source": {"id": survey, "url": url},
        "rating": rating_in(answers),
        "reporter": {"pseudonym": person},
        "session": properties.text("$session_id"),
        "context": {
            "route": url,
            "browser": properties.text("$browser"),
            "os": properties.text("$os"),
            "device": properties.text("$device_type"),
        },
    }
    return [feedback_of(arrived, SYSTEM, Fields({"survey": survey}), said, texts_in(answers) or only_rated(said))]


def _answers(properties: Fields) -> dict[str, Any]:
    """Answers by the words of their questions where those are told, for a scale is known by them.

    Answers are named by the ids of their questions, of older clients by their numbers, where the first has none; of
    both, only those by id are read.
    """
    asked = properties.take("$survey_questions")
    questions = [one for one in (asked if isinstance(asked, list) else []) if isinstance(one, dict)]
    names = [name for name in properties.left if name.startswith(_ANSWER)]
    given = {name: properties.take(name) for name in names}
    by_id = {f"{_ANSWER}_{one.get('id')}": str(one.get("question")) for one in questions}
    by_number = {f"{_ANSWER}_{n}" if n else _ANSWER: str(one.get("question")) for n, one in enumerate(questions)}
    for known in (by_id, by_number):
        if by_question := {known[name]: answer for name, answer in given.items() if name in known}:
            return by_question
    return {name: answer for name, answer in given.items() if name != _ANSWER} or given


def _has_time(whole: Fields) -> bool:
    return any(whole.left.get(name) for name in ("timestamp", "sent_at"))


HOOK = Hook(
    name=SYSTEM,
    title="PostHog, surveys through an HTTP destination",
    event=Feedback,
    read=read,
    set_up="destination HTTP webhook for the event survey sent, header Authorization: Bearer TOKEN",
)
