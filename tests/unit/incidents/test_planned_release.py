"""A release that was planned opens a quiet window by itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.incidents.room import PAYMENTS, Room

UNTIL = "2026-06-15T10:00:00Z"


def planned(release: str = "2.5", until: str = UNTIL) -> dict[str, Any]:
    return {"deployment": {"release": release, "quiet_until": until}}


def test_incidents_of_its_service_rest_until_the_window_is_over() -> None:
    room = Room()
    room.deploy("2.5", **planned())
    name, other = room.find("a", PAYMENTS).incident, room.find("b", {"upstream": "mail"}).incident
    assert (room.now(name).state, room.now(other).state) == ("suppressed", "new")
    reasons = [entry.reason for entry in room.audit if entry.action == "mute"]
    assert reasons == ["expected: release 2.5 of payments was planned until 2026-06-15 10:00 UTC"]
    room.wait(3_600)
    assert room.now(name).state == "new"


def test_a_release_without_a_window_hides_nothing() -> None:
    room = Room()
    room.deploy("2.5")
    assert room.find("a", PAYMENTS).state == "new"


@pytest.mark.parametrize("until", ["2026-06-15T08:00:00Z", "2026-06-15T09:00:01Z"])
def test_a_window_that_is_over_hides_nothing(until: str) -> None:
    room = Room()
    room.deploy("2.5", **planned(until=until))
    room.wait(10)
    assert room.find("a", PAYMENTS).state == "new"


def test_no_release_rests_incidents_for_longer_than_a_night() -> None:
    room = Room()
    room.deploy("2.5", **planned(until="2027-06-15T10:00:00Z"))
    told = room.find("a", PAYMENTS)
    assert told.until is not None
    assert (told.until - room.at).total_seconds() <= 8 * 3_600


def test_what_a_person_said_of_a_longer_time_stays() -> None:
    room = Room()
    room.command("quiet", until="2026-06-15T12:00:00Z", reason="moving house", service="payments")
    room.deploy("2.5", **planned())
    told = room.find("a", PAYMENTS)
    assert told.until is not None
    assert told.until.hour == 12


def test_a_window_that_is_told_after_the_trouble_rests_it_too() -> None:
    rooms = Room(), Room()
    for number, room in enumerate(rooms):
        at = room.at.isoformat()
        if number:
            room.deploy("2.5", **planned(), occurred_at=at)
        name = room.find("a", PAYMENTS).incident
        if not number:
            room.deploy("2.5", **planned(), occurred_at=at)
        assert room.now(name).state == "suppressed"
        assert (room.now(name).attribution or pytest.fail("nothing is said of releases")).release == "2.5"


def test_trouble_that_somebody_works_on_does_not_rest() -> None:
    room = Room()
    at = room.at.isoformat()
    name = room.find("a", PAYMENTS).incident
    room.command("start", name)
    room.deploy("2.5", **planned(), occurred_at=at)
    assert room.now(name).state != "suppressed"
