"""Slower than ever within memory, by the typical latency of five minutes."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.windows import LATENCY_RATIO
from processors.health.usual.slowness import LASTS_S, Slowed, Slowness
from tests.unit.health.rhythms import DAY, HOUR, MONDAY

BINS_A_DAY = DAY // 300
LOG_RATIO = math.log(LATENCY_RATIO)


class Fed:
    """A route with lognormal latencies and a rhythm of its own: half as slow again at four in the afternoon."""

    def __init__(self, seed: int = 1, calls: int = 200, rhythm: float = 0.4) -> None:
        self.dice = np.random.default_rng(seed)
        self.slowness, self.calls, self.rhythm, self.at = Slowness(), calls, rhythm, MONDAY

    def run(self, bins: int, factor: float = 1.0) -> list[Slowed]:
        found = []
        for _ in range(bins):
            self.at += 300
            daily = 1 + self.rhythm * (1 + math.cos((self.at % DAY / HOUR - 16) / 24 * 2 * math.pi)) / 2
            logs = math.log(80 * daily * factor) + self.dice.normal(0, 0.7) / math.sqrt(self.calls)
            self.slowness.take(self.at, self.calls, round(logs / LOG_RATIO * self.calls))
            if self.slowness.slowed is not None:
                found.append(self.slowness.slowed)
        return found


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("calls", [30, 300, 3_000])
def test_noise_and_rhythm_are_not_slow(seed: int, calls: int) -> None:
    assert Fed(seed, calls).run(14 * BINS_A_DAY) == []


def test_a_route_that_becomes_half_as_slow_again_is_told_and_is_over_when_it_is_over() -> None:
    fed = Fed()
    assert fed.run(5 * BINS_A_DAY) == []
    told = fed.run(12, factor=1.6)
    assert len(told) >= 9
    assert told[0].now_ms / told[0].usual_ms == pytest.approx(1.6, rel=0.3)
    assert told[0].confidence >= 0.99
    assert MONDAY + 5 * DAY <= told[0].since <= MONDAY + 5 * DAY + 900
    assert len(fed.run(12)) <= 1


def test_a_new_normal_is_usual_after_a_day() -> None:
    fed = Fed()
    fed.run(5 * BINS_A_DAY)
    fed.run(LASTS_S // 300 + 2, factor=2.0)
    assert fed.run(3 * BINS_A_DAY, factor=2.0) == []


def test_on_the_first_day_nothing_is_held_against_the_baseline() -> None:
    fed = Fed()
    fed.run(BINS_A_DAY // 2)
    assert fed.run(12, factor=3.0) == []


def test_a_handful_of_calls_has_no_typical_latency() -> None:
    fed = Fed(calls=20)
    fed.run(5 * BINS_A_DAY)
    assert fed.run(12, factor=5.0) == []


values = st.lists(st.tuples(st.integers(0, 500), st.floats(-50, 400)), max_size=60)


@settings(max_examples=50)
@given(values, st.randoms(use_true_random=False))
def test_a_restored_one_goes_on_as_if_nothing_had_happened(past: list[tuple[int, float]], random: Random) -> None:
    one, at = Slowness(), MONDAY
    for timed, value in past:
        at += 300
        one.take(at, timed, round(timed * value))
    again = Slowness.decode(one.encode())
    for _ in range(5):
        at += 300
        value = random.uniform(100, 300)
        for each in (one, again):
            each.take(at, 100, round(100 * value))
        assert one.slowed == again.slowed
    assert one == again
