"""Calls that nobody wants to hear need not be drawn, and those after them are the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from producers.simulate.scenario import Scenario, scenario

START = datetime(2026, 6, 15, 9, tzinfo=UTC)
START_MS = int(START.timestamp() * 1000)


def made(name: str, users: int = 0) -> Scenario:
    length, onset = timedelta(minutes=3), timedelta(minutes=1)
    return scenario(name, seed=4, start=START, duration=length, onset=onset, rate=20.0, users=users)


@pytest.mark.parametrize("name", ["null", "checkout", "slow-leak", "erp", "checkout+erp", "ai-failover"])
@pytest.mark.parametrize("users", [0, 50])
@pytest.mark.parametrize("since_ms", [START_MS - 5, START_MS + 60_000, START_MS + 67_321, START_MS + 900_000])
def test_the_calls_since_then_are_those_of_the_whole(name: str, users: int, since_ms: int) -> None:
    whole = [call for call in made(name, users).calls() if call[0] >= since_ms]
    assert [call for call in made(name, users).calls(since_ms) if call[0] >= since_ms] == whole


def test_most_of_those_before_are_left_out() -> None:
    since_ms = START_MS + 67_321
    assert min(at_ms for at_ms, _ in made("checkout").calls(since_ms)) >= since_ms - 10_000
