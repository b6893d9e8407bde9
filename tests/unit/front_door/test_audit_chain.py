"""The audit of incidents is whole, or the place where it is not is named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.audit import AuditEntry
from hypercare.incidents.audit_chain import verify
from hypercare.topic_reader import Found
from processors.incidents.chain import hash_of, linked
from tests.unit.incidents_made import at

TOPIC = "hypercare.audit.v1"


def entry(incident: str | None, number: int) -> AuditEntry:
    return AuditEntry(
        id=f"a-{incident}-{number}", occurred_at=at(number), subject="incident" if incident else "feedback",
        subject_id=incident or "f-1", action="start", actor="ana", accepted=number % 3 != 0, incident=incident,
        after={"state": "triaged"},
    )  # fmt: skip


def chain(incident: str, length: int) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for number in range(length):
        previous = entries[-1].link.hash if entries and entries[-1].link else ""
        entries.append(linked(entry(incident, number), number, previous))
    return entries


def records(entries: Iterable[AuditEntry], low: int = 0) -> list[Found]:
    return [
        Found(value=one.encode(), topic=TOPIC, partition=0, offset=low + offset) for offset, one in enumerate(entries)
    ]


def problems(entries: Sequence[AuditEntry], low: int = 0) -> list[tuple[str, str]]:
    return [(broke.place, broke.problem) for broke in verify(records(entries, low), {(TOPIC, 0): low}).breaks]


def test_a_whole_chain_is_whole_whatever_lies_between() -> None:
    one, other = chain("inc-1", 3), chain("inc-2", 2)
    mixed = [one[0], other[0], entry(None, 1), one[1], one[2], other[1]]
    found = verify(records(mixed), {(TOPIC, 0): 0})
    assert (found.entries, found.incidents, found.others, found.breaks, found.begins) == (5, 2, 1, [], {})
    only = verify(records(mixed), {(TOPIC, 0): 0}, incident="inc-2")
    assert (only.entries, only.incidents) == (2, 1)


def test_an_entry_that_was_changed_is_named_with_its_place() -> None:
    entries = chain("inc-1", 4)
    entries[2] = entries[2].model_copy(update={"actor": "somebody else"})
    assert problems(entries) == [(f"{TOPIC}/0/2", "entry 2 of inc-1 was changed")]


def test_whoever_changes_one_has_to_change_all_later_ones() -> None:
    entries = chain("inc-1", 4)
    forged = linked(entries[1].model_copy(update={"actor": "x", "link": None}), 1, entries[0].link.hash)  # type: ignore[union-attr]
    assert problems([entries[0], forged, *entries[2:]]) == [
        (f"{TOPIC}/0/2", "entry 2 of inc-1 does not follow from the one before")
    ]


def test_an_entry_that_was_taken_out_or_slipped_in_is_found() -> None:
    entries = chain("inc-1", 4)
    assert problems([*entries[:1], *entries[2:]]) == [(f"{TOPIC}/0/1", "entry 1 of inc-1 is missing: 2 follows")]
    bare = entry("inc-1", 9)
    assert problems([*entries[:2], bare, *entries[2:]]) == [(f"{TOPIC}/0/2", f"{bare.id} stands in no chain")]
    twice = problems([*entries[:2], entries[1], *entries[2:]])
    assert [place for place, _ in twice] == [f"{TOPIC}/0/2"], "and what follows it is right again"


def test_a_beginning_that_retention_deleted_is_told_and_no_break() -> None:
    entries = chain("inc-1", 6)[4:]
    found = verify(records(entries, low=50), {(TOPIC, 0): 50})
    assert (found.breaks, found.begins) == ([], {"inc-1": 4})


def test_a_beginning_that_nothing_can_have_deleted_is_a_break() -> None:
    assert problems(chain("inc-1", 6)[4:]) == [
        (f"{TOPIC}/0/0", "it begins at entry 4, and nothing was deleted from the topic by age")
    ]


def test_what_is_no_entry_is_a_break_of_the_topic() -> None:
    junk = [Found(value=value, topic=TOPIC, partition=1, offset=7) for value in (b"{}", None, b"\xff")]
    found = verify([*records(chain("inc-1", 2)), *junk], {(TOPIC, 0): 0, (TOPIC, 1): 0})
    assert [(broke.place, broke.problem) for broke in found.breaks] == [(f"{TOPIC}/1/7", "it is no audit entry")] * 3


def test_an_empty_audit_is_whole() -> None:
    assert verify([], {}).breaks == []


@given(st.lists(st.sampled_from(["inc-1", "inc-2", "inc-3"]), max_size=25), st.data())
def test_any_single_forgery_but_the_loss_of_the_newest_is_found(order: list[str], data: st.DataObject) -> None:
    made: dict[str, list[AuditEntry]] = {}
    entries: list[AuditEntry] = []
    for name in order:
        before = made.setdefault(name, [])
        previous = before[-1].link.hash if before and before[-1].link else ""
        before.append(linked(entry(name, len(before)), len(before), previous))
        entries.append(before[-1])
    assert problems(entries) == []
    if not entries:
        return
    place = data.draw(st.integers(0, len(entries) - 1))
    victim = entries[place]
    newest = made[victim.incident or ""][-1] is victim
    without = [*entries[:place], *entries[place + 1 :]]
    assert bool(problems(without)) == (not newest)
    changed = victim.model_copy(update={"reason": "made up"})
    assert problems([*entries[:place], changed, *entries[place + 1 :]])
    assert hash_of(changed) != hash_of(victim)


@pytest.mark.parametrize("length", [1, 2, 400])
def test_long_chains_are_read_one_entry_at_a_time(length: int) -> None:
    found = verify(iter(records(chain("inc-1", length))), {(TOPIC, 0): 0})
    assert (found.entries, found.breaks) == (length, [])
