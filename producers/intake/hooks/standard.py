"""Our own events as Standard Webhooks: ``{"type": "io.hypercare.feedback.submitted.v1", "data": {…}}``, signed.

For senders of yours that would rather sign than carry a token. The event's id, else ``webhook-id``, makes it the same
event when it is sent again.
"""

from __future__ import annotations

from typing import Final

import orjson

from contracts.calls import GatewayCall
from contracts.cloudevents import Envelope, derived_id, read_event, rfc3339
from contracts.errors import Rejected
from contracts.event import Event
from contracts.feedback import Feedback
from contracts.signals import Signal
from producers.adapters.json_lines import json_object
from producers.intake import signatures
from producers.intake.hooks.hook import Arrived, Hook

TYPES: Final[dict[str, type[Event]]] = {model.ce_type: model for model in (Feedback, Signal, GatewayCall)}


def read(arrived: Arrived) -> list[Event]:
    """The one event of a request."""
    record = json_object(arrived.body)
    model, data = TYPES.get(str(record.get("type"))), record.get("data")
    if model is None:
        raise Rejected("unknown_type", f"type: one of {', '.join(TYPES)} is expected")
    if not isinstance(data, dict):
        raise Rejected("missing_field", "data: the event is expected here")
    place = arrived.place
    owner = {"tenant": place.tenant, "project": place.project, "environment": place.environment}
    for name, ours in owner.items():
        if data.get(name, ours) != ours:
            raise Rejected("foreign_owner", f"data.{name}: the key is for {ours}; leave the field out")
    said = record.get("timestamp")
    moment = said if isinstance(said, str) else rfc3339(arrived.at)
    fallback = {"id": derived_id("standard", arrived.headers.get("webhook-id")), "occurred_at": moment}
    try:
        whole = orjson.dumps({**fallback, **data, **owner})
    except orjson.JSONEncodeError:
        raise Rejected("not_json", "data: holds what JSON cannot hold") from None
    return [read_event(Envelope(whole), model)]


HOOK = Hook(
    name="standard",
    title="Our own events as Standard Webhooks",
    event=Feedback,
    read=read,
    check=signatures.standard,
    set_up="sign with the secret that `hypercare keys create --for standard --sign` shows",
)
