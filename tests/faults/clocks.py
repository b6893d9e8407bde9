"""Time that is wrong: the clocks of our workers jump, and events come late, early, mixed up and twice."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from contracts.topics import CALLS, GATEWAY
from processors.event_time import CLAMPED, MAX_AGE, MAX_AHEAD
from tests.faults.auditor import read_raw
from tests.faults.kafka import behind_proxy
from tests.faults.processes import ONE_KILL, RATE, settled
from tests.faults.row import Ground, Verdict, row
from tests.faults.system import ALL, System
from tests.faults.wall_clock import WallClock
from tests.scenarios.counting_stage import CLOCK, TICKED_US, CountingStage
from tests.scenarios.engine_content import documents

JUMPS_S = (2_400, 0, -7_200, 7_200, 0, -86_400, 0)
"""Forth and back; at 7,200 a broker refuses what is written: it takes an hour ahead of its own clock at most."""
AHEAD_S, BACK_S = 2_400, 9_600
DAY_S = 86_400
SHIFTS = ((0, 0), (0, 0), (-60, 60), (-6 * DAY_S, 0), (0, 500), (-400 * DAY_S, -10 * DAY_S), (DAY_S, 4_000 * DAY_S))
"""Punctual, out of order, late, early, and too late and too early to be believed."""


@row("20", "The clock of the workers jumps forth and back, by minutes, hours and a day")
def jumps(ground: Ground) -> Verdict:
    clock = WallClock(ground.home)
    with ground.system(settings=clock.settings()) as system:
        system.feed(2_000)
        system.start(*ALL)
        with system.fed(RATE // 3, at_least=RATE):
            for jump in JUMPS_S * (3 if ground.full else 1):
                _all_at_work(system)
                clock.jump(jump)
                time.sleep(ground.dice().uniform(3, 6))
        verdict = settled(system, repeats_at_most=ONE_KILL * (1 + system.restarts))
        _time_went_on(system)
        return verdict


@row("20d", "The clock of the workers goes back by hours while Kafka is away")
def back_while_away(ground: Ground) -> Verdict:
    dice, clock = ground.dice(), WallClock(ground.home)
    with behind_proxy(ground, clock.settings()) as (proxy, system):
        with system.fed(RATE // 4, at_least=RATE):
            for _ in range(6 if ground.full else 1):
                _all_at_work(system)
                clock.jump(AHEAD_S)
                time.sleep(dice.uniform(1, 3))
                proxy.black_hole = True
                time.sleep(dice.uniform(0, 4))
                clock.jump(AHEAD_S - BACK_S)
                time.sleep(dice.uniform(0, 4))
                proxy.black_hole = False
                time.sleep(dice.uniform(0, 4))
        return settled(system, repeats_at_most=ONE_KILL * (1 + system.restarts))


@row("20b", "Events late, early, mixed up and twice: the same documents and state in any order")
def mixed_up(ground: Ground) -> Verdict:
    found, began = [], datetime.now(UTC)
    for order in (None, ground.dice()):
        with ground.system() as system:
            system.plan.shifts, system.plan.repeat_share, system.plan.began = SHIFTS, 0.2, began
            system.feed(20_000 if ground.full else 4_000, order)
            system.start(*ALL)
            verdict = settled(system, repeats_at_most=ONE_KILL)
            assert wrong_times(system.read(GATEWAY.name), system.read(CALLS.name)) == []
            found.append((system.totals(), _contents(system)))
    assert found[0] == found[1], "the order of the inputs made a difference"
    return verdict


def wrong_times(raw: list[Any], enriched: list[Any]) -> list[str]:
    """Outputs whose time is neither that of their event nor, where that is not to be believed, that of its record."""
    said = {one.place: one.seq for one in read_raw(raw) if one.seq is not None}
    wanted: dict[int, set[tuple[datetime, bool]]] = {}
    for message in raw:
        seq = said.get((message.partition(), message.offset()))
        if seq is not None:
            happened = datetime.fromisoformat(orjson.loads(message.value())["occurred_at"])
            came = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
            believed = came - MAX_AGE <= happened <= came + MAX_AHEAD
            wanted.setdefault(seq, set()).add((happened, False) if believed else (came, True))
    found = []
    for message in enriched:
        event = orjson.loads(message.value())
        got = (datetime.fromisoformat(event["occurred_at"]), CLAMPED in event["notes"])
        if got not in wanted[event["attributes"]["seq"]]:
            found.append(f"{event['id']}: {got}")
    return found


def _all_at_work(system: System) -> None:
    system.revive()
    for stage in ALL:
        system.wait_owning(stage)


def _time_went_on(system: System) -> None:
    """Ticks are there and none is earlier than the one before it."""
    last: dict[int, int] = {}
    key = f"{CLOCK.name}/{TICKED_US}".encode()
    for message in system.read(CountingStage.state.name):
        if message.key() == key:
            ticked = int(message.value())
            assert ticked >= last.get(message.partition(), 0), "time went backwards"
            last[message.partition()] = ticked
    assert last, "time stood still"


def _contents(system: System) -> dict[str, Mapping[str, Any]]:
    """Documents by number of their event, without what differs from run to run: when its record came."""
    hits = documents(system.real, f"logs-hypercare.calls-default.{system.plan.run}")
    found = {}
    for hit in hits:
        text = orjson.dumps(hit["_source"]).decode()
        if CLAMPED not in text:  # else its time is that of the record
            document = orjson.loads(text.replace(system.plan.run, "run"))
            del document["hypercare"]["delay_ms"]
            found[hit["_id"].removeprefix(system.plan.run)] = document
    return found
