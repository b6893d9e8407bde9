"""Each project that a reader spoke of hears of the partition until it is read to its end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from contracts.windows import SourceRange, WindowSums
from processors.telemetry.spoken_of import MOST, SpokenOf
from processors.telemetry.window_messages import Place, nothing

SHOP: Place = ("default", "shop", "production", None)
BANK: Place = ("default", "bank", "production", None)
PAST: Place = ("default", "shop", "production", "old.log")


def covered(unread: int | None, partition: int = 0) -> SourceRange:
    return SourceRange(topic="calls", partition=partition, generation=1, flush="f", first=0, last=9, unread=unread)


def test_who_had_calls_hears_that_there_are_no_more_once() -> None:
    known = SpokenOf()
    assert list(known.missing(covered(0), {SHOP: 1_000, BANK: 1_000})) == []
    assert list(known.missing(covered(0), {SHOP: 2_000})) == [(BANK, 2_000)]
    assert list(known.missing(covered(0), {})) == [(SHOP, 2_000)]
    assert list(known.missing(covered(0), {})) == []


def test_while_records_wait_all_hear_how_far_it_is_again_and_again() -> None:
    known = SpokenOf()
    list(known.missing(covered(0), {BANK: 1_000, PAST: 7}))
    for at_ms in (2_000, 3_000):
        assert list(known.missing(covered(5), {SHOP: at_ms})) == [(BANK, at_ms), (PAST, 7)], "the past has its own time"
    assert list(known.missing(covered(5), {SHOP: 2_500})) == [(BANK, 3_000), (PAST, 7)], "time does not go back"


def test_partitions_know_nothing_of_each_other_and_what_is_forgotten_is_nowhere() -> None:
    known = SpokenOf()
    list(known.missing(covered(0, 0), {SHOP: 1_000}))
    assert list(known.missing(covered(0, 1), {})) == []
    known.forget()
    assert list(known.missing(covered(0, 0), {})) == []


def test_a_reader_that_does_not_know_its_end_promises_nothing() -> None:
    known = SpokenOf()
    list(known.missing(covered(None), {SHOP: 1_000}))
    assert list(known.missing(covered(0), {})) == []


def test_no_more_projects_are_remembered_than_there_is_room_for() -> None:
    known = SpokenOf()
    many: dict[Place, int] = {("default", f"p{number}", "production", None): 1 for number in range(MOST + 50)}
    list(known.missing(covered(0), many))
    assert len(list(known.missing(covered(0), {}))) == MOST


@given(st.lists(st.tuples(st.sets(st.sampled_from([SHOP, BANK, PAST])), st.booleans()), max_size=20))
def test_whoever_was_told_of_more_is_told_of_the_end(flushes: list[tuple[set[Place], bool]]) -> None:
    known, waiting = SpokenOf(), set[Place]()
    for places, behind in [*flushes, (set(), False)]:
        said = {place for place, _ in known.missing(covered(int(behind)), dict.fromkeys(sorted(places, key=str), 1))}
        assert said == waiting - places
        waiting = waiting | places if behind else places
    assert not waiting


def test_nothing_is_a_message_that_can_be_read_and_adds_nothing() -> None:
    said = nothing(BANK, covered(0), 1_781_524_800_123)
    read = WindowSums.model_validate_json(said.encode())
    assert read.empty
    assert (read.project, read.start % 10, read.low_at_ms) == ("bank", 0, 1_781_524_800_123)
    assert len(read.rows) == 0
