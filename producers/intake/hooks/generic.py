"""Any JSON webhook, by a mapping: which field of ours is where in it.

    {"event": "feedback", "items": "", "fields": {"text": "ticket.description", "id": "ticket.id"},
     "constants": {"channel": "ticket"}}

Paths are names and numbers between dots. ``items`` is the path of a list, left out for one event a request. Times
may be ISO 8601 or numbers since 1970; without one, feedback and signals happened now. An event without an id has one
that comes from its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from contracts.calls import GatewayCall
from contracts.cloudevents import derived_id
from contracts.errors import Rejected
from contracts.event import Event
from contracts.feedback import Feedback
from contracts.signals import Signal
from producers.adapters.adapter import validated
from producers.adapters.fields import Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import number_of, text_of
from producers.intake.hooks.hook import Arrived, Hook, Refused, minute_of

KINDS: Final[dict[str, type[Event]]] = {"feedback": Feedback, "signal": Signal, "call": GatewayCall}
MOST_FIELDS = 100
_PARTS = frozenset({"event", "items", "fields", "constants"})
_OWNER = frozenset({"tenant", "project", "environment"})
_NUMBERS = frozenset({"rating.value", "uptime.latency_ms", "error_log.count", "usage.rows", "usage.bytes"})
_MOMENTS = frozenset({"occurred_at", "received_at"})


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping that was looked at."""

    model: type[Event]
    items: str
    fields: Mapping[str, str]
    constants: Mapping[str, Any]


def mapped(mapping: Mapping[str, Any]) -> Mapped:
    """Check a mapping; raise `Rejected` naming what is wrong with it."""
    if unknown := sorted(set(mapping) - _PARTS):
        raise Rejected("invalid_mapping", f"{unknown[0]}: there is no such part, only {', '.join(sorted(_PARTS))}")
    model = KINDS.get(str(mapping.get("event")))
    if model is None:
        raise Rejected("invalid_mapping", f"event: one of {', '.join(KINDS)} is expected")
    fields, constants = mapping.get("fields", {}), mapping.get("constants", {})
    if not isinstance(fields, dict) or not all(isinstance(path, str) for path in fields.values()) or not fields:
        raise Rejected("invalid_mapping", "fields: an object of our field to a path in theirs is expected")
    if not isinstance(constants, dict) or len(fields) + len(constants) > MOST_FIELDS:
        raise Rejected("invalid_mapping", f"constants: an object is expected, at most {MOST_FIELDS} fields in all")
    for name in (*fields, *constants):
        _check_field(model, name)
    return Mapped(model, str(mapping.get("items") or ""), fields, constants)


def _check_field(model: type[Event], name: str) -> None:
    """Whether we have such a field; a mistyped one would be missed only when it is needed."""
    first, _, rest = name.partition(".")
    if first in _OWNER:
        raise Rejected("invalid_mapping", f"{name}: comes from the key")
    found = model.model_fields.get(first)
    if found is None or (not rest and first == "attributes"):
        raise Rejected("invalid_mapping", f"{name}: {model.__name__} has no such field; see contracts/schemas")
    if rest and first != "attributes":
        inner: Mapping[str, Any] = getattr(found.annotation, "model_fields", None) or next(
            (part.model_fields for part in getattr(found.annotation, "__args__", ()) if hasattr(part, "model_fields")),
            {},
        )
        if rest.partition(".")[0] not in inner:
            raise Rejected("invalid_mapping", f"{name}: {model.__name__} has no such field; see contracts/schemas")


def read(arrived: Arrived) -> Iterator[Event | Refused]:
    """Every item of a request by the mapping of its key."""
    how = mapped(arrived.mapping)
    record = json_object(arrived.body)
    for number, item in enumerate(_items(record, how.items)):
        try:
            yield _event(arrived, how, item, number)
        except Rejected as rejected:
            yield Refused(orjson.dumps(item), rejected)


def _items(record: dict[str, Any], path: str) -> list[Any]:
    if not path:
        return [record]
    found = value_at(record, path)
    if not isinstance(found, list):
        raise Rejected("missing_field", f"{path}: a list is expected there")
    return found


def _event(arrived: Arrived, how: Mapped, item: Any, number: int) -> Event:
    whole: dict[str, Any] = {}
    for name, value in how.constants.items():
        _put(whole, name, value)
    for name, path in how.fields.items():
        value = _taken(name, value_at(item, path))
        if value is not None:
            _put(whole, name, value)
    told = "occurred_at" in whole
    if not told and how.model is not GatewayCall:
        whole["occurred_at"] = arrived.at
    own = whole.get("id")
    identity = own if own is not None else [orjson.dumps(item).hex(), number, None if told else minute_of(arrived.at)]
    whole["id"] = derived_id("generic", arrived.place.source, identity)
    return validated(how.model, whole, arrived.place)


def _taken(name: str, value: Any) -> Any:
    if name in _MOMENTS and value is not None:
        return Fields({name: value}).moment(name)
    if name in _NUMBERS:
        return number_of(value)
    if isinstance(value, list | dict):
        return None
    return text_of(value, 200_000) if isinstance(value, str) else value


def value_at(item: Any, path: str) -> Any:
    """What stands at a path; None when nothing does."""
    for name in path.split("."):
        if isinstance(item, dict):
            item = item.get(name)
        elif isinstance(item, list) and name.isdecimal() and int(name[:6]) < len(item):
            item = item[int(name[:6])]
        else:
            return None
    return item


def _put(whole: dict[str, Any], name: str, value: Any) -> None:
    first, _, rest = name.partition(".")
    if not rest:
        whole[first] = value
        return
    inner = whole.setdefault(first, {})
    if not isinstance(inner, dict):
        raise Rejected("invalid_mapping", f"{first}: is both a value and an object in the mapping")
    if first == "attributes":
        inner[rest] = value
    else:
        _put(inner, rest, value)


HOOK = Hook(
    name="generic",
    title="Any JSON webhook, by a mapping",
    event=Feedback,
    read=read,
    set_up="hypercare keys create --for generic --mapping FILE.json; header Authorization: Bearer TOKEN",
)
