"""Zendesk event webhooks: a new ticket, and what its requester adds to it.

Deliveries may come in any order and more than once: ids come from the ticket or comment. Trigger webhooks have bodies
of any shape: use ``generic`` with a mapping for them.
Source: developer.zendesk.com, webhook event types and "Verifying webhook authenticity".
"""

from __future__ import annotations

from contracts.cloudevents import derived_id
from contracts.errors import Rejected, Unwanted
from contracts.feedback import Channel, Feedback
from producers.adapters.fields import Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS
from producers.intake import signatures
from producers.intake.hooks.hook import Arrived, Hook, feedback_of, text_at

SYSTEM = "zendesk"
_TYPES = "zen:event-type:ticket."
_CHANNELS: dict[str, Channel] = {
    "email": "email",
    "chat": "chat",
    "messaging": "chat",
    "native_messaging": "chat",
    "voice": "hotline",
    "phone": "hotline",
    "twitter": "social",
    "facebook": "social",
    "mobile_sdk": "in_app",
    "mobile": "in_app",
}


def read(arrived: Arrived) -> list[Feedback]:
    """The ticket or comment of an event."""
    fields = Fields(json_object(arrived.body))
    kind = fields.text("type") or ""
    if not kind.startswith("zen:event-type:"):
        raise Rejected("missing_field", "type: not an event webhook; for a trigger's own body use the webhook generic")
    detail, event = fields.part("detail"), fields.part("event")
    account, moment = fields.text("account_id"), fields.moment("time")
    if kind == f"{_TYPES}created":
        return [_ticket(arrived, account, detail)]
    if kind == f"{_TYPES}comment_added":
        comment = event.part("comment")
        return [_comment(arrived, account, detail, comment, {"occurred_at": moment})]
    raise Unwanted("not_feedback", "type: neither a new ticket nor a comment")


def _ticket(arrived: Arrived, account: str | None, detail: Fields) -> Feedback:
    ticket, said = _about(detail)
    title = detail.text("subject", limit=LINE_CHARS)
    said |= {
        "id": derived_id(SYSTEM, account, ticket),
        "occurred_at": detail.moment("created_at", "updated_at"),
        "title": title,
        "reporter": _reporter(detail.text("requester_id"), account),
    }
    return feedback_of(arrived, SYSTEM, _kept(detail), said, text_at(detail, "description") or title)


def _comment(
    arrived: Arrived, account: str | None, detail: Fields, comment: Fields, when: dict[str, object]
) -> Feedback:
    author = comment.part("author")
    if author.text("is_staff") == "true" or comment.text("is_public") == "false":
        raise Unwanted("not_feedback", "event.comment: of an agent, or not public")
    ticket, said = _about(detail)
    name = comment.text("id")
    if name is None:
        raise Rejected("missing_field", "event.comment.id: not there")
    said |= when
    said |= {
        "id": derived_id(SYSTEM, account, ticket, name),
        "thread": derived_id(SYSTEM, account, ticket),
        "reporter": _reporter(author.text("id") or detail.text("requester_id"), account),
    }
    return feedback_of(arrived, SYSTEM, _kept(detail), said, text_at(comment, "body"))


def _about(detail: Fields) -> tuple[str, dict[str, object]]:
    ticket = detail.text("id")
    if ticket is None:
        raise Rejected("missing_field", "detail.id: not there")
    channel = detail.part("via").text("channel") or ""
    return ticket, {"channel": _CHANNELS.get(channel, "ticket"), "source": {"id": ticket}}


def _kept(detail: Fields) -> Fields:
    """What tells something and names nobody."""
    tags = detail.take("tags")
    told: dict[str, object] = {name: detail.text(name) for name in ("priority", "status", "type", "organization_id")}
    told["tags"] = ",".join(one for one in tags if isinstance(one, str)) if isinstance(tags, list) else None
    return Fields(told)


def _reporter(name: str | None, account: str | None) -> dict[str, object]:
    """Ids of requesters are Zendesk's own; the account keeps those of two desks apart."""
    return {"pseudonym": f"{SYSTEM}:{account}:{name}" if name else None}


HOOK = Hook(
    name="zendesk",
    title="Zendesk, event webhooks of tickets",
    event=Feedback,
    read=read,
    check=signatures.zendesk,
    set_up="webhook subscribed to ticket events; give its signing secret to the key",
)
