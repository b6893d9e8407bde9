"""The auditor turns red at each kind of loss; else it would prove nothing."""

from __future__ import annotations

from random import Random
from typing import Any

import orjson
import pytest

from contracts.dead_letters import DeadLetter
from processors.event_time import CLAMPED
from tests.faults.auditor import (
    Raw,
    audit_counted,
    audit_documents,
    audit_enriched,
    audit_letters,
    read_raw,
    together,
)
from tests.faults.clocks import wrong_times
from tests.faults.plan import POISON, Plan, interleaved
from tests.golden.writers import REFUSED, UNDERSTOOD


class Message:
    def __init__(self, place: tuple[int, int], value: bytes, headers: Any = ()) -> None:
        self._place, self._value, self._headers = place, value, headers

    def partition(self) -> int:
        return self._place[0]

    def offset(self) -> int:
        return self._place[1]

    def value(self) -> bytes:
        return self._value

    def headers(self) -> Any:
        return self._headers

    def timestamp(self) -> tuple[int, int]:
        return 1, 1_781_514_000_000  # 2026-06-15T09:00:00Z


RAW = [Raw((0, n), b"", n, f"k{n % 3}") for n in range(9)] + [Raw((1, 0), b"bad"), Raw((1, 1), b"worse")]
IDS = [f"r-{n}" for n in range(9)]


def enriched(seq: int) -> bytes:
    return orjson.dumps({"attributes": {"seq": seq}})


def letter(place: tuple[int, int], value: bytes, reason: str = "not_json", stage: str = "s") -> Any:
    from datetime import UTC, datetime  # noqa: PLC0415

    made = DeadLetter("t", None, value, [], reason, "", stage, datetime.now(UTC), place[0], place[1])
    return Message((0, 0), value, made.message_headers())


LETTERS = [letter((1, 0), b"bad"), letter((1, 1), b"worse"), letter((9, 9), b"", stage="other")]


def counted(seqs: list[int]) -> list[Any]:
    return [Message((0, n), orjson.dumps({"key": f"k{seq % 3}", "seq": seq})) for n, seq in enumerate(seqs)]


TOTALS = {"k0": [3, 9, 6], "k1": [3, 12, 7], "k2": [3, 15, 8]}


def test_what_is_right_is_green() -> None:
    audit = together(
        [
            audit_documents(RAW, IDS, "r"),
            audit_enriched(RAW, map(enriched, range(9)), {0: 9}),
            audit_letters(RAW, LETTERS, "s", exact=True),
            audit_counted(RAW, counted(list(range(9))), TOTALS),
        ]
    )
    assert audit.problems(repeats_at_most=0) == []
    assert audit.events == 9


@pytest.mark.parametrize(
    ("audit", "problem"),
    [
        (audit_documents(RAW, IDS[1:], "r"), "missing: 1"),
        (audit_documents(RAW, [*IDS, IDS[0]], "r"), "duplicates: 1"),
        (audit_documents(RAW, [*IDS, "r-99"], "r"), "strange: 1"),
        (audit_enriched(RAW, map(enriched, range(8)), {0: 9}), "uncovered: 1"),
        (audit_enriched(RAW, map(enriched, range(8)), {0: 8}), "missing: 1"),
        (audit_enriched(RAW, map(enriched, [*range(9), 3]), {}), "repeats: 1"),
        (audit_enriched([*RAW, RAW[3]], map(enriched, [*range(9), 3, 3]), {}), "repeats: 1"),
        (audit_letters(RAW, LETTERS[1:], "s", exact=True), "letters missing: 1"),
        (audit_letters(RAW, [*LETTERS, letter((0, 1), b"")], "s", exact=True), "letters wrong: 1"),
        (audit_letters(RAW, [LETTERS[0], letter((1, 1), b"changed")], "s", exact=True), "letters wrong: 1"),
        (audit_letters(RAW, [*LETTERS, LETTERS[0]], "s", exact=True), "duplicates: 1"),
        (audit_letters(RAW, [*LETTERS, LETTERS[0]], "s", exact=False), "repeats: 1"),
        (audit_counted(RAW, counted(list(range(8))), TOTALS), "missing: 1"),
        (audit_counted(RAW, counted([*range(9), 8]), TOTALS), "duplicates: 1"),
        (audit_counted(RAW, counted([3, 0, 1, 2, 4, 5, 6, 7, 8]), TOTALS), "out of order: 1"),
        (audit_counted(RAW, counted(list(range(9))), TOTALS | {"k0": [4, 9, 6]}), "state wrong: 1"),
        (audit_counted(RAW, counted(list(range(9))), TOTALS | {"k9": [1, 1, 1]}), "state wrong: 1"),
    ],
)
def test_what_is_wrong_is_red(audit: Any, problem: str) -> None:
    assert any(found.startswith(problem) for found in audit.problems(repeats_at_most=0))


