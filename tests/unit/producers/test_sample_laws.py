"""What holds for every format of calls: whatever happens to one field, no unit is wrong and no secret is kept."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.calls import GatewayCall
from contracts.errors import Rejected
from contracts.event import Event
from contracts.quick import quick, quickened
from producers.adapters.adapter import CallAdapter, Place
from producers.adapters.bundles import unbundled
from producers.adapters.detect import DETECTED, detect
from producers.adapters.facts import FIELDS_OF_FACT, Fact
from producers.files import Line
from tests.unit.producers.golden_results import CALLS, HERE, SAMPLE_OF_ADAPTER

PLACE = Place("a.log", 7, project="shop")
Path = tuple[str | int, ...]
WRONG: list[Any] = [
    None,
    "",
    "-",
    [],
    {},
    "abc",
    True,
    -1,
    "1e999",
    2**63,
    "\u202e\u200b\U0001f600",
    {"a": [1]},
    "\x00",
    "9" * 400,
]
NAMES = [adapter.name for adapter in CALLS]
LATENCIES = ("total_ms", "upstream_ms")


def lines_of(adapter: CallAdapter) -> list[bytes]:
    """The sample's lines, taken apart as an import does it."""
    text = (HERE / "samples" / SAMPLE_OF_ADAPTER[adapter.name]).read_bytes().split(b"\n")
    return [line.data for line in unbundled((Line(0, line) for line in text if line), adapter)]


def calls_of(adapter: CallAdapter) -> list[GatewayCall]:
    return [call for call in (parsed(adapter, line) for line in lines_of(adapter)) if call]


def parsed(adapter: CallAdapter, line: bytes) -> GatewayCall | None:
    """The call, or None for a refusal, which names a field and says no value."""
    try:
        call = adapter.parse(line, PLACE)
    except Rejected as rejected:
        assert rejected.reason
        assert rejected.detail
        assert "hunter2" not in rejected.detail
        return None
    assert call == quickened(GatewayCall.model_validate_json(call.encode()))
    return call


def paths(value: object, before: Path = ()) -> Iterator[Path]:
    """Where every value inside of a value stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, found in inner:
        yield (*before, key)
        yield from paths(found, (*before, key))


def changed(record: Any, path: Path, value: object, *, remove: bool = False) -> Any:
    new = copy.deepcopy(record)
    owner = new
    for step in path[:-1]:
        owner = owner[step]
    if remove:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    return new


def at(record: Any, path: Path) -> Any:
    for step in path:
        record = record[step]
    return record


def dumped(record: object) -> bytes | None:
    try:
        return orjson.dumps(record)
    except (orjson.JSONEncodeError, TypeError):  # integers above 64 bits
        return None


def objects_of(adapter: CallAdapter) -> list[dict[str, Any]]:
    """The sample's good records."""
    good = [line for line in lines_of(adapter) if line.startswith(b"{") and parsed(adapter, line)]
    return [orjson.loads(line) for line in good]


JSON_ADAPTERS = [adapter for adapter in CALLS if objects_of(adapter)]
JSON_NAMES = [adapter.name for adapter in JSON_ADAPTERS]


@pytest.mark.parametrize("adapter", CALLS, ids=NAMES)
def test_each_good_line_is_found_to_be_of_its_format(adapter: CallAdapter) -> None:
    good = [line for line in lines_of(adapter) if parsed(adapter, line)]
    assert len(good) > 1
    for line in good:
        assert adapter.recognises(line)
        if adapter in DETECTED:
            assert detect([line], "a.log").adapter is adapter


@pytest.mark.parametrize("adapter", CALLS, ids=NAMES)
def test_table_tells_what_the_sample_tells(adapter: CallAdapter) -> None:
    calls = [orjson.loads(call.encode()) for call in calls_of(adapter)]
    for fact in FIELDS_OF_FACT:
        assert any(tells(call, fact) for call in calls) == adapter.about.tells(fact), fact


def tells(call: dict[str, Any], fact: Fact) -> bool:
    found = []
    for field in FIELDS_OF_FACT[fact]:
        value: Any = call
        for step in field.split("."):
            value = value.get(step) if value else None
        found.append(value)
    if fact == "gateway's own failures":
        return found[0] == "gateway_error" or bool(
            call.get("gateway", {}).get("product") and call.get("outcome") == "rate_limited"
        )
    return any(value not in (None, (), [], {}) for value in found)


@pytest.mark.parametrize("adapter", CALLS, ids=NAMES)
def test_nothing_secret_is_kept(adapter: CallAdapter) -> None:
    lines = lines_of(adapter)
    assert any(b"hunter2" in line or b"aHVudGVyMg" in line for line in lines)
    for call in calls_of(adapter):
        assert b"hunter2" not in call.encode()
        assert b"aHVudGVyMg" not in call.encode()


