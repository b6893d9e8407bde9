"""One event as one line: a structured CloudEvent in JSON, which the HTTP intake takes as it is.

Source: CloudEvents JSON format 1.0.2, section 3.
"""

from __future__ import annotations

import orjson

from contracts.cloudevents import Envelope, read_event, rfc3339
from contracts.errors import Rejected
from contracts.event import Event
from producers.publisher import TOPIC_OF

MODEL_OF: dict[str, type[Event]] = {model.ce_type: model for model in TOPIC_OF}


def line_of(event: Event, source: str) -> bytes:
    """Write one event, with its line end."""
    head = orjson.dumps(
        {
            "specversion": "1.0",
            "id": event.id,
            "source": source,
            "type": event.ce_type,
            "time": rfc3339(event.occurred_at),
            "datacontenttype": "application/json",
        }
    )
    return head[:-1] + b',"data":' + event.encode() + b"}\n"


def event_of(line: bytes) -> Event:
    """Read one line; raise `Rejected` when it is none of ours, or was damaged."""
    try:
        body = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Rejected("not_json", error.msg) from None
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        raise Rejected("missing_field", "data must be an object")
    model = MODEL_OF.get(str(body.get("type")))
    if model is None:
        raise Rejected("unknown_type", "type is none that is sent")
    return read_event(Envelope(orjson.dumps(body["data"])), model)
