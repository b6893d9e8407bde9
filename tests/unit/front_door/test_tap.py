from __future__ import annotations

import json

import pytest

from contracts.cloudevents import derived_id
from contracts.errors import Stop
from hypercare.event_view import event_id, view
from hypercare.tap import has_text, topics_for
from hypercare.topic_reader import Found

CALL = {"id": "c1", "request": {"method": "GET", "path": "/a?token=abcdef123456"}, "response": {"status": 502}}
BODY = json.dumps(CALL).encode()


def record(value: bytes | None, *headers: tuple[str, bytes | None], key: bytes | None = None) -> Found:
    return Found(value, key, headers, "hypercare.gateway.v1", 3, 17, 1_781_514_000_123)


def test_all_three_modes_are_read() -> None:
    binary = view(record(BODY, ("ce_id", b"other"), ("ce_type", b"io.hypercare.gateway.called.v1")))
    assert (binary.mode, binary.type, binary.id) == ("binary", "io.hypercare.gateway.called.v1", "c1")
    wrapped = json.dumps({"id": "s1", "type": "t", "source": "urn:x", "data": {"text": "slow"}}).encode()
    structured = view(record(wrapped, ("content-type", b"application/cloudevents+json")))
    assert (structured.mode, structured.type, structured.id, structured.source) == ("structured", "t", "s1", "urn:x")
    plain = view(record(BODY))
    assert (plain.mode, plain.at, plain.place) == ("plain", "2026-06-15T09:00:00.123Z", "hypercare.gateway.v1/3/17")


def test_a_line_shows_what_it_is_about_and_no_secret() -> None:
    line = view(record(BODY, key=b"me@example.org")).line()
    assert "GET /a?token=*** 502" in line
    assert "example" not in line
    assert "abcdef123456" in view(record(BODY), raw=True).summary


@pytest.mark.parametrize("value", [None, b"", b"\xff\x00", b"[" * 9_000, b"7", b'"x"', b"x" * 2_000_000])
def test_whatever_lies_there_makes_one_short_line(value: bytes | None) -> None:
    shown = view(record(value)).line()
    assert len(shown) < 400
    assert shown.isprintable()


def test_a_dead_letter_says_its_reason() -> None:
    letter = view(record(b"x", ("ce_id", b"e"), ("dlq.reason", b"not_json"), ("dlq.detail", b"line 1")))
    assert (letter.mode, letter.summary, letter.id) == ("dead_letter", "not_json: line 1", "e")


def test_an_event_without_id_has_the_one_that_stages_derive() -> None:
    value = b'{"text": "x"}'
    assert event_id(record(value, ("ce_id", b"e1"))) == "e1"
    assert len(event_id(record(value))) == len(derived_id("x"))
    assert event_id(record(value)) == event_id(record(value))


def test_a_filter_looks_at_key_value_and_headers() -> None:
    found = record(b"Value", ("h", b"header"), ("n", None), key=b"key")
    assert all(has_text(found, text) for text in ("VALUE", "eade", "key", "h"))
    assert not has_text(found, "other")


def test_a_target_is_a_stage_or_a_topic_by_any_of_its_names() -> None:
    existing = ["x-hypercare.calls.v1", "x-hypercare.gateway.v1.dlq", "other"]
    assert topics_for("telemetry", existing, "x-") == existing[:2]
    for name in ("calls", "hypercare.calls.v1", "x-hypercare.calls.v1"):
        assert topics_for(name, existing, "x-") == existing[:1]
    assert topics_for("other", existing, "x-") == ["other"]
    for name in ("nothing", "sink-deadletters"):
        with pytest.raises(Stop):
            topics_for(name, existing, "x-")
