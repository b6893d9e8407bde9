"""What breaks an older reader or writer is told with its place; what only adds is let through."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import combinations, product
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts.calls import EnrichedCall, GatewayCall
from contracts.compatibility import broken_for_older_readers, broken_for_older_writers
from contracts.released import broken_promises, released_schemas, todays_schemas

VERSION = "0.1.0"
Change = Callable[[Any], None]


def changed(change: Change, ce_type: str = GatewayCall.ce_type) -> list[str]:
    schemas = copy.deepcopy(todays_schemas())
    change(schemas[ce_type])
    return [problem.removeprefix(f"{ce_type}: ") for problem in broken_promises(VERSION, schemas)]


def remove(schema: Any) -> None:
    del schema["properties"]["consumer"]


def require(schema: Any) -> None:
    schema["required"].append("session")


def narrow_type(schema: Any) -> None:
    schema["$defs"]["Response"]["properties"]["status"] = {"type": "string"}


def narrow_number(schema: Any) -> None:
    schema["$defs"]["Latency"]["properties"]["total_ms"]["anyOf"][0]["type"] = "integer"


def narrow_enum(schema: Any) -> None:
    schema["properties"]["outcome"]["anyOf"][0]["enum"].remove("aborted")


def narrow_text(schema: Any) -> None:
    schema["$defs"]["Request"]["properties"]["path"]["anyOf"][0]["maxLength"] = 100


def narrow_lower_limit(schema: Any) -> None:
    schema["$defs"]["Response"]["properties"]["status"]["minimum"] = 100


def refuse_null(schema: Any) -> None:
    schema["properties"]["ai"] = {"$ref": "#/$defs/Ai"}


def add_pattern(schema: Any) -> None:
    schema["properties"]["id"]["pattern"] = "^[a-z]+$"


def close(schema: Any) -> None:
    schema["additionalProperties"] = False


def fewer_items(schema: Any) -> None:
    schema["$defs"]["Upstream"]["properties"]["statuses"]["maxItems"] = 3


def narrow_items(schema: Any) -> None:
    schema["$defs"]["Upstream"]["properties"]["statuses"]["items"]["maximum"] = 599


def narrow_attribute(schema: Any) -> None:
    schema["properties"]["attributes"]["additionalProperties"]["anyOf"] = [{"type": "string", "maxLength": 2_048}]


def narrow_names(schema: Any) -> None:
    schema["properties"]["attributes"]["propertyNames"]["maxLength"] = 10


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (remove, "consumer: gone"),
        (require, "session: required, and may be left out"),
        (narrow_type, "response.status: no longer takes integer"),
        (narrow_number, "latency.total_ms: no longer takes number"),
        (narrow_enum, "outcome: no longer takes 'aborted'"),
        (narrow_text, "request.path: maxLength is 100, was 8192"),
        (narrow_lower_limit, "response.status: minimum is 100, was 0"),
        (refuse_null, "ai: no longer takes null"),
        (add_pattern, "id: pattern is '^[a-z]+$', was 'open'"),
        (close, ".*: no longer taken"),
        (fewer_items, "upstream.statuses: maxItems is 3, was 20"),
        (narrow_items, "upstream.statuses[]: maximum is 599, was 999"),
        (narrow_attribute, "attributes.*: no longer takes integer"),
        (narrow_names, "attributes (names): maxLength is 10, was 120"),
    ],
)
def test_what_an_older_writer_sends_has_to_be_taken(change: Change, told: str) -> None:
    assert told in changed(change)


def add_optional(schema: Any) -> None:
    schema["properties"]["added_later"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}


def describe(schema: Any) -> None:
    schema["properties"]["id"]["description"] = "other words"


def widen_enum(schema: Any) -> None:
    part = schema["properties"]["outcome"]
    (part["anyOf"][0] if "anyOf" in part else part)["enum"].append("added_later")


def widen_text(schema: Any) -> None:
    schema["$defs"]["Request"]["properties"]["path"]["anyOf"][0]["maxLength"] = 100_000


def no_longer_require(schema: Any) -> None:
    schema["required"].remove("occurred_at")


@pytest.mark.parametrize("change", [add_optional, describe, widen_enum, widen_text, no_longer_require])
def test_a_raw_event_may_take_more(change: Change) -> None:
    assert changed(change) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (widen_enum, "outcome: no longer takes 'added_later' (for an older reader)"),
        (widen_text, "request.path: maxLength is 8192, was 100000 (for an older reader)"),
        (no_longer_require, "occurred_at: required, and may be left out (for an older reader)"),
        (remove, "consumer: gone"),
    ],
)
def test_what_our_stages_write_has_to_be_taken_by_older_readers(change: Change, told: str) -> None:
    assert changed(change, EnrichedCall.ce_type) == [told]


@pytest.mark.parametrize("change", [add_optional, describe])
def test_an_older_reader_ignores_what_it_does_not_know(change: Change) -> None:
    assert changed(change, EnrichedCall.ce_type) == []


def test_a_type_that_is_gone_is_told() -> None:
    schemas = todays_schemas()
    del schemas[GatewayCall.ce_type]
    assert broken_promises(VERSION, schemas) == [f"{GatewayCall.ce_type}: gone"]


def test_a_definition_may_refer_to_itself() -> None:
    tree = {"$ref": "#/$defs/T", "$defs": {"T": {"type": "object", "properties": {"next": {"$ref": "#/$defs/T"}}}}}
    assert broken_for_older_writers(tree, tree) == []


VALUES: tuple[Any, ...] = ("", "a", "abcd", 1, 1.5, -7, 7, None, {}, {"x": 1}, {"x": "a"}, [], [1], ["a"])
PARTS: tuple[Any, ...] = (
    {},
    {"type": "null"},
    *({"type": kind} | limit for kind in ("integer", "number") for limit in ({}, {"maximum": 1}, {"minimum": 0})),
    *({"type": "string"} | limit for limit in ({}, {"maxLength": 1}, {"minLength": 1}, {"const": "a"})),
    *({"enum": values} for values in (["a"], ["a", 1], [1, None])),
    *({"type": "array", "items": items} for items in ({}, {"type": "integer"})),
    *(
        {"type": "object", "properties": {"x": x}} | required
        for x in ({}, {"type": "integer"})
        for required in ({}, {"required": ["x"]})
    ),
)
SCHEMAS = (*PARTS, *({"anyOf": list(pair)} for pair in combinations(PARTS, 2)))


def test_where_nothing_is_told_all_that_one_schema_takes_the_other_takes() -> None:
    taken = [{n for n, value in enumerate(VALUES) if Draft202012Validator(s).is_valid(value)} for s in SCHEMAS]
    let_through = 0
    for (one, takes), (other, takes_too) in product(zip(SCHEMAS, taken, strict=True), repeat=2):
        if not broken_for_older_writers(one, other):
            let_through += 1
            assert takes <= takes_too, (one, other)
            assert not broken_for_older_readers(other, one)
    assert let_through > len(SCHEMAS), "more than each by itself"


def test_the_release_is_not_its_own_breach() -> None:
    assert broken_promises(VERSION, released_schemas(VERSION)) == []
