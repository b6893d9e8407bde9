"""What the topic tells of incidents, now and at a moment of the past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.cloudevents import headers_for
from contracts.incidents import Incident
from hypercare.incidents.told import at, now
from hypercare.topic_reader import Found
from tests.unit.incidents_made import NOON, checkout, every, incident, merged
from tests.unit.incidents_made import WISH as INPUTS
from tests.unit.incidents_made import at as minutes


def record(told: Incident, offset: int = 0, told_at: datetime = NOON) -> Found:
    return Found(
        value=told.encode(),
        key=told.incident.encode(),
        headers=tuple((name, value) for name, value in headers_for(told, "urn:test") if isinstance(value, bytes)),
        topic="hypercare.incidents.v1",
        partition=0,
        offset=offset,
        timestamp=int(told_at.timestamp() * 1000),
    )


def revision(number: int, occurred: float, *, name: str = "inc-1", **said: object) -> Incident:
    return incident(name, INPUTS, revision=number, occurred_at=minutes(occurred), **said)


def test_each_incident_is_there_once_as_it_was_told_last() -> None:
    told = now([record(revision(0, 0)), record(checkout()), record(revision(1, 1)), record(merged())])
    assert sorted((one.incident, one.revision) for one in told.incidents) == [
        ("inc-1", 1), ("inc-7c41aa", 12), ("inc-7c9000", 6),
    ]  # fmt: skip


def test_what_is_no_incident_is_counted_and_costs_nothing_else() -> None:
    junk = [Found(value=value, key=value, topic="t") for value in (b"", b"\xff", b"[]", b'{"a":1}', b"{" * 99)]
    told = now([*junk, record(checkout()), Found(value=None, key=b"gone", topic="t")])
    assert ([one.incident for one in told.incidents], told.unreadable) == (["inc-7c41aa"], 5)
    past = at([*junk, record(checkout())], minutes(60))
    assert ([one.incident for one in past.incidents], past.unreadable) == (["inc-7c41aa"], 5)


def test_what_was_deleted_is_not_there() -> None:
    assert now([record(checkout()), Found(value=None, key=b"inc-7c41aa", topic="t")]).incidents == ()


def test_at_a_moment_the_last_revision_told_before_it_counts() -> None:
    records = [record(revision(number, 10 * number)) for number in range(5)]
    for moment, expected in ((-1, []), (0, [0]), (9, [0]), (10, [1]), (35, [3]), (99, [4])):
        assert [one.revision for one in at(records, minutes(moment)).incidents] == expected


def test_a_revision_for_something_late_was_not_told_before_what_is_newer() -> None:
    """Revision 2 is about 10:03, but came when 10:05 had been told: at 10:04 nobody knew of it."""
    records = [record(revision(0, 0)), record(revision(1, 5)), record(revision(2, 3)), record(revision(3, 6))]
    assert [one.revision for one in at(records, minutes(4)).incidents] == [0]
    assert [one.revision for one in at(records, minutes(5)).incidents] == [2]


def test_another_project_on_the_same_partition_has_a_clock_of_its_own() -> None:
    records = [record(revision(0, 500, name="inc-2", project="other")), record(revision(0, 1))]
    assert [one.incident for one in at(records, minutes(10)).incidents] == ["inc-1"]


def test_by_kafka_s_time_it_is_what_subscribers_had_been_told() -> None:
    records = [record(revision(0, 0), told_at=minutes(60)), record(revision(1, 1), told_at=minutes(90))]
    assert at(records, minutes(30), by_kafka=True).incidents == ()
    assert [one.revision for one in at(records, minutes(61), by_kafka=True).incidents] == [0]
    assert [one.revision for one in at(records, minutes(30)).incidents] == [1]


def test_what_is_no_longer_kept_of_so_long_ago_is_said() -> None:
    kept = [
        record(revision(7, 100, opened_at=minutes(0))),
        record(revision(0, 101, name="inc-2", opened_at=minutes(1), project="late")),
    ]
    told = at(kept, minutes(50))
    assert (told.incidents, told.forgotten) == ((), ("inc-1",)), "the other was told first after the moment"


revisions = st.lists(
    st.tuples(st.sampled_from(["inc-1", "inc-2", "inc-3"]), st.sampled_from(["shop", "erp"]), st.integers(0, 60)),
    max_size=30,
)


@given(revisions, st.integers(-1, 61))
def test_the_past_is_what_had_been_told_then(history: Sequence[tuple[str, str, int]], moment: int) -> None:
    """Beside it a subscriber who kept the list from the beginning, and looked when the moment had come."""
    records, newest, seen = [], {}, {}
    clocks: dict[str, int] = {}
    for offset, (name, project, minute) in enumerate(history):
        told = revision(offset, minute, name=f"{name}-{project}", project=project)
        records.append(record(told, offset))
        clocks[project] = max(minute, clocks.get(project, minute))
        newest[told.incident] = offset
        if clocks[project] <= moment:
            seen[told.incident] = offset
    past = at(records, minutes(moment))
    assert {one.incident: one.revision for one in past.incidents} == seen
    assert {one.incident: one.revision for one in now(records).incidents} == newest
    assert at(records, minutes(100)) == at(records, minutes(60))


@pytest.mark.parametrize("hours", [-12, 5.5, 14])
def test_the_zone_in_which_a_moment_is_given_does_not_matter(hours: float) -> None:
    from datetime import timezone  # noqa: PLC0415

    moment = minutes(5).astimezone(timezone(timedelta(hours=hours)))
    assert at(map(record, every()), moment) == at(map(record, every()), minutes(5))
