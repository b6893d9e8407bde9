"""A record as a person reads it: whose event it is, in any of the three modes, and a few words of what it says."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from contracts.cloudevents import STRUCTURED, derived_id, open_envelope
from contracts.dead_letters import described
from contracts.errors import Rejected
from hypercare.masked import masked_line, masked_value, printable, text_of
from hypercare.topic_reader import Found

MAX_SUMMARY_CHARS = 100
MAX_NAME_CHARS = 120


@dataclass(frozen=True, slots=True)
class EventView:
    """One record; ``mode`` is binary, structured, plain, dead_letter or unreadable; ``at`` is Kafka's time."""

    at: str
    place: str
    key: str
    mode: str
    type: str
    id: str
    source: str
    summary: str

    def line(self) -> str:
        """The record in one line."""
        kind = self.type.removeprefix("io.hypercare.") or self.mode
        return f"{self.at}  {self.place}  key {self.key or '-'}  {kind}  id {self.id or '-'}  {self.summary}"


def view(record: Found, *, raw: bool = False) -> EventView:
    """Decode a record, whatever it is; secrets and personal data are masked unless it is wanted ``raw``."""
    show = printable if raw else masked_line
    said = described(record.headers)
    mode, event_type, event_id, source, body = _decoded(record)
    if "reason" in said:
        mode = "dead_letter"
        summary = f"{said['reason']}: {said.get('detail', '')}"
    elif raw:
        summary = text_of(record.value)
    else:
        summary = _said(body) or masked_value(record.value)
    return EventView(
        at=when(record.timestamp),
        place=str(record.place),
        key=show(text_of(record.key))[:MAX_NAME_CHARS],
        mode=mode,
        type=show(event_type)[:MAX_NAME_CHARS],
        id=show(event_id)[:MAX_NAME_CHARS],
        source=show(source)[:MAX_NAME_CHARS],
        summary=_short(show(summary), None if raw else MAX_SUMMARY_CHARS),
    )


def when(at_ms: int) -> str:
    """Kafka's milliseconds since 1970 as UTC text."""
    moment = datetime.fromtimestamp(max(0, at_ms) / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event_id(record: Found) -> str:
    """The id that stages give an event: its own, else that of the headers, else derived; empty if unreadable."""
    return _decoded(record)[2]


def _decoded(record: Found) -> tuple[str, str, str, str, Mapping[str, Any]]:
    try:
        envelope = open_envelope(record.value, [(name, value) for name, value in record.headers])
    except Rejected:
        return "unreadable", "", _header(record, "ce_id"), _header(record, "ce_source"), {}
    structured = _header(record, "content-type").startswith(STRUCTURED.decode())
    mode = "structured" if structured else "binary" if envelope.type or envelope.id else "plain"
    try:
        body = orjson.loads(envelope.data)
    except orjson.JSONDecodeError:
        return "unreadable", envelope.type or "", envelope.id or "", envelope.source or "", {}
    body = body if isinstance(body, dict) else {}
    own = body.get("id")
    found = own if isinstance(own, str) and own else envelope.id
    found = found or derived_id(hashlib.sha256(envelope.data).hexdigest())
    return mode, envelope.type or "", found, envelope.source or "", body


def _said(body: Mapping[str, Any]) -> str:
    """The few words that tell a call or a piece of feedback from others; nothing for other events."""
    request, response = body.get("request"), body.get("response")
    if isinstance(request, dict) and isinstance(response, dict):
        latency = body.get("latency")
        took = latency.get("total_ms") if isinstance(latency, dict) else None
        words = [request.get("method"), request.get("path") or request.get("route"), response.get("status")]
        words += [body.get("outcome"), None if took is None else f"{took} ms"]
        return masked_line(" ".join(str(word) for word in words if word is not None))
    text = body.get("text")
    return masked_line(f"{body.get('channel', 'feedback')}: {text}") if isinstance(text, str) else ""


def _header(record: Found, name: str) -> str:
    return next((text_of(value) for found, value in record.headers if found.lower() == name), "")


def _short(text: str, limit: int | None) -> str:
    flat = " ".join(text.split())
    return flat if limit is None or len(flat) <= limit else flat[: limit - 1] + "…"
