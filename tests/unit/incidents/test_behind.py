"""An incident that only people speak of says which failing calls its complaints are linked to."""

from __future__ import annotations

from typing import Any

from hypercare.incidents.shown import shown
from tests.unit.incidents.room import Room

LINKED = "3 of its 5 reports are linked to calls that went wrong: GET /api/checkout 502 (2), /api/payments failed (1)"


def reported() -> Room:
    room = Room()
    for number in range(2):
        room.fail(f"c-{number}", method="GET", route="/api/checkout", upstream="shop")
    for number in range(5):
        call = {0: "c-0", 1: "c-1", 2: "forgotten"}.get(number)
        room.say(f"f-{number}", call=call)
    room.group("g", 5)
    room.wait(140, step=5)
    return room


def seen(room: Room) -> Any:
    told = room.having("group:g")
    return told.linked, told.cause, [sample.call for sample in told.samples], told.users


def test_the_calls_behind_its_complaints_are_said_and_shown_and_are_no_cause() -> None:
    room = reported()
    assert seen(room) == (LINKED, (), ["c-1", "c-0"], 5)
    lines = dict(shown(room.having("group:g")))
    assert lines["Cause"] == f"no finding yet; {LINKED}"
    room.restart()
    room.say("f-5")
    room.wait(10)
    assert seen(room)[0] == LINKED.replace("of its 5", "of its 6")


def test_where_something_is_found_that_says_it() -> None:
    room = Room()
    room.fail("c-0")
    room.say("f-0", call="c-0")
    told = room.find("a", {"upstream": "payments"})
    assert (told.linked, dict(shown(told))["Cause"]) == (None, "upstream payments")
    assert dict(shown(Room().find("b", {}, kind="volume_drop")))["Cause"] == "the whole project"


def test_without_linked_calls_nothing_is_said() -> None:
    room = Room()
    for number in range(4):
        room.say(f"f-{number}")
    room.group("g", 4)
    room.wait(140, step=5)
    assert (room.having("group:g").linked, room.having("group:g").samples) == (None, ())
    assert dict(shown(room.having("group:g")))["Cause"] == "telemetry shows none"
