"""The quick form of a contract is held against the model: what it takes the model takes, with the same result."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, Field, ValidationError

from contracts.calls import EnrichedCall, GatewayCall
from contracts.event import Part
from contracts.quick import Quick, QuickReader, changed, fields_of, quick, quickened
from contracts.signals import Signal
from contracts.symptoms import Symptom

CALL: dict[str, Any] = {
    "id": "a",
    "occurred_at": "2026-06-15T09:00:00.123456+02:00",
    "tenant": "t",
    "project": "shop",
    "environment": "test",
    "attributes": {"a": "b", "n": 1, "f": 1.5, "yes": True, "none": None},
    "gateway": {"product": "kong", "instance": "n"},
    "request": {"id": "r", "method": "GET", "route": "/a", "path": "/a", "query": "b=c", "host": "h", "scheme": "s",
                "bytes": 1},
    "response": {"status": 200, "bytes": 5},
    "latency": {"total_ms": 1.5, "upstream_ms": 1, "gateway_ms": 0.5},
    "outcome": "ok",
    "upstream": {"service": "s", "address": "a:1", "statuses": [502, 200], "retries": 1},
    "client": {"ip": "203.0.113.7", "geo": {"country_iso": "DE", "region": "r", "city": "c"}, "user_agent": "u"},
    "consumer": "c",
    "caller": {"service": "x"},
    "user": "u",
    "session": "s",
    "trace": {"trace_id": "t", "span_id": "s", "parent_span_id": "p"},
    "rows": 7,
    "release": "1",
    "auth": {"method": "m", "ok": False},
    "ai": {"provider": "p", "request_model": "m", "response_model": "m", "input_tokens": 1, "output_tokens": 2,
           "cached_tokens": 3, "cost": 0.5, "finish_reason": "f"},
    "error": {"code": "c", "component": "k", "message": "m"},
}  # fmt: skip
ODD: list[Any] = [
    None,
    "",
    "-",
    [],
    {},
    "abc",
    "shop\n",
    "Shop",
    True,
    "true",
    -1,
    0,
    1.0,
    1.5,
    "1",
    " 1 ",
    "1e999",
    1e308,
    2**53,
    2**53 + 1,
    2**63 - 1,
    2**63,
    2**64,
    -(2**63) - 1,
    10**30,
    float("nan"),
    float("inf"),
    "\u202e\u200b\U0001f600",
    "\x00",
    "\ud800",
    "9" * 64,
    "x" * 300,
    "x" * 301,
    "x" * 8_193,
    [200, 99],
    [200] * 21,
    [None],
    {"a": [1]},
    {"": 1},
    {"k" * 121: 1},
    {"big": 10**30},
    {str(n): n for n in range(65)},
    "2026-06-15T09:00:00Z",
    "2026-06-15 09:00:00+0200",
    "2026-06-15",
    "2026-06-15T09:00:00",
    "2026-06-15T09:00:00.123456789Z",
    "0001-01-01T00:00:00Z",
    "9999-01-01T00:00:00Z",
    "2026-06-15T23:59:60Z",
    "2026-06-15T24:00:00Z",
    "2026-02-30T00:00:00Z",
    1781514001,
    "ok",
    "timeout",
]
_reader = QuickReader(GatewayCall)


def places(value: object, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, found in inner for place in ((*before, key), *places(found, (*before, key)))]


def altered(place: tuple[Any, ...], value: object) -> bytes:
    return json.dumps(put(CALL, place, value)).encode()


def put(whole: Any, place: tuple[Any, ...], value: object) -> Any:
    made = copy.deepcopy(whole)
    owner: Any = made
    for step in place[:-1]:
        owner = owner[step]
    owner[place[-1]] = value
    return made


def check(data: bytes) -> bool:
    """Whether the quick reader took it; if it did, the model must have taken it, too, with the same values."""
    found = _reader.read(data)
    if found is None:
        return False
    expected = GatewayCall.model_validate_json(data)
    exact = changed(found, occurred_at=expected.occurred_at)
    assert abs(found.occurred_at - expected.occurred_at) <= timedelta(microseconds=1)
    assert exact == quickened(expected)
    assert repr(exact) == repr(quickened(expected)), "also in the types of numbers"
    assert repr(json.loads(exact.encode())) == repr(json.loads(expected.encode())), "1e16 may be written 1e+16"
    return True


def test_whole_and_least_call_are_read() -> None:
    assert check(json.dumps(CALL).encode())
    assert check(b'{"id":"a","occurred_at":"2026-06-15T09:00:00Z","request":{},"response":{"status":0}}')
    assert set(CALL) == set(GatewayCall.model_fields), "a field added later is tried here, too"


def test_any_odd_value_in_any_place_is_read_alike_or_left_to_the_model() -> None:
    taken = [check(altered(place, odd)) for place in places(CALL) for odd in ODD]
    assert any(taken)
    assert not all(taken)


def check_fields(fields: dict[str, Any]) -> bool:
    """As `check`, of values that somebody else has read."""
    found = _reader.take(fields)
    if found is None:
        return False
    expected = quickened(GatewayCall.model_validate(fields))
    assert repr(found) == repr(expected)
    assert found.encode() == expected.encode()
    return True


def test_any_odd_value_among_fields_is_taken_alike_or_left_to_the_model() -> None:
    fields = {**CALL, "occurred_at": datetime(2026, 6, 15, 9, tzinfo=UTC)}
    assert check_fields(fields)
    odd = [*ODD, (200, 99), datetime(1, 1, 1, tzinfo=UTC), datetime(2026, 6, 15), b"ok", {1: 2}, {1, 2}, object()]  # noqa: DTZ001
    taken = [check_fields(put(fields, place, value)) for place in places(CALL) for value in odd]
    assert any(taken)
    assert not all(taken)


@given(st.sampled_from(places(CALL)), st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=6,
))  # fmt: skip
@settings(max_examples=400, deadline=None)
def test_any_value_in_any_place(place: tuple[Any, ...], value: object) -> None:
    check(altered(place, value))


@given(st.binary(max_size=6), st.integers(0, 2_000), st.integers(0, 8))
@settings(max_examples=400, deadline=None)
def test_any_bytes_anywhere(inserted: bytes, at: int, cut: int) -> None:
    data = json.dumps(CALL).encode()
    check(data[:at] + inserted + data[at + cut :])


@pytest.mark.parametrize("deep", [b"[" * 300 + b"]" * 300, b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b"[" * 200_000])
def test_depth_in_a_field_nobody_knows_is_no_crash(deep: bytes) -> None:
    data = json.dumps({**CALL, "own": 7}).encode().replace(b'"own": 7', b'"own": ' + deep)
    try:
        GatewayCall.model_validate_json(data)
    except ValidationError:
        _reader.read(data)  # it may take what is too deep for the model: the field is left out
    else:
        assert check(data)


@pytest.mark.parametrize("model", [GatewayCall, EnrichedCall, Symptom])
def test_struct_has_what_the_model_has(model: type[GatewayCall]) -> None:
    made: Any = quick(model)
    assert made.__struct_fields__ == tuple(model.model_fields)
    assert made.ce_type == model.ce_type


def test_properties_are_those_of_the_model() -> None:
    call = GatewayCall.model_validate_json(json.dumps(CALL))
    assert (quickened(call).key, quickened(call).place) == (call.key, call.place)
    assert isinstance(quickened(call), Quick)
    assert fields_of(quickened(call))["user"] == "u"


def test_what_only_the_model_checks_is_no_struct() -> None:
    class Bounded(Part):
        share: Annotated[float, Field(gt=0, lt=1)]

    class Checked(Part):
        name: Annotated[str, AfterValidator(str.lower)]

    with pytest.raises(TypeError, match="Signal has validators"):
        quick(Signal)
    with pytest.raises(TypeError, match="is a validator"):
        quick(Checked)
    decode = msgspec.json.Decoder(quick(Bounded)).decode
    assert decode(b'{"share":0.5}').share == 0.5
    for share in (b"0", b"1"):
        with pytest.raises(msgspec.ValidationError):
            decode(b'{"share":%s}' % share)
