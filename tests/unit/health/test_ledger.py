"""Sums of closed windows and their corrections are what the records say, whoever crashes, and whoever writes late."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts.cloudevents import derived_id
from contracts.windows import WINDOW_S, SeriesSums, SourceRange, WindowSums
from processors.health.contributions import CALENDARS, CONTRIBUTIONS, TABLES, project_of
from processors.health.ledger import (
    AWAITED_MS,
    FORGET_IMPORT_MS,
    IDLE_MS,
    LONGEST_OPEN_MS,
    MOST_AT_ONCE,
    SETTLE_MS,
    Ledger,
)
from processors.runtime.stage import Skipped
from processors.runtime.tables import State

NOON = int(datetime(2026, 6, 15, 12, tzinfo=UTC).timestamp())
PROJECT = "default/default/production"


def sums(start: int, calls: int, covered: SourceRange, low_at_ms: int = 0) -> WindowSums:
    return WindowSums(
        id=derived_id(covered.topic, covered.partition, covered.flush, start),
        occurred_at=datetime.fromtimestamp(start, UTC),
        source=covered,
        low_at_ms=low_at_ms,
        series=(SeriesSums(outcomes={"ok": calls}),),
    )


def covered(
    first: int,
    last: int,
    *,
    flush: str,
    generation: int = 1,
    committed: int = 0,
    partition: int = 0,
    unread: int | None = None,
) -> SourceRange:
    return SourceRange(
        topic="calls",
        partition=partition,
        generation=generation,
        flush=flush,
        first=first,
        last=last,
        committed=committed,
        unread=unread,
    )


def nothing(covered: SourceRange, low_at_ms: int) -> WindowSums:
    return sums(low_at_ms // 1000, 0, covered, low_at_ms).model_copy(update={"series": ()})


def calls(contributions: list[WindowSums]) -> int:
    return sum(series.calls for one in contributions for series in one.series)


def test_a_window_closes_when_every_busy_source_has_passed_it() -> None:
    ledger, now = Ledger(State(TABLES)), NOON * 1000 + 20_000
    ledger.add(sums(NOON - 600, 1, covered(0, 0, flush="first", partition=7)), now - 10_000)
    ledger.close(PROJECT, NOON - 600)
    ledger.add(sums(NOON, 3, covered(0, 2, flush="a", unread=0), low_at_ms=NOON * 1000 + 16_000), now)
    ledger.add(sums(NOON, 4, covered(0, 3, flush="b", partition=1, unread=0), low_at_ms=NOON * 1000 + 14_000), now)
    now += SETTLE_MS
    assert ledger.due(PROJECT, now) == [], "partition 1 has not passed the end and the lateness"
    ledger.add(sums(NOON + 10, 4, covered(4, 7, flush="c", partition=1), low_at_ms=NOON * 1000 + 15_000), now)
    assert ledger.due(PROJECT, now) == [NOON]
    assert calls(ledger.close(PROJECT, NOON)) == 7


def test_what_was_added_comes_in_the_same_order_whoever_spoke_first() -> None:
    said = [sums(NOON, 1, covered(10 * number, 10 * number, flush=f"f{number}")) for number in range(20)]
    orders = []
    for spoken in (said, said[::-1]):
        ledger = Ledger(State(TABLES))
        for one in spoken:
            ledger.add(one, NOON * 1000)
        orders.append([one.id for one in ledger.close(PROJECT, NOON)])
    assert orders[0] == orders[1] == sorted(one.id for one in said)


def test_of_what_is_long_ago_the_other_sources_have_time_to_speak() -> None:
    ledger, now = Ledger(State(TABLES)), (NOON + 600) * 1000
    for start, again in ((NOON, "first"), (NOON + 60, "known by now")):
        low = (start + 60) * 1000
        ledger.add(sums(start, 3, covered(start, start, flush=f"a{start}", unread=0), low_at_ms=low), now)
        assert ledger.due(PROJECT, now + SETTLE_MS - 1) == [], again
        other = covered(start, start, flush=f"b{start}", partition=1, unread=0)
        assert ledger.add(sums(start, 4, other, low_at_ms=low), now + SETTLE_MS - 1) == []
        assert ledger.due(PROJECT, now + SETTLE_MS) == [start]
        assert calls(ledger.close(PROJECT, start)) == 7
        now += 60_000


def test_an_idle_source_blocks_nobody() -> None:
    ledger, heard = Ledger(State(TABLES)), NOON * 1000
    ledger.add(sums(NOON, 3, covered(0, 2, flush="a"), low_at_ms=NOON * 1000), heard)
    assert ledger.due(PROJECT, heard + IDLE_MS - 1) == []
    assert ledger.due(PROJECT, (NOON + 10) * 1000 + IDLE_MS) == [NOON]


def test_a_source_that_will_speak_again_is_waited_for_so_long() -> None:
    ledger, heard = Ledger(State(TABLES)), (NOON + 10) * 1000
    ledger.add(sums(NOON, 3, covered(0, 2, flush="a", unread=0), low_at_ms=NOON * 1000), heard)
    for _ in range(2):
        assert ledger.due(PROJECT, heard + AWAITED_MS - 1) == [], "its reader may be dead, and calls unread"
        assert ledger.due(PROJECT, heard + AWAITED_MS) == [NOON]


def test_a_source_that_has_read_everything_is_not() -> None:
    ledger, heard = Ledger(State(TABLES)), (NOON + 10) * 1000
    ledger.add(sums(NOON, 3, covered(0, 2, flush="a", unread=0), low_at_ms=NOON * 1000), heard)
    end = nothing(covered(3, 2, flush="b", committed=3, unread=0), NOON * 1000)
    assert ledger.add(end, heard + 1_000) == []
    assert ledger.due(PROJECT, heard + 1_000 + IDLE_MS - 1) == []
    assert ledger.due(PROJECT, heard + 1_000 + IDLE_MS) == [NOON]


def test_a_source_without_calls_of_the_project_tells_how_far_it_is() -> None:
    ledger, heard = Ledger(State(TABLES)), (NOON + 10) * 1000
    ledger.add(sums(NOON, 3, covered(0, 2, flush="a", unread=900), low_at_ms=NOON * 1000), heard)
    ledger.add(nothing(covered(3, 500, flush="b", unread=400), (NOON + 14) * 1000), heard + 4_000)
    assert ledger.due(PROJECT, heard + 20_000) == []
    ledger.add(nothing(covered(501, 800, flush="c", unread=100), (NOON + 15) * 1000), heard + 20_000)
    assert ledger.due(PROJECT, heard + 20_000) == [NOON]
    assert calls(ledger.close(PROJECT, NOON)) == 3


def test_that_there_is_nothing_of_a_project_nobody_knows_changes_nothing() -> None:
    state = State(TABLES)
    ledger = Ledger(state)
    assert ledger.add(nothing(covered(3, 2, flush="b", unread=0), NOON * 1000), NOON * 1000) == []
    assert not any(len(state[spec]) for spec in TABLES)


def test_a_reader_that_says_it_found_nothing_takes_back_nothing() -> None:
    ledger = Ledger(State(TABLES))
    ledger.add(sums(NOON, 3, covered(0, 2, flush="a", unread=0), low_at_ms=NOON * 1000), NOON * 1000)
    again = nothing(covered(0, 2, flush="b", generation=2, unread=0), NOON * 1000)
    assert ledger.add(again, NOON * 1000 + 1_000) == []
    assert calls(ledger.close(PROJECT, NOON)) == 3


def test_a_clock_that_is_behind_holds_a_window_only_so_long() -> None:
    ledger, heard = Ledger(State(TABLES)), NOON * 1000
    behind = NOON * 1000 - 600_000
    for n in range(100):
        ledger.add(sums(NOON, 1, covered(n, n, flush=f"{n}"), low_at_ms=behind), heard + n * 1_000)
        if ledger.due(PROJECT, heard + n * 1_000):
            assert n * 1_000 > LONGEST_OPEN_MS
            return
    pytest.fail("never closed")


def test_a_clock_that_is_ahead_closes_nothing_before_its_time() -> None:
    ledger = Ledger(State(TABLES))
    for n in range(12):
        now = (NOON + 10 * n) * 1000 + 1_000
        present = sums(NOON + 10 * n, 9, covered(2 * n, 2 * n, flush=f"{n}"), low_at_ms=now - 1_000)
        ahead = sums(NOON + 10 * n + 240, 1, covered(2 * n + 1, 2 * n + 1, flush=f"{n}+"), low_at_ms=now - 1_000)
        assert ledger.add(present, now) == [], "a window of the present is never late"
        ledger.add(ahead, now)
        for start in ledger.due(PROJECT, now):
            ledger.close(PROJECT, start)


def test_sums_of_the_far_future_do_not_count() -> None:
    ledger = Ledger(State(TABLES))
    with pytest.raises(Skipped, match="future"):
        ledger.add(sums(NOON + 86_400, 1, covered(0, 0, flush="a")), NOON * 1000)
    assert ledger.projects() == []


def test_what_a_zombie_says_does_not_count() -> None:
    ledger = Ledger(State(TABLES))
    ledger.add(sums(NOON, 3, covered(0, 2, flush="new", generation=2)), NOON * 1000 + 1_000)
    with pytest.raises(Skipped, match="zombie"):
        ledger.add(sums(NOON, 5, covered(0, 4, flush="old", generation=1)), NOON * 1000 + 2_000)
    assert calls(ledger.close(PROJECT, NOON)) == 3


def test_a_group_made_anew_counts_again_from_the_first_generation() -> None:
    ledger = Ledger(State(TABLES))
    ledger.add(sums(NOON, 3, covered(0, 2, flush="new", generation=7)), NOON * 1000 + 1_000)
    ledger.add(sums(NOON, 2, covered(3, 4, flush="old", generation=1)), NOON * 1000 + 100_000)
    assert calls(ledger.close(PROJECT, NOON)) == 5


def test_the_calendar_of_a_long_import_stays_small_and_its_windows_close_in_turn() -> None:
    state = State(TABLES)
    ledger, now, weeks = Ledger(state), NOON * 1000, 14 * 24 * 360
    for n in range(0, weeks, 10):
        start = NOON - 10 * (weeks - n)
        ledger.add(sums(start, 1, covered(n, n, flush=f"{n}"), low_at_ms=start * 1000), now)
    assert max(len(CALENDARS.encode(calendar)) for _, calendar in state[CALENDARS].items()) < 200
    closed = []
    while due := ledger.due(PROJECT, now + 600_000):
        assert len(due) <= MOST_AT_ONCE
        for start in due:
            assert calls(ledger.close(PROJECT, start)) == 1
        closed += due
    assert closed == [NOON - 10 * (weeks - n) for n in range(0, weeks, 10)]


def test_an_import_is_forgotten_after_its_time_and_the_present_is_not() -> None:
    state = State(TABLES)
    ledger, now = Ledger(state), NOON * 1000
    imported = sums(NOON - 86_400, 1, covered(0, 0, flush="a")).model_copy(update={"origin": "old.log"})
    ledger.add(imported, now)
    ledger.add(sums(NOON, 1, covered(1, 1, flush="b")), now)
    assert ledger.idle(now + FORGET_IMPORT_MS + 1) == [], "its window is open still"
    name = project_of(imported)
    ledger.close(name, NOON - 86_400)
    assert ledger.idle(now + FORGET_IMPORT_MS) == []
    assert ledger.idle(now + FORGET_IMPORT_MS + 1) == [name]
    ledger.forget(name)
    assert ledger.projects() == [PROJECT]
    assert not [key for spec in TABLES for key in state[spec] if "old.log" in key]


@dataclass
class Reader:
    """A telemetry worker that owns the partition, or thinks so."""

    generation: int
    position: int
    committed: int
    unflushed: list[int] = field(default_factory=list)
    flushed: int = 0


class Crashes(RuleBasedStateMachine):
    """One partition of calls; readers crash, are replaced, and their last words arrive late."""

    @initialize(windows=st.lists(st.integers(0, 5), min_size=1, max_size=40))
    def begin(self, windows: list[int]) -> None:
        self.log = [NOON + WINDOW_S * number for number in windows]
        self.state = State(TABLES)
        self.ledger = Ledger(self.state)
        self.reader = Reader(1, 0, 0)
        self.committed = 0
        self.delayed: list[WindowSums] = []
        self.published: Counter[int] = Counter()
        self.ids = count()
        self.now = NOON * 1000

    def deliver(self, message: WindowSums) -> None:
        self.now += 10
        try:
            corrections = self.ledger.add(message, self.now)
        except Skipped:
            return
        for correction in corrections:
            start = int(correction.sums.occurred_at.timestamp())
            self.published[start] += correction.sign * calls([correction.sums])

    def flush(self) -> list[WindowSums]:
        reader = self.reader
        if not reader.unflushed:
            return []
        span = covered(
            reader.unflushed[0], reader.unflushed[-1], flush=str(next(self.ids)), generation=reader.generation,
            committed=reader.committed,
        )  # fmt: skip
        found = Counter(self.log[offset] for offset in reader.unflushed)
        reader.unflushed, reader.flushed = [], span.last + 1
        return [sums(start, number, span) for start, number in found.items()]

    @rule(records=st.integers(1, 12))
    def read(self, records: int) -> None:
        reader = self.reader
        some = list(range(reader.position, min(len(self.log), reader.position + records)))
        reader.unflushed += some
        reader.position += len(some)

    @rule()
    def flush_and_deliver(self) -> None:
        for message in self.flush():
            self.deliver(message)

    @rule()
    def commit(self) -> None:
        self.committed = self.reader.committed = max(self.reader.flushed, self.committed)

    @rule(dies_while_writing=st.booleans(), delayed=st.booleans())
    def crash(self, *, dies_while_writing: bool, delayed: bool) -> None:
        if dies_while_writing:
            last_words = self.flush()
            if delayed:
                self.delayed += last_words
            else:
                for message in last_words[: len(last_words) // 2]:
                    self.deliver(message)
        self.reader = Reader(self.reader.generation + 1, self.committed, self.committed, flushed=self.committed)

    @rule()
    def last_words_arrive(self) -> None:
        """Kafka has them before the new owner's first, or after: either way they must not count twice."""
        for message in self.delayed:
            self.deliver(message)
        self.delayed = []

    @rule(number=st.integers(0, 5))
    def close(self, number: int) -> None:
        for start in range(NOON, NOON + WINDOW_S * (number + 1), WINDOW_S):
            if self.ledger.due(PROJECT, self.now + 10**9) and start in self.ledger.due(PROJECT, self.now + 10**9):
                self.published[start] += calls(self.ledger.close(PROJECT, start))
        self.ledger.drop_final(PROJECT)

    @rule()
    def restart_of_the_health_stage(self) -> None:
        again = State(TABLES)
        for spec in TABLES:
            for key, value in self.state[spec].items():
                again[spec][key] = spec.decode(spec.encode(value))
        self.state, self.ledger = again, Ledger(again)

    @invariant()
    def kept_contributions_are_indexed(self) -> None:
        if hasattr(self, "ledger"):
            indexed = {key for windows in self.ledger._by_window.values() for keys in windows.values() for key in keys}
            assert indexed == set(self.state[CONTRIBUTIONS])

    def teardown(self) -> None:
        if not hasattr(self, "ledger"):
            return
        self.read(len(self.log))
        self.flush_and_deliver()
        if self.committed == 0 and not self.reader.flushed:
            return
        self.close(5)
        assert +self.published == Counter(self.log)
        self.commit()
        self.last_words_arrive()
        assert +self.published == Counter(self.log), "late words of a dead reader change nothing"


TestCrashes = Crashes.TestCase


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8), st.randoms())
def test_the_order_in_which_partitions_arrive_does_not_matter(sizes: list[int], random: object) -> None:
    messages = [
        sums(NOON, size, covered(0, size - 1, flush=f"f{number}", partition=number))
        for number, size in enumerate(sizes)
    ]
    random.shuffle(messages)  # type: ignore[attr-defined]
    ledger = Ledger(State(TABLES))
    for message in messages:
        assert ledger.add(message, NOON * 1000) == []
    assert calls(ledger.close(PROJECT, NOON)) == sum(sizes)
