"""Three modes in, one way out; everything malformed is refused with reason and place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.calls import GatewayCall
from contracts.cloudevents import headers_for, open_envelope, read_event
from contracts.errors import Rejected
from contracts.feedback import Feedback
from contracts.limits import MAX_EVENT_BYTES

GOOD: dict[str, Any] = {
    "id": "c-1",
    "occurred_at": "2026-06-15T09:00:00Z",
    "request": {"method": "GET", "path": "/a"},
    "response": {"status": 200},
}
Headers = list[tuple[str, bytes | None]]


def call(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode()


def read(value: bytes | None, headers: Headers | None = None) -> GatewayCall:
    return read_event(open_envelope(value, headers), GatewayCall)


MALFORMED: list[tuple[str, bytes | None, Headers, str, str]] = [
    ("null value", None, [], "null_value", "without a value"),
    ("empty value", b"", [], "not_json", "EOF"),
    ("not JSON", b"GET / 200", [], "not_json", "line 1"),
    ("cut JSON", call()[:-5], [], "not_json", "EOF"),
    ("not an object", b"[1,2]", [], "invalid_field", ""),
    ("invalid UTF-8", call().replace(b"/a", b"/\xff\xfe"), [], "not_utf8", "byte"),
    ("lone surrogate", call().replace(b"/a", b"\\ud800"), [], "not_json", "hex escape"),
    ("raw NUL", call().replace(b"/a", b"/\x00"), [], "not_json", "control character"),
    ("escaped NUL", call().replace(b"/a", b"/\\u0000"), [], "unstorable_character", "NUL"),
    ("2 MB", call(error={"message": "x" * 2_000_000}), [], "too_large", str(MAX_EVENT_BYTES)),
    ("deep nesting", b"[" * 100_000, [], "too_deep", "recursion"),
    ("deep attribute", call(attributes={"a": {"b": {"c": 1}}}), [], "invalid_field", "attributes.a"),
    ("too many attributes", call(attributes={str(i): i for i in range(65)}), [], "invalid_field", "attributes"),
    ("wrong type", call(response={"status": "abc"}), [], "invalid_field", "response.status"),
    ("object for a number", call(response={"status": {}}), [], "invalid_field", "response.status"),
    ("missing field", call(response={}), [], "missing_field", "response.status"),
    ("huge integer", call(response={"status": 10**400}), [], "invalid_field", "response.status"),
    ("infinite", call().replace(b"200", b"1e999"), [], "invalid_field", "response.status"),
    ("negative", call(latency={"total_ms": -1}), [], "invalid_field", "latency.total_ms"),
    ("no time", json.dumps({k: v for k, v in GOOD.items() if k != "occurred_at"}).encode(), [], "missing_field", "occ"),
    ("time without zone", call(occurred_at="2026-06-15T09:00:00"), [], "invalid_time", "occurred_at"),
    ("time as number", call(occurred_at=1781514000), [], "invalid_time", "occurred_at"),
    ("no time at all", call(occurred_at="yesterday"), [], "invalid_time", "occurred_at"),
    ("time before time", call(occurred_at="0001-01-01T00:00:00+23:59"), [], "invalid_field", "occurred_at"),
    ("time after time", call(occurred_at="9999-12-31T23:59:59-23:59"), [], "invalid_field", "occurred_at"),
    ("bad tenant", call(tenant="../etc"), [], "invalid_field", "tenant"),
    ("unknown type", call(), [("ce_type", b"com.example.thing.v1")], "unknown_type", "com.example"),
    ("unknown version", call(), [("ce_type", b"io.hypercare.gateway.called.v9")], "unknown_version", "v9"),
    (
        "structured without data",
        b'{"id":"1"}',
        [("content-type", b"application/cloudevents+json")],
        "missing_field",
        "",
    ),
    ("structured, not JSON", b"{", [("content-type", b"application/cloudevents+json")], "not_json", ""),
]


@pytest.mark.parametrize(
    ("value", "headers", "reason", "place"), [m[1:] for m in MALFORMED], ids=[m[0] for m in MALFORMED]
)
def test_malformed_input_is_refused_with_reason_and_place(
    value: bytes | None, headers: Headers, reason: str, place: str
) -> None:
    with pytest.raises(Rejected) as refused:
        read(value, headers)
    assert refused.value.reason == reason
    assert place in refused.value.detail


def test_a_refusal_never_repeats_the_value() -> None:
    with pytest.raises(Rejected) as refused:
        read(call(response={"status": "hunter2-secret"}))
    assert "hunter2" not in str(refused.value)


def test_an_escaped_backslash_before_u0000_is_fine() -> None:
    assert read(call().replace(b"/a", b"/\\\\u0000")).request.path == "/\\u0000"


def test_bare_json_without_headers() -> None:
    assert read(call()).id == "c-1"


def test_binary_mode_reads_what_headers_for_wrote() -> None:
    event = read(call())
    headers: Any = headers_for(event, "urn:x", backfill=True)
    envelope = open_envelope(event.encode(), headers)
    assert read_event(envelope, GatewayCall) == event
    assert (envelope.source, envelope.id, envelope.backfill) == ("urn:x", "c-1", True)


def test_structured_mode() -> None:
    body = {"specversion": "1.0", "id": "e-9", "source": "urn:s", "type": GatewayCall.ce_type, "data": GOOD}
    headers: Headers = [("content-type", b"application/cloudevents+json; charset=utf-8")]
    assert read(json.dumps(body).encode(), headers).id == "c-1"


def test_a_missing_id_is_the_header_s_or_derived_and_always_the_same() -> None:
    bare = json.dumps({k: v for k, v in GOOD.items() if k != "id"}).encode()
    assert read(bare, [("ce_id", b"from-header")]).id == "from-header"
    assert read(bare).id == read(bare).id
    assert read(bare).id != read(bare.replace(b"/a", b"/b")).id


def test_numbers_as_text_are_taken() -> None:
    assert read(call(response={"status": "502"})).response.status == 502


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(value: bytes) -> None:
    for model in (GatewayCall, Feedback):
        try:
            read_event(open_envelope(value, None), model)
        except Rejected as refused:
            assert refused.reason


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
    )
)
def test_any_json_is_read_or_refused(body: object) -> None:
    value = json.dumps(
        {"occurred_at": "2026-06-15T09:00:00Z", "request": body, "response": {"status": 1}, "a": body}
    ).encode()
    try:
        read(value)
    except Rejected as refused:
        assert refused.reason


def test_what_names_an_event_has_no_nul_however_it_comes() -> None:
    binary = open_envelope(b"{}", [("ce_id", b"a\x00b"), ("ce_source", b"urn:\x00x")])
    structured = open_envelope(
        json.dumps({"id": "a\x00b", "source": "urn:\x00x", "data": {}}).encode(),
        [("content-type", b"application/cloudevents+json")],
    )
    assert {(found.id, found.source) for found in (binary, structured)} == {("ab", "urn:x")}
