"""Events for PagerDuty (Events API v2), sent here instead or as well: alerts that begin and end.

The routing key is the token of the key: whatever can page through PagerDuty can send here. An alert is known by its
``dedup_key`` and ``payload.component``: an event that resolves it has to name both.
Source: PagerDuty developer-docs, events-API-v2/02-Trigger-Events.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from contracts.cloudevents import derived_id
from contracts.errors import Rejected, Unwanted
from contracts.signals import Signal
from producers.adapters.fields import Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS
from producers.intake.hooks.hook import Arrived, Hook, minute_of, signal_of

SYSTEM = "pagerduty"


def read(arrived: Arrived) -> list[Signal]:
    """One alert; an acknowledgement changes none."""
    fields = Fields(json_object(arrived.body))
    fields.drop("routing_key", "images", "links")
    action, dedup = fields.text("event_action"), fields.text("dedup_key")
    if action == "acknowledge":
        raise Unwanted("not_a_change", "event_action: somebody acknowledged, the alert fires as before")
    if action not in {"trigger", "resolve"}:
        raise Rejected("invalid_field", "event_action: trigger, acknowledge or resolve is expected")
    payload = fields.part("payload")
    name = dedup or payload.text("class") or payload.text("summary")
    if name is None:
        raise Rejected("missing_field", "dedup_key: not there, nor payload.class, payload.summary")
    told = bool(payload.left.get("timestamp"))
    moment = payload.moment("timestamp") if told else arrived.at
    said = {
        "id": derived_id(SYSTEM, dedup or name, action, moment if told else minute_of(arrived.at)),
        "occurred_at": moment,
        "kind": "alert",
        "service": payload.text("component"),
        "alert": {
            "name": name,
            "state": "firing" if action == "trigger" else "resolved",
            "severity": payload.text("severity"),
            "summary": payload.text("summary", limit=LINE_CHARS),
        },
    }
    return [signal_of(arrived, payload, said)]


def token_of(_: Mapping[str, str], body: bytes) -> str | None:
    """The routing key."""
    with suppress(Rejected):
        found = json_object(body).get("routing_key")
        return found if isinstance(found, str) else None
    return None


HOOK = Hook(
    name=SYSTEM,
    title="PagerDuty Events API v2, as a sender",
    event=Signal,
    read=read,
    token_of=token_of,
    set_up="URL of the events API in your sender; the token is the routing key",
)
