"""What is coming: a leak is announced with an interval, noise, rhythms and steps are not."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.findings import Finding
from hypercare.evaluate.pipeline import Pipeline
from processors.health.usual.outlook import LEAST_SLOWER, SMOOTH
from processors.health.usual.rise import Breach
from processors.health.usual.trend import Trend, share_noise
from producers.simulate.scenario import scenario
from tests.unit.health.rhythms import DAY, HOUR, MONDAY

pytestmark = pytest.mark.slow

ROOM = 40.0
"""Buckets from usual to slow: a factor of 2.2."""


class Fed:
    """The latency of a service by the minute, in buckets, with noise that may follow its neighbours."""

    def __init__(self, seed: int = 1, noise: float = 3.0, alike: float = 0.0, rhythm: float = 0.0) -> None:
        self.dice = np.random.default_rng(seed)
        self.trend, self.at = Trend(), MONDAY
        self.noise, self.alike, self.rhythm, self.rest = noise, alike, rhythm, 0.0

    def minute(self, more: float = 0.0) -> Breach | None:
        self.at += 60
        fresh = self.dice.normal() * self.noise * math.sqrt(1 - self.alike**2)
        self.rest = self.alike * self.rest + fresh
        daily = self.rhythm * (1 + math.cos((self.at % DAY / HOUR - 15) / 24 * 2 * math.pi)) / 2
        self.trend.take(self.at, 220 + daily + self.rest + more)
        return self.trend.breach(self.at, ROOM, least=LEAST_SLOWER, noise_floor=SMOOTH)

    def run(self, minutes: int, more: float = 0.0) -> list[Breach]:
        return [found for _ in range(minutes) if (found := self.minute(more)) is not None]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("noise", "alike", "rhythm"), [(3, 0, 0), (10, 0, 20), (4, 0.6, 20), (2, 0.8, 0)])
def test_neither_noise_nor_rhythm_is_announced(seed: int, noise: float, alike: float, rhythm: float) -> None:
    assert Fed(seed, noise, alike, rhythm).run(4 * DAY // 60) == []


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("high", [15, 25, 60])
def test_a_step_is_no_rise(seed: int, high: float) -> None:
    fed = Fed(seed)
    fed.run(90)
    assert fed.run(120, more=high) == []


@pytest.mark.parametrize("pace", [0.8, 2.0, 4.0])
def test_a_leak_is_announced_before_the_limit_with_an_interval_around_the_truth(pace: float) -> None:
    fed = Fed()
    fed.run(120)
    told = []
    for minute in range(1, int(ROOM / pace)):
        found = fed.minute(pace * minute)
        if found is not None:
            told.append(((fed.trend.usual + ROOM - 220) / pace - minute, found))
    assert told, "it was never announced"
    left, first = told[0]
    assert left >= 0.2 * ROOM / pace
    right = [
        found.earliest_s <= 60 * left + 60 and (found.latest_s is None or 60 * left - 60 <= found.latest_s)
        for left, found in told
    ]
    assert sum(right) >= 0.7 * len(right)
    assert first.breach_s >= first.earliest_s


def test_a_leak_of_a_day_is_announced_hours_before() -> None:
    fed = Fed(rhythm=10.0)
    fed.run(8 * DAY // 60)
    told = []
    for minute in range(1, 30 * 60):
        found = fed.minute(ROOM * minute / (30 * 60))
        if found is not None:
            told.append((30 * 60 - minute, found))
    assert told
    left, first = told[0]
    assert left > 4 * 60
    assert first.rhythm_s
    assert first.earliest_s / 60 < left * 1.3


def test_what_is_beyond_the_limit_is_not_coming() -> None:
    fed = Fed()
    fed.run(120)
    for minute in range(40):
        fed.minute(2 * minute)
    assert fed.run(30, more=80.0) == []


def test_the_noise_of_a_share_is_that_of_a_coin() -> None:
    assert share_noise(0.01, 10_000) == pytest.approx(0.000995, rel=1e-3)
    assert share_noise(0.0, 100) == pytest.approx(0.00995, rel=1e-3)


def test_what_is_no_measurement_changes_nothing() -> None:
    fed = Fed()
    fed.run(30)
    again = Trend.decode(fed.trend.encode())
    for value in (math.nan, math.inf, -math.inf, 1e35):
        fed.trend.take(fed.at + 60, value)
    assert fed.trend == again


@settings(max_examples=30)
@given(st.integers(1, 400), st.floats(0, 4), st.randoms(use_true_random=False))
def test_a_restored_trend_goes_on_as_if_nothing_had_happened(minutes: int, pace: float, random: Random) -> None:
    fed = Fed(random.randrange(1_000))
    for minute in range(minutes):
        fed.minute(max(0.0, pace * (minute - 100)))
    one, again, at = fed.trend, Trend.decode(fed.trend.encode()), fed.at
    for number in range(30):
        at += 60
        value = 220 + pace * number + random.gauss(0, 2)
        said = []
        for each in (one, again):
            each.take(at, value)
            said.append(each.breach(at, ROOM, least=LEAST_SLOWER, noise_floor=SMOOTH))
        assert said[0] == said[1]
    assert one == again


@pytest.fixture(scope="module")
def leak() -> list[Finding]:
    start = datetime(2026, 6, 15, 9, tzinfo=UTC)
    made = scenario(
        "slow-leak", seed=1, start=start, duration=timedelta(minutes=32), onset=timedelta(minutes=20), rate=80.0
    )
    return [finding for finding in Pipeline().run(made.calls()) if finding.state == "opened"]


def test_the_slow_leak_is_announced_before_the_latency_detector_speaks(leak: list[Finding]) -> None:
    assert [finding.kind for finding in leak][:2] == ["forecast", "latency"]
    first, late = leak[0], leak[1]
    assert {(d.attribute, d.value) for d in first.cause} == {(d.attribute, d.value) for d in late.cause}
    assert late.occurred_at - first.occurred_at >= timedelta(minutes=2)
    assert first.evidence.breach_s is not None
    assert "will be reached in" in first.sentence
    assert "no rhythm of the day is known yet" in first.caveats[0]
    assert first.confidence < 0.9
