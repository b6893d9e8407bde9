"""A merge shows both as one, and taking it back leaves each as it would be without it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.incidents import Incident
from processors.incidents.calls import KEPT
from processors.runtime.stage import Skipped
from tests.unit.incidents.room import PAYMENTS, Room

MAIL = {"upstream": "mail"}
SEARCH = {"upstream": "search"}
UNLIKE = {"id", "revision", "state_version", "state_since", "occurred_at", "rank"}
"""What tells of when and how often it was told, not of the incident."""


def fail(room: Room, name: str, where: str = "mail", **said: Any) -> None:
    """A call that failed at a service, from a browser that no cause names but that of the payments."""
    browser = "Mobile Safari" if where == "payments" else "Firefox"
    room.fail(name, **{"upstream": where, "route": f"/{where}", "browser": browser, **said})


def merged(room: Room, one: str, into: str) -> str:
    answer = room.command("merge", one, into=into, reason="the same network")
    assert answer.accepted, answer.refusal
    return str(answer.command)


def test_the_whole_is_called_as_what_it_was_merged_into_and_counts_everybody_once() -> None:
    room = Room()
    for number in range(40):
        fail(room, f"m-{number}", total_ms=9000.0, outcome="timeout", user=f"p_{number}")
    for number in range(5):
        fail(room, f"p-{number}", "payments", user=f"p_{number}")
    into = room.find("a", PAYMENTS, evidence={"calls": 50, "observed": 5}).incident
    many = {"calls": 650, "observed": 352}
    one = room.find("b", MAIL, kind="latency", evidence=many).incident
    room.say("f-1", "h", call="p-1")
    room.say("f-2", "i", call="m-7", links=[_link(room, "m-7")], reporter={"pseudonym": "p_7"})
    room.wait(20)
    before = room.now(into), room.now(one)
    assert (before[1].users, before[0].reports + before[1].reports) == (40, 2)
    merged(room, one, into)
    room.find("b", MAIL, kind="latency", state="updated", evidence=many)
    room.wait(20)
    told = room.now(into)
    assert (told.title, told.cause, told.blame) == (before[0].title, before[0].cause, before[0].blame)
    assert (told.observed, told.calls) == (5, 50), "of the finding that shows it best, which is its own"
    assert told.users == 40 + 1, "those of the slow mail, of whom some paid, and one who wrote and is no user of a call"
    assert (told.reports, told.reporters, set(told.feedback)) == (2, 2, {"f-1", "f-2"})


def _link(room: Room, call: str) -> dict[str, Any]:
    return {
        "call": call, "occurred_at": room.at.isoformat(), "by": "trace", "points": 5, "probability": 0.99, "lag_s": 60,
        "route": "/mail", "upstream": "mail", "outcome": "timeout",
    }  # fmt: skip


def test_people_whose_calls_are_no_longer_remembered_still_count() -> None:
    room = Room()
    for number in range(10):
        fail(room, f"old-{number}", user=f"p_old_{number}")
    one = room.find("b", MAIL).incident
    into = room.find("a", PAYMENTS).incident
    for number in range(KEPT):
        fail(room, f"c-{number}", "elsewhere", user="p_1")
    room.wait(10)
    assert room.now(one).users == 10
    command = merged(room, one, into)
    room.wait(10)
    assert room.now(into).users == 10
    room.command("take_back", one, command=command)
    room.wait(10)
    assert (room.now(one).users, room.now(into).users) == (10, 0)


Steps = st.lists(
    st.tuples(
        st.sampled_from(["fail", "fail", "say", "say", "hear", "group", "find", "narrow", "slow", "restart", "wait"]),
        st.integers(0, 5),
        st.sampled_from(["payments", "mail", "search"]),
    ),
    max_size=14,
)


def step(room: Room, kind: str, number: int, where: str) -> None:
    """One thing that happens, the same whether or not anything is merged."""
    cause = {"payments": PAYMENTS, "mail": MAIL, "search": SEARCH}[where]
    if kind == "fail":
        fail(room, f"{where}-{number}", where)
    elif kind == "slow":
        fail(room, f"slow-{where}-{number}", where, outcome="ok", status=200, total_ms=900.0)
    elif kind == "say":
        link = {
            **_link(room, f"{where}-{number}"),
            "upstream": where,
            "route": f"/{where}",
            "outcome": "upstream_error",
        }
        room.say(f"f-{where}-{number}", f"g-{where}", links=[link], reporter={"pseudonym": f"p_{number}"})
    elif kind == "hear":
        room.say(f"h-{where}-{number}", f"g-{where}")
    elif kind == "group":
        room.group(f"g-{where}", number)
    elif kind == "find":
        room.find(where, cause, state="updated", evidence={"observed": 60 + number})
    elif kind == "narrow":
        room.find(f"{where}-{number}", {**cause, "country": "DE"})
    elif kind == "restart":
        room.restart()
    else:
        room.wait(20 * number)


def play(before: Any, meanwhile: Any, after: Any, *, merges: bool) -> dict[str, dict[str, Any]]:
    """What is told in the end of a story, in the middle of which two incidents are one, or are not."""
    room, said = Room(), set[tuple[str, int, str]]()

    def go(steps: Any) -> None:
        for one in steps:
            if one in said:
                continue
            if one[0] in {"say", "hear"}:
                said.add(one)
            try:
                step(room, *one)
            except Skipped:
                continue

    for where in ("payments", "mail", "search"):
        for number in range(2):
            fail(room, f"{where}-first-{number}", where)
    names = {where: room.find(where, cause).incident for where, cause in
             (("payments", PAYMENTS), ("mail", MAIL), ("search", SEARCH))}  # fmt: skip
    go(before)
    commands = {}
    if merges:
        commands["mail"] = merged(room, names["mail"], names["payments"])
    else:
        room.at += timedelta(seconds=1)
    go(meanwhile)
    if merges:
        back = room.command("take_back", names["mail"], command=commands["mail"])
        assert back.accepted, back.refusal
    else:
        room.at += timedelta(seconds=1)
    go(after)
    room.wait(180)
    room.check_chains()
    return {name: _seen(incident) for name, incident in room.incidents.items()}


def _seen(incident: Incident) -> dict[str, Any]:
    told = incident.model_dump(exclude=UNLIKE)
    for item in told["evidence"]:
        if item["kind"] == "group":
            del item["reason"]  # it names how many reports the group had when this was last looked at
    return told


@settings(max_examples=40, deadline=None)
@given(Steps, Steps, Steps)
def test_a_merge_that_is_taken_back_has_changed_nothing(before: Any, meanwhile: Any, after: Any) -> None:
    with_it, without = (play(before, meanwhile, after, merges=merges) for merges in (True, False))
    assert set(with_it) == set(without)
    for name in without:
        assert with_it[name] == without[name]


@pytest.mark.parametrize("inner_first", [True, False])
def test_a_part_of_a_part_comes_out_as_if_it_had_never_been_one(*, inner_first: bool) -> None:
    with_it, without = (_nested(inner_first=inner_first, merges=merges) for merges in (True, False))
    assert with_it == without


def _nested(*, inner_first: bool, merges: bool) -> dict[str, dict[str, Any]]:
    room, names, commands = Room(), {}, {}
    for where, cause in (("payments", PAYMENTS), ("mail", MAIL), ("search", SEARCH)):
        for number in range(3):
            fail(room, f"{where}-{number}", where)
        names[where] = room.find(where, cause).incident
        step(room, "say", 1, where)
    room.wait(20)
    for one, into in (("search", "mail"), ("mail", "payments")):
        room.at += timedelta(seconds=0 if merges else 1)
        if merges:
            commands[one] = merged(room, names[one], names[into])
    fail(room, "search-x", "search")
    fail(room, "mail-x", "mail")
    step(room, "narrow", 1, "search")
    step(room, "hear", 1, "search")
    room.wait(20)
    if merges:
        assert room.now(names["payments"]).users == 9 + 2 + 1, "who called, who called later, and who wrote"
        room.restart()
    for one in ("search", "mail") if inner_first else ("mail", "search"):
        room.at += timedelta(seconds=0 if merges else 1)
        if merges:
            assert room.command("take_back", names[one], command=commands[one]).accepted
    room.wait(180)
    room.check_chains()
    return {name: _seen(incident) for name, incident in room.incidents.items()}


def test_what_follows_a_merged_group_does_so_only_as_it_would_without_the_merge() -> None:
    before, meanwhile = [("say", 0, "mail"), ("say", 1, "mail")], [("hear", 2, "mail"), ("hear", 3, "payments")]
    assert play(before, meanwhile, [], merges=True) == play(before, meanwhile, [], merges=False)
    assert play(before[:1], meanwhile, [], merges=True) == play(before[:1], meanwhile, [], merges=False)
