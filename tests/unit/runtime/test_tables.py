"""State as it is remembered: what is written and read back is what was there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.runtime import metrics
from processors.runtime.stateful import Marker
from processors.runtime.tables import State, StateUnreadable, Table, TableSpec

COUNTS: TableSpec[int] = TableSpec("counts", orjson.dumps, orjson.loads, capacity=5)
LISTS: TableSpec[list[int]] = TableSpec("lists", orjson.dumps, orjson.loads, capacity=100)
SPECS: tuple[TableSpec[Any], ...] = (COUNTS, LISTS)

keys = st.sampled_from("abcdefgh/é") | st.text(max_size=3)
steps = st.lists(
    st.tuples(st.just("set"), keys, st.integers(-(2**60), 2**60))
    | st.tuples(st.just("remove"), keys, st.none())
    | st.tuples(st.just("commit"), st.none(), st.none()),
    max_size=60,
)


def compacted(log: list[tuple[bytes, bytes | None]]) -> list[tuple[bytes, bytes | None]]:
    """What Kafka may leave of a log: the last entry of each key, in its place."""
    last = {key: place for place, (key, _) in enumerate(log)}
    return [entry for place, entry in enumerate(log) if last[entry[0]] == place]


@given(steps)
def test_what_is_restored_is_what_was_committed(steps: list[tuple[str, Any, Any]]) -> None:
    live, log = State(SPECS), []
    for what, key, value in [*steps, ("commit", None, None)]:
        if what == "set":
            live[COUNTS][key] = value
            live[LISTS][key] = [value]
        elif what == "remove":
            for table in (live[COUNTS], live[LISTS]):
                if key in table:
                    del table[key]
        else:
            log += live.take_changes()
    for entries in (log, compacted(log)):
        restored = State(SPECS)
        for entry in entries:
            restored.restore(*entry)
        for spec in SPECS:
            assert dict(restored[spec].items()) == dict(live[spec].items())
    assert live.take_changes() == []


def test_more_than_its_capacity_evicts_what_was_not_changed_for_long_and_counts_it() -> None:
    before = metrics.EVICTED.labels("counts")._value.get()
    table = Table(COUNTS)
    for number, key in enumerate("abcdefbg"):
        table[key] = number
    assert sorted(table) == ["b", "d", "e", "f", "g"], "b was changed again since a went"
    assert dict(table.take_changes())[b"counts/c"] is None, "an eviction is stored as a removal"
    assert metrics.EVICTED.labels("counts")._value.get() - before == 2


@given(st.lists(st.integers(0, 40), max_size=300))
def test_it_never_holds_more_than_its_capacity_and_always_the_last_change(keys: list[int]) -> None:
    table = Table(COUNTS)
    for number, key in enumerate(keys):
        table[str(key)] = number
        assert table[str(key)] == number
        assert len(table) <= COUNTS.capacity


def test_a_value_changed_in_place_is_stored_when_touched() -> None:
    table = Table(LISTS)
    table["a"] = [1]
    table.take_changes()
    table["a"].append(2)
    assert table.take_changes() == []
    table.touch("a")
    assert table.take_changes() == [(b"lists/a", b"[1,2]")]


def test_changes_are_counted_whatever_they_are() -> None:
    state = State(SPECS)
    state[COUNTS]["a"] = 1
    state[LISTS]["a"] = []
    del state[COUNTS]["a"]
    assert state.changes == 3


@pytest.mark.parametrize(("key", "value"), [(b"other/a", b"1"), (b"counts/a", b"{"), (b"\xff", b"1")])
def test_what_cannot_be_restored_says_which_entry(key: bytes, value: bytes) -> None:
    with pytest.raises(StateUnreadable, match="entry"):
        State(SPECS).restore(key, value)


def test_no_entry_is_to_blame_for_memory_that_runs_out() -> None:
    def decode(_: bytes) -> int:
        raise MemoryError

    with pytest.raises(MemoryError):
        State([TableSpec("counts", orjson.dumps, decode, capacity=1)]).restore(b"counts/a", b"1")


@pytest.mark.parametrize("name", ["", "a/b", "!marker"])
def test_a_table_may_not_be_named_like_something_else(name: str) -> None:
    with pytest.raises(ValueError, match="named"):
        TableSpec(name, orjson.dumps, orjson.loads, capacity=1)


def test_the_marker_says_where_and_when() -> None:
    marker = Marker({"topic": 7}, datetime(2026, 6, 15, tzinfo=UTC))
    assert Marker.decode(marker.encode()) == marker
    assert Marker.decode(Marker().encode()) == Marker()


@pytest.mark.parametrize("value", [b"", b"[]", b'{"positions":{}}', b'{"positions":{"a":"x"},"ticked_at":null}'])
def test_a_spoiled_marker_is_said_not_guessed(value: bytes) -> None:
    with pytest.raises(StateUnreadable, match="marker"):
        Marker.decode(value)


def test_two_tables_of_one_name_would_read_each_other_s_entries() -> None:
    with pytest.raises(ValueError, match="one name"):
        State((COUNTS, TableSpec("counts", orjson.dumps, orjson.loads, capacity=1)))
