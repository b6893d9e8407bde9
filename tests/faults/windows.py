"""Late, early and repeated calls against a stage with windows: what it publishes adds up to a recount."""

from __future__ import annotations

import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import orjson

from contracts.calls import SERVING_FAILURES
from contracts.topics import CALLS, HEALTH
from contracts.windows import WINDOW_S
from tests.faults.clocks import SHIFTS
from tests.faults.processes import ONE_KILL, settled
from tests.faults.row import Ground, Verdict, row
from tests.faults.system import System
from tests.scenarios.workers import wait_until

Counts = Counter[tuple[int, str, str]]
"""Calls and failed calls by start of their window, in seconds since 1970, and route."""
STAGES = ("telemetry", "health")
PORTIONS = 6
"""Windows close between them, so that what is late is late for good."""
BEGAN = timedelta(seconds=450)
"""How long ago calls begin: those that happen 500 s later than their number says come less than a minute early."""
CLOSED_S = 150
"""The last window is over a minute after the last call at most, and closes 75 s later at the latest."""


@row("20c", "Calls late, early, mixed up and twice against the stage with windows: its sums equal a recount")
def windows(ground: Ground) -> Verdict:
    verdicts = [_windows(ground, killed) for killed in (("health",), STAGES)]
    return max(verdicts, key=lambda verdict: len(verdict.problems()))


def _windows(ground: Ground, killed: tuple[str, ...]) -> Verdict:
    """One course; whoever is killed is so between two portions or while it works at one."""
    dice, kills = ground.dice(), 0
    with ground.system() as system:
        system.plan.shifts, system.plan.began = SHIFTS, datetime.now(UTC) - BEGAN
        system.plan.repeat_share = 0.0 if "telemetry" in killed else 0.2  # a new process has not seen the ids before
        system.start(*STAGES)
        portions = PORTIONS * (2 if ground.full else 1)
        for portion in range(portions):
            if portion == portions - 1:  # whatever the pace: what this one holds of closed windows is late
                wait_until(lambda: bool(published(system)), CLOSED_S, lambda: "no window has closed")
            system.feed(1_500, dice)
            time.sleep(dice.uniform(0, 10))
            for stage in killed:
                system.wait_begun(stage)
                system.end(stage, signal.SIGKILL)
                system.start(stage)
                kills += 1
        verdict = settled(system, repeats_at_most=kills * ONE_KILL)
        truth = recount(system)
        wait_until(lambda: published(system) == truth, CLOSED_S, lambda: difference(published(system), truth))
        assert any(orjson.loads(m.value())["correction"] for m in system.read(HEALTH.name)), "nothing was late"
        return verdict


def recount(system: System) -> Counts:
    """What the enriched calls add up to, each counted once."""
    calls = {event["id"]: event for event in (orjson.loads(message.value()) for message in system.read(CALLS.name))}
    total: Counts = Counter()
    for call in calls.values():
        start, route = _start(call["occurred_at"]), call["request"].get("route") or ""
        total[start, route, "calls"] += 1
        total[start, route, "failed"] += call["outcome"] in SERVING_FAILURES
    return +total


def published(system: System) -> Counts:
    """What the events of the stage add up to; corrections may be negative."""
    total: Counts = Counter()
    for message in system.read(HEALTH.name):
        event = orjson.loads(message.value())
        for name in ("calls", "failed"):
            total[_start(event["occurred_at"]), event["route"], name] += event[name]
    return +total


def difference(found: Counts, truth: Counts) -> str:
    """Some of what differs."""
    keys = sorted(key for key in truth | found if truth[key] != found[key])
    return f"{len(keys)} sums differ: " + ", ".join(f"{key}: {found[key]} for {truth[key]}" for key in keys[:5])


def _start(occurred_at: str) -> int:
    return int(datetime.fromisoformat(occurred_at).timestamp()) // WINDOW_S * WINDOW_S
