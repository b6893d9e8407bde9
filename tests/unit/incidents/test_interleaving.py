"""Whatever order topics are read in, and whenever time passes, the same incidents come of it.

A broker keeps the order of each topic, not that between topics: a stage that was behind, or restarted, reads them
interleaved otherwise, and its clock ticks between other records. What must be the same in the end are the incidents
that were not merged into another: nature, calls concerned, state, evidence with its roles, who waits, complaints and
people. Ids follow from the first evidence of an incident: they are compared where the order is the same.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.incidents import Incident
from contracts.topics import INCIDENTS
from processors.incidents.stage import IncidentsStage
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Skipped
from processors.runtime.tables import State
from tests.unit.incidents.room import PAYMENTS, Room

LATE_S = 30.0
"""How far apart records of two topics may change places: a stage that was restarted has caught up by then."""
SETTLED_S = 600
Fed = list[tuple[datetime, str, bytes]]
"""When each record was written, its topic, and its value."""
Seen = list[tuple[Any, ...]]


def story() -> Fed:
    """Payments that fail in one browser, a slow database with whoever waits, people who write, a release, an alert."""
    room, random = Room(), Random(20260615)
    room.deploy("3.3.0")
    for number in range(40):
        room.fail(f"pay-{number}", user=f"p_{number % 15}")
        _page(room, number)
        if number == 7:
            room.deploy("3.3.1")
        if number == 8:
            room.find("pay", PAYMENTS)
        if number == 10:
            _slow(room, "opened")
        if number == 14:
            room.take("hypercare.signals.v1", id="alert", kind="alert", service="payments",
                      alert={"name": "errors", "summary": "payments fail"})  # fmt: skip
        if number == 20:
            room.find("pay-narrow", PAYMENTS | {"country": "DE"})
        if number > 5:
            _say(room, number, random)
        if number in {18, 30}:
            room.group("cannot-pay", number, title="I cannot pay")
    room.find("pay-narrow", PAYMENTS | {"country": "DE"}, state="closed")
    room.find("pay", PAYMENTS, state="updated")
    _slow(room, "updated")
    return _timed(room)


def _page(room: Room, number: int) -> None:
    slow = {"status": 200, "outcome": "ok", "blame": "none", "browser": "Firefox", "trace_id": f"t-{number}"}
    room.fail(f"orders-{number}", **slow, upstream="orders", route="/orders", total_ms=900.0)
    room.fail(f"db-{number}", **slow, upstream="db", route="/db", total_ms=600.0)


def _slow(room: Room, state: str) -> None:
    room.find("db", {"upstream": "db"}, kind="latency", state=state, evidence={"own_ms": 900, "usual_own_ms": 200})


def _say(room: Room, number: int, random: Random) -> None:
    """Somebody names the call, somebody has only calls that may be it, and somebody follows the group."""
    if number % 4 == 0:
        room.say(f"said-{number}", "cannot-pay", call=f"pay-{number}")
    elif number % 4 == 1:
        behind = [f"pay-{number - back}" for back in range(4)]
        room.say(f"said-{number}", "cannot-pay", candidates=[{"call": call, "probability": 0.1} for call in behind])
    elif number % 4 == 2:
        link = {
            "call": f"orders-{number}", "occurred_at": room.at.isoformat(), "by": "session", "points": 5,
            "probability": round(random.uniform(0.6, 0.99), 2), "lag_s": 60, "route": "/orders",
            "upstream": "orders", "outcome": "slow", "evidence": {"tone": 1.0},
        }  # fmt: skip
        room.say(f"said-{number}", f"slow-{number % 3}", links=[link])
    else:
        room.say(f"said-{number}", "cannot-pay")


def _timed(room: Room) -> Fed:
    return [(datetime.fromisoformat(json.loads(value)["occurred_at"]), topic, value) for topic, value in room.fed]


def play(fed: Fed, ticks: Callable[[int], bool] = lambda _: False) -> dict[str, Incident]:
    """Feed records in this order, each at its own time of writing; time passes after those that are asked."""
    stage = IncidentsStage(b"k")
    state, told, now = State(stage.tables), dict[str, Incident](), fed[0][0]

    def see(outputs: Any) -> None:
        for output in outputs:
            if output.topic == INCIDENTS.name:
                incident = Incident.model_validate_json(output.value)
                told[incident.incident] = incident

    for number, (at, topic, value) in enumerate(fed):
        try:
            see(stage.process(PlainRecord(value, topic=topic, timestamp=int(at.timestamp() * 1000)), state))
        except Skipped:
            continue
        now = max(now, at)
        if ticks(number):
            see(stage.tick(now, state))
    end = max(at for at, _, _ in fed)
    for second in range(0, SETTLED_S, 5):
        see(stage.tick(end + timedelta(seconds=second), state))
    return told


def same(told: dict[str, Incident]) -> Seen:
    """What must not depend on the order."""
    return sorted(
        (
            one.nature, sorted((each.attribute, each.value) for each in one.cause), one.state, one.onset,
            sorted(one.victims), sorted(one.feedback), one.reports, one.users, one.reporters,
            sorted((item.id, item.role, item.count) for item in one.evidence),
            one.attribution.verdict if one.attribution else "",
        )
        for one in told.values()
        if one.merged_into is None
    )  # fmt: skip


def late(fed: Fed, by_topic: dict[str, float]) -> Fed:
    """Each topic is read so many seconds later than it was written; its own order stays."""
    read = ((at + timedelta(seconds=by_topic.get(topic, 0.0)), number) for number, (at, topic, _) in enumerate(fed))
    return [fed[number] for _, number in sorted(read)]


FED = story()
TOPICS = sorted({topic for _, topic, _ in FED})
PLAYED = play(FED)


def test_the_story_has_both_incidents_and_their_complaints() -> None:
    causes = sorted(spelled for one in PLAYED.values() if not one.merged_into for spelled in [str(one.cause)])
    assert len(causes) == 2
    assert all(one.feedback for one in PLAYED.values() if not one.merged_into)
    assert any(one.victims == ("orders",) for one in PLAYED.values())


@settings(max_examples=80)
@given(st.dictionaries(st.sampled_from(TOPICS), st.floats(0, LATE_S)))
@example(dict.fromkeys(TOPICS[:1], LATE_S))
@example(dict.fromkeys(TOPICS[1:], LATE_S))
def test_topics_that_are_read_later_than_others_change_nothing(by_topic: dict[str, float]) -> None:
    assert same(play(late(FED, by_topic))) == same(PLAYED)


@settings(max_examples=80)
@given(st.randoms(use_true_random=False), st.integers(1, 25))
def test_any_interleaving_within_the_lateness_changes_nothing(random: Random, runs: int) -> None:
    """Each topic is read in runs, each of which is late by some time of its own."""
    delays: dict[tuple[str, int], float] = {}
    keyed: list[tuple[float, int]] = []
    last: dict[str, float] = {}
    for number, (at, topic, _) in enumerate(FED):
        delay = delays.setdefault((topic, number // runs), random.uniform(0, LATE_S))
        read = max(at.timestamp() + delay, last.get(topic, 0.0))
        last[topic] = read
        keyed.append((read, number))
    heapq.heapify(keyed)
    fed = [FED[heapq.heappop(keyed)[1]] for _ in range(len(keyed))]
    assert same(play(fed)) == same(PLAYED)


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.floats(0, 0.5))
def test_another_batching_changes_neither_members_nor_ids(random: Random, often: float) -> None:
    told = play(FED, lambda _: random.random() < often)
    assert same(told) == same(PLAYED)
    assert {name for name, one in told.items() if not one.merged_into} == {
        name for name, one in PLAYED.items() if not one.merged_into
    }