def test_a_missing_event_may_be_expected_but_not_more_and_not_fewer() -> None:
    audit = audit_documents(RAW, IDS[2:], "r")
    assert audit.problems(repeats_at_most=0, missing=2) == []
    assert audit.problems(repeats_at_most=0, missing=1)
    assert audit.problems(repeats_at_most=0, missing=3)


def test_a_plan_is_the_same_for_a_seed_and_is_read_back_as_it_was_made() -> None:
    first, second, other = Plan("r", 7), Plan("r", 7), Plan("r", 8)
    made = list(first.take(2_000))
    for plan in (second, other):
        plan.began = first.began
    assert made == list(second.take(2_000)) != list(other.take(2_000))
    raw = read_raw(Message((0, n), sent.value) for n, sent in enumerate(made))
    assert {one.seq for one in raw if one.seq is not None} == set(range(first.made))
    assert sum(first.poison.values()) == sum(one.seq is None for one in raw) > len(POISON) / 2
    assert len(raw) > first.made + sum(first.poison.values()), "some come twice"


def test_records_in_another_order_keep_that_of_their_key() -> None:
    made = list(Plan("r", 7).take(500))
    mixed = list(interleaved(made, Random(1)))
    assert mixed != made
    for key in {sent.key for sent in made}:
        assert [sent for sent in mixed if sent.key == key] == [sent for sent in made if sent.key == key]


def test_whoever_wrote_a_call_it_is_read_back_and_what_is_refused_is_poison() -> None:
    plan = Plan("r", 7, poison_share=0.2, writers=UNDERSTOOD, refused_writers=REFUSED)
    made = list(plan.take(1_000))
    raw = read_raw(Message((0, n), sent.value) for n, sent in enumerate(made))
    assert {one.seq for one in raw if one.seq is not None} == set(range(plan.made))
    assert sum(plan.poison.values()) == sum(one.seq is None for one in raw)
    assert any(sent.headers for sent in made if sent.key == b"poison")


def call(at: str, *notes: str) -> Any:
    body = {"id": "x", "occurred_at": at, "attributes": {"seq": 1, "key": "k"}, "notes": notes}
    return Message((0, 0), orjson.dumps(body))


PUNCTUAL, RECORD, AGES_AGO = "2026-06-15T08:59:59Z", "2026-06-15T09:00:00Z", "2020-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("sent", "enriched", "wrong"),
    [
        (call(PUNCTUAL), call(PUNCTUAL), False),
        (call(AGES_AGO), call(RECORD, CLAMPED), False),
        (call(PUNCTUAL), call(RECORD), True),
        (call(PUNCTUAL), call(PUNCTUAL, CLAMPED), True),
        (call(AGES_AGO), call(AGES_AGO), True),
        (call(AGES_AGO), call(RECORD), True),
    ],
)
def test_an_event_time_is_that_of_the_event_or_where_it_cannot_be_that_of_its_record(
    sent: Any, enriched: Any, *, wrong: bool
) -> None:
    assert bool(wrong_times([sent], [enriched])) == wrong
