"""How long it took to acknowledge and to resolve an incident stays known when it is over."""

from __future__ import annotations

from datetime import timedelta

from tests.unit.incidents.room import PAYMENTS, Room

HOUR = 3_600.0


def test_times_and_targets_stay_when_it_is_resolved_and_closed() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    opened = room.now(name).opened_at
    room.wait(120)
    room.command("acknowledge", name)
    room.wait(600)
    room.command("resolve", name)
    resolved = room.now(name)
    assert (resolved.acknowledged_at, resolved.resolved_at) == (
        opened + timedelta(seconds=121), opened + timedelta(seconds=722),
    )  # fmt: skip
    assert (resolved.to_acknowledge_s, resolved.to_resolve_s) == (121, 722)
    assert {target.what: target.state for target in resolved.targets} == {
        "acknowledge": "met", "fix": "met", "communicate": "waiting",
    }  # fmt: skip
    room.find("a", PAYMENTS, state="closed")
    room.wait(9 * 86_400, step=HOUR)
    closed = room.now(name)
    assert closed.state == "closed"
    assert (closed.resolved_at, closed.to_resolve_s) == (resolved.resolved_at, 722)
    assert closed.targets == resolved.targets, "as they stood when it was resolved"


def test_an_open_one_has_not_been_resolved_yet() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    told = room.now(name)
    assert (told.acknowledged_at, told.resolved_at, told.to_acknowledge_s, told.to_resolve_s) == (None,) * 4
    room.command("resolve", name, id="over")
    room.command("reopen", name)
    assert (room.now(name).resolved_at, room.now(name).to_resolve_s) == (None, None)
    assert room.now(name).to_acknowledge_s is not None, "it was looked after once"


def test_a_resolve_that_is_taken_back_leaves_no_time() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    room.command("start", name)
    room.command("resolve", name, id="too early")
    room.command("take_back", name, command="too early")
    told = room.now(name)
    assert (told.state, told.resolved_at) == ("in_progress", None)
    assert next(target for target in told.targets if target.what == "fix").met_at is None


def test_what_was_no_incident_and_what_is_part_of_another_has_no_targets() -> None:
    room = Room()
    one, other = room.find("a", PAYMENTS).incident, room.find("b", {"upstream": "mail"}).incident
    room.command("reject", one, reason="a load test")
    assert room.now(one).targets == ()
    assert room.now(one).resolved_at is None
    third = room.find("c", {"upstream": "search"}).incident
    room.command("merge", other, into=third)
    assert room.now(other).targets == ()


def test_what_acknowledged_it_and_is_taken_back_leaves_the_target_open() -> None:
    for action, said in (
        ("mute", {"reason": "known", "until": "2026-06-15T12:00:00Z"}), ("acknowledge", {}), ("assign", {"owner": "x"}),
    ):  # fmt: skip
        room = Room()
        name = room.find("a", PAYMENTS).incident
        room.command(action, name, id="too early", **said)
        assert room.now(name).acknowledged_at is not None
        room.restart()
        room.command("take_back", name, command="too early")
        told = room.now(name)
        assert (told.state, told.acknowledged_at, told.to_acknowledge_s) == ("new", None, None), action
        assert next(target for target in told.targets if target.what == "acknowledge").met_at is None


def test_taking_back_what_came_after_the_acknowledgement_leaves_that() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    room.command("acknowledge", name)
    room.command("mute", name, id="too early", reason="known", until="2026-06-15T12:00:00Z")
    room.command("take_back", name, command="too early")
    assert (room.now(name).state, room.now(name).to_acknowledge_s) == ("triaged", 1)