@pytest.mark.parametrize("adapter", JSON_ADAPTERS, ids=JSON_NAMES)
def test_a_number_in_another_type_is_the_same_number(adapter: CallAdapter) -> None:
    for record in objects_of(adapter):
        before = adapter.parse(orjson.dumps(record), PLACE)
        for path in paths(record):
            value = at(record, path)
            for other in retyped(value):
                after = parsed(adapter, dumped(changed(record, path, other)) or b"")
                assert after is not None, path
                assert comparable(after) == comparable(before), path


def retyped(value: object) -> list[object]:
    if isinstance(value, bool) or not isinstance(value, int):
        return []
    return [str(value), f" {value} ", float(value)] if abs(value) < 2**53 else [str(value)]


def comparable(call: Event) -> dict[str, Any]:
    """All but what depends on the bytes of the line and what is kept as it was written."""
    said = orjson.loads(call.encode())
    return {name: said[name] for name in said if name not in {"id", "attributes"}}


@pytest.mark.parametrize("adapter", JSON_ADAPTERS, ids=JSON_NAMES)
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_whatever_happens_to_one_field_no_unit_is_wrong(adapter: CallAdapter, data: st.DataObject) -> None:
    records = [one for one in objects_of(adapter) if not {"attempts", "proxies"} & one.keys()]
    record = data.draw(st.sampled_from(records))
    before = adapter.parse(orjson.dumps(record), PLACE)
    assert isinstance(before, quick(GatewayCall))
    path = data.draw(st.sampled_from(list(paths(record))))
    remove = data.draw(st.booleans())
    wrong = data.draw(st.sampled_from(WRONG) | st.text(max_size=20) | st.lists(st.integers(), max_size=3))
    line = dumped(changed(record, path, wrong, remove=remove))
    after = None if line is None else parsed(adapter, line)
    if after is None:
        return
    for name in LATENCIES:
        was, now = getattr(before.latency, name), getattr(after.latency, name)
        by_hand = number_in(wrong)
        allowed = {was, None, *(by_hand * unit for unit in (1.0, 1e3, 1e-6, 1e-3) if by_hand is not None)}
        assert now in allowed or (now is not None and any(one is not None and abs(now - one) < 1e-3 for one in allowed))


@pytest.mark.parametrize("adapter", JSON_ADAPTERS, ids=JSON_NAMES)
def test_any_wrong_value_in_any_place_gives_a_call_or_a_refusal(adapter: CallAdapter) -> None:
    for record in objects_of(adapter):
        for path in paths(record):
            for wrong in WRONG:
                parsed(adapter, dumped(changed(record, path, wrong)) or b"")


def number_in(value: object) -> float | None:
    """A text that happens to be a number is one; numbers in a list are attempts, which are added."""
    if isinstance(value, list):
        return float(sum(one for one in value if isinstance(one, int)))
    try:
        return float(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None


@pytest.mark.parametrize("adapter", JSON_ADAPTERS, ids=JSON_NAMES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_more_fields_change_nothing_else(adapter: CallAdapter, data: st.DataObject) -> None:
    record = data.draw(st.sampled_from(objects_of(adapter)))
    before = adapter.parse(orjson.dumps(record), PLACE)
    more = data.draw(
        st.dictionaries(st.text(min_size=1, max_size=8).map("zz_{}".format), st.sampled_from(WRONG[:-1]), max_size=90)
    )
    line = dumped({**record, **more})
    after = parsed(adapter, line) if line else None
    if line is not None:
        assert after is not None
        assert comparable(after) == comparable(before)
        assert len(after.attributes) <= 64


@pytest.mark.parametrize("adapter", JSON_ADAPTERS, ids=JSON_NAMES)
def test_huge_values_are_cut_or_refused(adapter: CallAdapter) -> None:
    record = objects_of(adapter)[0]
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    for huge in ("a?b=" * 250_000, "[" * 100_000, "1" * 100_000, "\\" * 100_000, ["x"] * 20_000, deep):
        for path in paths(record):
            call = parsed(adapter, orjson.dumps(changed(record, path, huge)))
            assert call is None or len(call.encode()) < 200_000


@pytest.mark.parametrize("adapter", JSON_ADAPTERS, ids=JSON_NAMES)
def test_without_time_or_status_the_reason_names_the_field(adapter: CallAdapter) -> None:
    refused = set()
    for record in objects_of(adapter)[:1]:
        for path in paths(record):
            try:
                adapter.parse(orjson.dumps(changed(record, path, {"a": 1})), PLACE)
            except Rejected as rejected:
                refused.add(rejected.reason)
                field, colon, _ = rejected.detail.partition(":")
                assert colon
                assert field.replace(".", "").replace("-", "").replace("_", "").replace("@", "").isalnum()
    assert refused
