"""Services that wait for a slow one are known by the traces of their calls, and complaints about them belong to it."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.incidents import Incident
from tests.unit.incidents.room import Room

DATABASE = {"upstream": "db"}


def slow(room: Room, name: str, service: str, took_ms: float, *, trace: str, **body: Any) -> None:
    said = {"status": 200, "outcome": "ok", "blame": "none", "browser": "Firefox", "route": f"/{service}"}
    room.fail(name, upstream=service, total_ms=took_ms, trace_id=trace, **(said | body))


def page(room: Room, number: int, service: str = "orders", *, page_ms: float = 900.0) -> None:
    """One page that asks the database: two calls of one trace."""
    slow(room, f"{service}-{number}", service, page_ms, trace=f"{service}-trace-{number}")
    slow(room, f"{service}-db-{number}", "db", 600.0, trace=f"{service}-trace-{number}")


def find(room: Room) -> Incident:
    return room.find("a", DATABASE, kind="latency", evidence={"own_ms": 900, "usual_own_ms": 200})


@pytest.mark.parametrize("calls_first", [True, False])
def test_most_slow_calls_of_who_waits_are_in_a_trace_of_the_cause(*, calls_first: bool) -> None:
    room = Room()
    name = "" if calls_first else find(room).incident
    for number in range(3):
        page(room, number)
    name = find(room).incident if calls_first else name
    assert room.now(name).victims == ("orders",)


def test_complaints_about_a_service_that_waits_belong_to_the_cause() -> None:
    room = Room()
    name = find(room).incident
    page(room, 0)
    link = {
        "call": "orders-0", "occurred_at": room.at.isoformat(), "by": "session", "points": 5, "probability": 0.8,
        "lag_s": 60, "route": "/orders", "upstream": "orders", "outcome": "slow", "evidence": {"tone": 1.5},
    }  # fmt: skip
    room.say("said", links=[link])
    assert room.now(name).reports == 0
    page(room, 1)
    page(room, 2)
    assert room.now(name).feedback == ("said",)


def test_whoever_is_shorter_than_the_cause_was_asked_by_it_and_does_not_wait() -> None:
    room = Room()
    name = find(room).incident
    for number in range(6):
        page(room, number, page_ms=100.0)
    assert room.now(name).victims == ()


def test_a_service_that_is_mostly_slow_for_another_reason_does_not_wait() -> None:
    room = Room()
    name = find(room).incident
    for number in range(12):
        slow(room, f"own-{number}", "orders", 900.0, trace=f"own-{number}")
    for number in range(6):
        page(room, number)
    assert room.now(name).victims == ()


def test_two_calls_are_too_few() -> None:
    room = Room()
    name = find(room).incident
    page(room, 0)
    page(room, 1)
    assert room.now(name).victims == ()


def test_failures_make_nobody_wait() -> None:
    room = Room()
    name = room.find("a", DATABASE, kind="errors").incident
    for number in range(4):
        page(room, number)
    assert room.now(name).victims == ()


def test_incidents_of_services_that_turn_out_to_wait_become_symptoms() -> None:
    room = Room()
    name = find(room).incident
    other = room.find(
        "b", {"upstream": "orders"}, kind="latency", evidence={"own_ms": 300, "usual_own_ms": 200}
    ).incident
    for number in range(3):
        page(room, number)
    assert (room.now(other).state, room.now(other).merged_into) == ("merged", name)
    assert [item.role for item in room.now(name).evidence if item.id == "finding:b"] == ["symptom"]


def test_a_restart_between_the_calls_of_a_trace_changes_nothing() -> None:
    rooms = Room(), Room()
    for room in rooms:
        find(room)
        for number in range(4):
            slow(room, f"page-{number}", "orders", 900.0, trace=f"trace-{number}")
            if room is rooms[1]:
                room.restart()
            slow(room, f"db-{number}", "db", 600.0, trace=f"trace-{number}")
        room.wait(60)
    assert rooms[0].told == rooms[1].told
    assert rooms[0].audit == rooms[1].audit
    assert rooms[0].told[-1].victims == ("orders",)


@pytest.mark.parametrize(
    ("by", "probability", "evidence", "belongs"),
    [
        ("trace", 0.6, {}, True),
        ("trace", 0.4, {"tone": 2.0}, False),
        ("session", 0.6, {"tone": 1.0}, True),
        ("session", 0.6, {"tone": -1.5, "words": 2.1}, True),
        ("user", 0.99, {"tone": -1.5, "words": 0.3}, False),
        ("user", 0.99, {}, False),
    ],
)
def test_in_a_session_the_words_have_to_speak_too(
    *, by: str, probability: float, evidence: dict[str, float], belongs: bool
) -> None:
    room = Room()
    name = find(room).incident
    page(room, 0)
    link = {
        "call": "orders-db-0", "occurred_at": room.at.isoformat(), "by": by, "points": 5, "probability": probability,
        "lag_s": 60, "route": "/db", "upstream": "db", "outcome": "slow", "evidence": evidence,
    }  # fmt: skip
    room.say("said", links=[link], category={"name": "question", "probability": 0.9})
    room.wait(10)
    assert room.now(name).feedback == (("said",) if belongs else ())
