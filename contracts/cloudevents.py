"""CloudEvents 1.0 on Kafka: binary mode out; binary, structured and bare JSON in.

Source: CloudEvents Kafka protocol binding 1.0.2, sections 3.1 (content modes) and 3.2 (binary mode).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

import orjson
from pydantic import ValidationError

from contracts.errors import Rejected
from contracts.event import Event
from contracts.limits import MAX_EVENT_BYTES
from contracts.quick import QuickReader, quickened

E = TypeVar("E", bound=Event)

SPECVERSION = b"1.0"
JSON = b"application/json"
NUL = "\x00"
"""No sink stores it faithfully: in a text of the event it is refused, from what names the event it is taken out."""
STRUCTURED = b"application/cloudevents+json"
BACKFILL = "ce_backfill"
"""Extension attribute: the producer says that old event times are meant, so they are not clamped."""

_REASONS = {
    "missing": "missing_field",
    "timezone_aware": "invalid_time",
    "datetime_parsing": "invalid_time",
    "datetime_from_date_parsing": "invalid_time",
    "datetime_type": "invalid_time",
    "json_invalid": "not_json",
}
_MAX_DETAILS = 5
_VERSION, _CONTENT = ("ce_specversion", SPECVERSION), ("content-type", JSON)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the headers say, and the bytes of the event itself."""

    data: bytes
    type: str | None = None
    id: str | None = None
    source: str | None = None
    backfill: bool = False


def headers_for(event: Event, source: str, *, backfill: bool = False) -> list[tuple[str, str | bytes | None]]:
    """CloudEvents binary-mode headers of an event that ``source`` emits."""
    kind, emitter = _named(event.ce_type, source)
    headers: list[tuple[str, str | bytes | None]] = [
        _VERSION,
        ("ce_id", event.id.encode()),
        emitter,
        kind,
        ("ce_time", rfc3339(event.occurred_at).encode()),
        _CONTENT,
    ]
    if backfill:
        headers.append((BACKFILL, b"true"))
    return headers


@lru_cache(maxsize=1_000)
def _named(kind: str, source: str) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
    """The headers of an event's type and source, which are few."""
    return ("ce_type", kind.encode()), ("ce_source", source.encode())


def rfc3339(moment: datetime) -> str:
    """UTC, with a trailing Z."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat()[:-6] + "Z"


def open_envelope(value: bytes | None, headers: Iterable[tuple[str, bytes | None]] | None) -> Envelope:
    """Read a record in any of the three modes; raise `Rejected` when there is nothing to read."""
    if value is None:
        raise Rejected("null_value", "a record without a value is not an event")
    if len(value) > MAX_EVENT_BYTES:
        raise Rejected("too_large", f"{len(value)} bytes, at most {MAX_EVENT_BYTES} are taken")
    said = {name.lower(): found for name, found in headers or () if found is not None}
    if said.get("content-type", b"").startswith(STRUCTURED):
        return _structured(value)
    if not said:
        return Envelope(value)
    return Envelope(
        data=value,
        type=_text(said, "ce_type"),
        id=_text(said, "ce_id"),
        source=_text(said, "ce_source"),
        backfill=said.get(BACKFILL) == b"true",
    )


def read_event(envelope: Envelope, model: type[E]) -> E:
    """Validate the event, deriving its id where it has none; raise `Rejected` with the place of what is wrong."""
    _check_type(envelope.type, model.ce_type)
    check_storable(envelope.data)
    try:
        return model.model_validate_json(envelope.data)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        if [(p["type"], p["loc"]) for p in problems] == [("missing", ("id",))]:
            return _with_derived_id(envelope, model)
        raise _rejection(problems, envelope.data) from None


def read_quickly(envelope: Envelope, reader: QuickReader[E]) -> E:
    """The same as `read_event`, as a struct of `contracts.quick`: for what comes by the thousands a second."""
    _check_type(envelope.type, reader.model.ce_type)
    check_storable(envelope.data)
    return reader.read(envelope.data) or quickened(read_event(envelope, reader.model))


def derived_id(*identifying: object) -> str:
    """Deterministic id from what identifies a thing, so that a replay makes the same one."""
    text = "\x1f".join("" if part is None else str(part) for part in identifying)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _structured(value: bytes) -> Envelope:
    try:
        body = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise Rejected("not_json", f"structured CloudEvent: {error.msg}") from None
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        raise Rejected("missing_field", "structured CloudEvent: data must be an object")
    return Envelope(
        data=orjson.dumps(body["data"]),
        type=_string(body, "type"),
        id=_string(body, "id"),
        source=_string(body, "source"),
        backfill=body.get("backfill") in {True, "true"},
    )


def _string(body: Mapping[str, object], name: str) -> str | None:
    found = body.get(name)
    return found.replace(NUL, "") if isinstance(found, str) else None


def _text(said: Mapping[str, bytes], name: str) -> str | None:
    found = said.get(name)
    return None if found is None else found.decode("utf-8", "replace").replace(NUL, "")[:500]


def _check_type(found: str | None, expected: str) -> None:
    if found is None or found == expected or _minor(found, expected):
        return
    if found.rpartition(".")[0] == expected.rpartition(".")[0]:
        raise Rejected("unknown_version", f"ce_type {found}, this reader knows {expected}")
    raise Rejected("unknown_type", f"ce_type {found}, this topic carries {expected}")


def _minor(found: str, expected: str) -> bool:
    """Whether it is a minor version of what is expected, ``….v1.2``: it has only more fields, which are ignored."""
    return found.startswith(expected + ".") and found[len(expected) + 1 :].isdigit()


def check_storable(data: bytes) -> None:
    """Refuse JSON with a NUL in a text, which no sink stores faithfully; the six characters that name it are fine."""
    if b"\\u0000" not in data:
        return
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError:
        return  # validation says it better
    pending = [parsed]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            pending.extend(part)
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)
        elif isinstance(part, str) and NUL in part:
            raise Rejected("unstorable_character", "a text holds NUL")


def _with_derived_id(envelope: Envelope, model: type[E]) -> E:
    try:
        body = orjson.loads(envelope.data)
    except orjson.JSONDecodeError as error:  # Infinity and the like, which validation lets pass where nobody looks
        raise Rejected("not_json", error.msg) from None
    body["id"] = envelope.id or derived_id(hashlib.sha256(envelope.data).hexdigest())
    try:
        return model.model_validate_json(orjson.dumps(body))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        raise _rejection(problems, envelope.data) from None


def _rejection(problems: Iterable[Mapping[str, object]], data: bytes) -> Rejected:
    """Name the first problem as the reason and list the first few with their places, never their values."""
    every = list(problems)
    listed = [p for p in every if p["loc"] != ("id",) or p["type"] != "missing"] or every  # an id can be derived
    kind = str(listed[0]["type"])
    if kind == "json_invalid":
        return Rejected(*_unreadable(data, str(listed[0]["msg"])))
    places = [said_of(problem) for problem in listed[:_MAX_DETAILS]]
    return Rejected(_REASONS.get(kind, "invalid_field"), "; ".join(places))


def said_of(problem: Mapping[str, object]) -> str:
    """What pydantic says of one problem, with its place and without the value."""
    return f"{'.'.join(map(str, problem['loc'])) or 'event'}: {problem['msg']}"  # type: ignore[call-overload]


def _unreadable(data: bytes, said: str) -> tuple[str, str]:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return "not_utf8", f"byte {error.start} is not UTF-8"
    if "recursion" in said:
        return "too_deep", said
    return "not_json", said
