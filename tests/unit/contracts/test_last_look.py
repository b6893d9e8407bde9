"""Nothing planted in any text field of an event leaves the stages, whatever field it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from contracts.calls import GatewayCall
from contracts.event import Event
from contracts.feedback import Feedback
from contracts.last_look import SAFE, look_at_attributes
from processors.runtime.records import PlainRecord
from processors.telemetry.stage import TelemetryStage
from tests.unit.feedback.stages import feedback_stage

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
CALL: dict[str, Any] = {"id": "c", "occurred_at": NOW.isoformat(), "request": {}, "response": {"status": 200}}
FEEDBACK: dict[str, Any] = {"id": "f", "occurred_at": NOW.isoformat(), "text": "it hangs"}
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
PLANTED = {
    "address": ("ana.silva@example.com", "ana.silva"),
    "unicode address": ("jörg.meyer@exämple.de", "rg.meyer"),
    "escaped address": ("ana.silva%40example.com", "ana.silva"),
    "full-width address": ("ana.silva\uff20example.com", "ana.silva"),
    "jwt": (JWT, "eyJzdWIiOiIxMjM0In0"),
    "key": ("sk_live_abcdefabcdef12345678", "abcdefabcdef"),
    "github": ("github_pat_11ABCDEFG0abcdefghijkl", "11ABCDEFG0"),
}
SHORT = {"span_id", "parent_span_id", "trace_id", "method"}
"""Too short to hold most of this; the addresses fit."""


def text_fields(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where a model takes any text."""
    for name, field in model.model_fields.items():
        for kind in kinds(field.annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from text_fields(kind, (*path, name))
            elif kind is str and name not in (SAFE - {"text", "title", "attributes"}) | {"country_iso"}:
                yield (*path, name)


def kinds(annotation: Any) -> list[Any]:
    if get_origin(annotation) is None:
        return [annotation]
    return [kind for part in get_args(annotation) for kind in kinds(part)]


def with_value(body: dict[str, Any], path: tuple[str, ...], value: Any) -> bytes:
    made: dict[str, Any] = json.loads(json.dumps(body))
    inner = made
    for name in path[:-1]:
        inner = inner.setdefault(name, {})
    inner[path[-1]] = [value] if path[-1] == "attachments" else {"free": value} if path[-1] == "attributes" else value
    return json.dumps(made, ensure_ascii=False).encode()


def out_of(event: type[Event], value: bytes, headers: Sequence[tuple[str, bytes]] = ()) -> str:
    stage: Any = TelemetryStage(b"k") if event is GatewayCall else feedback_stage()
    outputs = stage.process(PlainRecord(value, headers=headers, timestamp=int(NOW.timestamp() * 1000)))
    return " ".join(output.value.decode() + repr(output.key) + repr(output.headers) for output in outputs)


EVENTS: tuple[tuple[type[Event], dict[str, Any]], ...] = ((GatewayCall, CALL), (Feedback, FEEDBACK))
FIELDS = [(event, body, path) for event, body in EVENTS for path in text_fields(event)]
CASES = [
    pytest.param(event, body, path, what, id=f"{event.__name__}.{'.'.join(path)}-{what}")
    for event, body, path in FIELDS
    for what in PLANTED
    if path[-1] not in SHORT or what in {"address", "unicode address"}
]


def test_the_models_are_really_walked_through() -> None:
    paths = {(event.__name__, *path) for event, _, path in FIELDS}
    assert {
        ("GatewayCall", "client", "geo", "city"),
        ("GatewayCall", "upstream", "address"),
        ("GatewayCall", "attributes"),
        ("Feedback", "reporter", "segment"),
        ("Feedback", "attachments"),
        ("Feedback", "text"),
    } <= paths
    assert len(paths) > 55


@pytest.mark.parametrize(("event", "body", "path", "what"), CASES)
def test_no_field_lets_it_through(event: type[Event], body: dict[str, Any], path: tuple[str, ...], what: str) -> None:
    planted, needle = PLANTED[what]
    assert needle not in out_of(event, with_value(body, path, planted))


@pytest.mark.parametrize("header", ["ce_id", "ce_source"])
@pytest.mark.parametrize(("event", "body"), EVENTS)
@pytest.mark.parametrize("what", PLANTED)
def test_headers_are_looked_at(event: type[Event], body: dict[str, Any], what: str, header: str) -> None:
    planted, needle = PLANTED[what]
    said = {"ce_id": "1", "ce_source": "urn:x", "ce_type": event.ce_type, header: planted}
    headers = [(name, value.encode()) for name, value in said.items()]
    value = json.dumps({name: value for name, value in body.items() if name != "id"}).encode()
    assert needle not in out_of(event, value, headers)


def test_attributes_whose_names_are_masked_alike_are_all_kept() -> None:
    looked, _ = look_at_attributes({"ana@example.com": 1, "bob@example.com": 2, "[email]": 3})
    assert sorted(looked.values()) == [1, 2, 3]


@pytest.mark.parametrize(("event", "body"), [(GatewayCall, CALL), (Feedback, FEEDBACK)])
@pytest.mark.parametrize("what", PLANTED)
def test_names_of_attributes_are_looked_at(event: type[Event], body: dict[str, Any], what: str) -> None:
    planted, needle = PLANTED[what]
    assert needle not in out_of(event, json.dumps(body | {"attributes": {planted: 1}}, ensure_ascii=False).encode())


@pytest.mark.parametrize(
    "value", ["4111111111111111", 4111111111111111, "call +49 170 1234567", "from 81.2.69.142", "pin=1234"]
)
def test_attributes_by_look(value: Any) -> None:
    looked, found = look_at_attributes({"free": value})
    assert found == 1
    assert not any(digits in str(looked) for digits in ("4111", "1234", "81.2.69"))


@pytest.mark.parametrize(
    "value", [1718442000123, 1718442000123456, "10.0.3.7", "1718442000", "1.2.3.4", True, None, 0.5]
)
def test_ordinary_attributes_stay(value: Any) -> None:
    assert look_at_attributes({"free": value}) == ({"free": value}, 0)
