"""What holds for every adapter: its golden result, and that nothing but `Rejected` is ever raised."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.cloudevents import derived_id
from contracts.errors import Rejected
from contracts.event import Event
from producers.adapters.adapter import Adapter, Place, line_id
from producers.adapters.feedback_table import FeedbackTable
from tests.unit.producers.golden_results import ADAPTERS, HERE, SAMPLES, golden_file, result_of

PLACE = Place("a.log", 7, project="shop")
COLUMNS = ("text", "created", "nps", "lang", "url", "more")
MAPPING = {"text": "text", "occurred_at": "created", "rating": "nps", "language": "lang", "url": "url"}
NOW = datetime(2026, 6, 16, tzinfo=UTC)
TABLES = (
    FeedbackTable(COLUMNS, MAPPING, NOW, delimiter=","),
    FeedbackTable(COLUMNS, MAPPING, NOW, delimiter=""),
)
EVERY_ADAPTER: tuple[Adapter, ...] = (*ADAPTERS, *TABLES)
NAMES = [adapter.name for adapter in EVERY_ADAPTER]
TABLE_LINES = [
    b'hello,2026-01-01,4/5,en,https://example.com/?token=a,"x ""y"""',
    b'{"text":"hello","created":"03/04/2026","nps":"9","lang":"de","url":"/a","more":{"b":1}}',
]
SAMPLE_LINES = [line for name in SAMPLES for line in (HERE / "samples" / name).read_bytes().split(b"\n") if line]
LINES = TABLE_LINES + SAMPLE_LINES


def _objects(lines: list[bytes]) -> list[dict[str, Any]]:
    """The lines that are JSON objects; some are damaged on purpose."""
    found = []
    for line in lines:
        with suppress(orjson.JSONDecodeError):
            found.append(orjson.loads(line))
    return [one for one in found if isinstance(one, dict)]


OBJECTS = _objects(LINES)
FIELDS = sorted({name for one in OBJECTS for name in one} | set(COLUMNS))
SCALARS: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30)
    | st.sampled_from(["-", "", "200", "1e400", "2026-06-15T09:00:00Z", "0001-01-01T00:00:00+14:00", 1e300, 2**70])
)
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), SCALARS, max_size=4)


def read(adapter: Adapter, line: bytes) -> Event | None:
    """Parse, or None when rejected; an event that comes out can be sent."""
    recognised = adapter.recognises(line)
    assert recognised in {True, False}
    try:
        event = adapter.parse(line, PLACE)
    except Rejected as rejected:
        reason = rejected.reason
    else:
        assert event.ce_type == adapter.event.ce_type
        assert event.occurred_at.astimezone(UTC)
        assert event.encode()
        return event
    assert reason == reason.lower() != ""
    return None


@pytest.mark.parametrize("sample", SAMPLES)
def test_sample_gives_golden_result(sample: str) -> None:
    assert result_of(sample) == golden_file(sample).read_text(encoding="utf-8")


@pytest.mark.parametrize("adapter", EVERY_ADAPTER, ids=NAMES)
@settings(max_examples=150)
@given(line=st.binary(max_size=300))
def test_any_bytes_parse_or_are_rejected(adapter: Adapter, line: bytes) -> None:
    read(adapter, line)


@pytest.mark.parametrize("adapter", EVERY_ADAPTER, ids=NAMES)
@settings(max_examples=200)
@given(data=st.data())
def test_any_damage_to_a_line_parses_or_is_rejected(adapter: Adapter, data: st.DataObject) -> None:
    line = data.draw(st.sampled_from(LINES))
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, len(line)))
    noise = data.draw(
        st.binary(max_size=6) | st.sampled_from([b'"', b"\\", b"[", b" ", b"\x00", b"\\u0000", b"9" * 40])
    )
    read(adapter, line[:start] + noise + line[end:])


@pytest.mark.parametrize("adapter", EVERY_ADAPTER, ids=NAMES)
@settings(max_examples=200)
@given(start=st.sampled_from(OBJECTS), data=st.data())
def test_any_types_parse_or_are_rejected(adapter: Adapter, start: dict[str, Any], data: st.DataObject) -> None:
    changed = data.draw(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4))
    try:
        line = orjson.dumps(start | changed)
    except (orjson.JSONEncodeError, TypeError):  # integers above 64 bits, lone surrogates
        return
    read(adapter, line)


@pytest.mark.parametrize("adapter", EVERY_ADAPTER, ids=NAMES)
def test_same_line_at_another_place_is_another_event(adapter: Adapter) -> None:
    for line in LINES:
        try:
            first = adapter.parse(line, PLACE)
            again = adapter.parse(line, PLACE)
            other = adapter.parse(line, Place("a.log", 8, project="shop"))
        except Rejected:
            continue
        assert first.id == again.id
        if adapter.name != "contract":  # which keeps ids of its own
            assert first.id != other.id


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=2)), None])
def test_an_id_is_derived_from_place_line_and_time(zone: timezone | None) -> None:
    moment = datetime(2026, 6, 15, 9, tzinfo=zone) if zone else None
    said = "2026-06-15T09:00:00Z" if zone is UTC else "2026-06-15T07:00:00Z" if zone else None
    line, digest = b"x", hashlib.sha256(b"x").hexdigest()
    assert line_id(line, PLACE, moment) == derived_id("a.log", 7, digest, said)
    assert line_id(line, replace(PLACE, part=2), moment) == derived_id("a.log", 7, digest, said, 2)


@pytest.mark.parametrize("adapter", EVERY_ADAPTER, ids=NAMES)
def test_events_belong_to_the_place(adapter: Adapter) -> None:
    events = [event for event in (read(adapter, line) for line in LINES) if event]
    assert events
    assert {event.project for event in events} == {"shop"}
