"""Intercom: what people write in conversations, and how they rate them. Bodies are HTML, times are seconds.

Source: developers.intercom.com, webhook topics and ``X-Hub-Signature`` (HMAC-SHA1 with the app's client secret).
"""

from __future__ import annotations

from typing import Any

from contracts.cloudevents import derived_id
from contracts.errors import Rejected, Unwanted
from contracts.feedback import Feedback
from producers.adapters.fields import Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS
from producers.intake.hooks.hook import Arrived, Hook, feedback_of, only_rated, text_at
from producers.intake.signatures import hex_of

SYSTEM = "intercom"
_CREATED, _REPLIED = "conversation.user.created", "conversation.user.replied"
_RATED = frozenset({"conversation.rating.added", "conversation.rating", "conversation.user.rated"})


def read(arrived: Arrived) -> list[Feedback]:
    """The message or rating of a notification."""
    fields = Fields(json_object(arrived.body))
    topic = fields.text("topic")
    if topic is None:
        raise Rejected("missing_field", "topic: not there")
    if topic not in {_CREATED, _REPLIED, *_RATED}:
        raise Unwanted("not_feedback", "topic: no message of a user and no rating")
    app, item = fields.text("app_id"), fields.part("data").part("item")
    name = item.text("id")
    if name is None:
        raise Rejected("missing_field", "data.item.id: not there")
    thread = derived_id(SYSTEM, app, name)
    said: dict[str, Any] = {
        "channel": "chat",
        "source": {"id": name, "url": item.part("links").text("conversation_web", limit=LINE_CHARS)},
        "reporter": _reporter(item),
    }
    if topic == _CREATED:
        message = _first_message(item)
        title = message.text("subject", limit=LINE_CHARS)
        said |= {"id": thread, "occurred_at": item.moment("created_at"), "title": title}
        return [feedback_of(arrived, SYSTEM, _kept(item), said, text_at(message, "body"))]
    if topic == _REPLIED:
        part = _last_part(item)
        said |= {"id": derived_id(thread, part.text("id")), "thread": thread, "occurred_at": part.moment("created_at")}
        return [feedback_of(arrived, SYSTEM, _kept(item), said, text_at(part, "body"))]
    rating = item.part("conversation_rating")
    value = rating.number("rating")
    moment = rating.moment("created_at") if rating.left.get("created_at") else fields.moment("created_at")
    said |= {"id": derived_id(thread, "rating"), "thread": thread, "occurred_at": moment}
    if value is not None:
        said["rating"] = {"scale": "csat", "value": value}
    return [feedback_of(arrived, SYSTEM, _kept(item), said, text_at(rating, "remark") or only_rated(said))]


def _first_message(item: Fields) -> Fields:
    return item.part("source" if isinstance(item.left.get("source"), dict) else "conversation_message")


def _last_part(item: Fields) -> Fields:
    parts = item.part("conversation_parts").take("conversation_parts")
    found = [one for one in parts if isinstance(one, dict)] if isinstance(parts, list) else []
    if not found:
        raise Rejected("missing_field", "data.item.conversation_parts: holds no message")
    return Fields(found[-1], "data.item.conversation_parts.")


def _reporter(item: Fields) -> dict[str, object]:
    """The application's own id of the person where Intercom was told it, else the address, else Intercom's id."""
    user = item.part("user") if isinstance(item.left.get("user"), dict) else _first_contact(item)
    mail, known, own = user.text("email"), user.text("user_id", "external_id"), user.text("id")
    return {"pseudonym": known or mail or (f"{SYSTEM}:{own}" if own else None), "contact_ref": mail}


def _first_contact(item: Fields) -> Fields:
    contacts = item.part("contacts").take("contacts")
    first = contacts[0] if isinstance(contacts, list) and contacts else {}
    return Fields(dict(first) if isinstance(first, dict) else {})


def _kept(item: Fields) -> Fields:
    return Fields({"state": item.text("state"), "priority": item.text("priority")})


HOOK = Hook(
    name=SYSTEM,
    title="Intercom, webhooks of conversations",
    event=Feedback,
    read=read,
    check=hex_of("x-hub-signature", "sha1", prefix="sha1="),
    set_up="webhook for conversation topics; give the app's client secret to the key",
)
