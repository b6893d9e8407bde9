from __future__ import annotations

import json

import pytest

from contracts.pseudonyms import pseudonym
from hypercare.masked import MAX_BYTES, masked_header, masked_line, masked_value, printable


def test_json_is_masked_field_by_field_and_stays_json() -> None:
    name = pseudonym("someone", b"k")
    value = {
        "id": "c1",
        "password": "hunter2",
        "pin": 1234,
        "user": "some.one",
        "reporter": {"pseudonym": name, "contact_ref": "desk 5"},
        "request": {"path": "/a?token=abcdef123456", "list": ["me@example.org", 7, None, True]},
    }
    shown = json.loads(masked_value(json.dumps(value).encode()))
    assert (shown["id"], shown["password"], shown["pin"], shown["user"]) == ("c1", "***", "***", "***")
    assert shown["reporter"] == {"pseudonym": name, "contact_ref": "***"}
    assert "abcdef" not in shown["request"]["path"]
    assert shown["request"]["list"] == ["[email]", 7, None, True]


@pytest.mark.parametrize(
    "value", [b'{"password": "hunter2hunter2", broken', b"password=hunter2hunter2 \xff", b"[" * 9_000]
)
def test_what_is_no_json_is_masked_as_a_line(value: bytes) -> None:
    assert "hunter2" not in masked_value(value)


def test_only_the_beginning_of_what_is_long_is_shown() -> None:
    shown = masked_value(b"x" * (MAX_BYTES + 1))
    assert len(shown) < MAX_BYTES + 10
    assert shown.endswith("…")
    assert masked_value(None) == "(no value)"


def test_people_in_lines_are_masked() -> None:
    assert masked_line("from 203.0.113.9 call +49 170 1234567") == "from [ip] call [phone]"


def test_headers_are_masked_by_name_and_by_shape() -> None:
    assert masked_header("authorization", b"x") == "***"
    assert masked_header("x-note", b"me@example.org") == "[email]"
    assert masked_header("ce_id", b"e-1") == "e-1"


def test_nothing_can_move_the_cursor() -> None:
    assert printable("a\x1b[31mb\rc\u202ed") == "a\\x1b[31mb\\rc\\u202ed"
    assert printable("ä\n\tü") == "ä\n\tü"
