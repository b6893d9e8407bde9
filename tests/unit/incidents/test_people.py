"""Who reports something is counted by one rule: distinct people who have a name, and reports without one."""

from __future__ import annotations

import pytest

from processors.incidents.grouped import who
from tests.unit.incidents.room import PAYMENTS, Room


def test_reports_without_a_name_are_told_apart_and_are_nobody_in_particular() -> None:
    room = Room()
    room.fail("c-1", user="p_0")
    name = room.find("a", PAYMENTS).incident
    for number in range(10):
        reporter = {"pseudonym": f"p_{number}"} if number < 5 else {"pseudonym": "p_0"} if number < 6 else {}
        room.say(f"f-{number}", call="c-1", reporter=reporter)
    room.wait(10)
    told = room.now(name)
    assert (told.reports, told.reporters, told.anonymous) == (10, 5, 4)
    assert next(item for item in told.evidence if item.id == "group:g").people == 5
    room.restart()
    room.say("f-10", call="c-1", reporter={})
    room.wait(10)
    assert (room.now(name).reporters, room.now(name).anonymous) == (5, 5)


def test_people_who_give_no_name_can_open_an_incident_and_are_said_to_have_none() -> None:
    room = Room()
    for number in range(5):
        room.say(f"f-{number}", reporter={} if number else {"pseudonym": "p_0"})
    room.group("g", 5, reporters=1, anonymous=4)
    room.wait(130, step=5)
    told = room.having("group:g")
    assert (told.reports, told.reporters, told.anonymous) == (5, 1, 4)
    assert told.evidence[0].reason == "1 person and 4 without a name report the same"


def test_no_more_reports_in_an_hour_than_reports() -> None:
    room = Room()
    for number in range(5):
        room.say(f"f-{number}")
    room.group("g", 5, last_hour=25)
    room.wait(130, step=5)
    told = room.having("group:g")
    assert (told.reports, told.score.inputs.reports) == (5, 5)


@pytest.mark.parametrize(
    ("people", "anonymous", "said"),
    [
        (6, 4, "6 people and 4 without a name"), (6, 0, "6 people"), (0, 4, "4 without a name"), (0, 0, "0 people"),
        (1, 0, "1 person"),
    ],
)  # fmt: skip
def test_who_reported_is_said(people: int, anonymous: int, said: str) -> None:
    assert who(people, anonymous) == said
