"""A surge is beyond chance and beyond the largest burst so far; one that is over is not learned."""

from __future__ import annotations

from random import Random

from processors.health.surge import MINUTE_S, NEW_NORMAL_S, Surge

START = 1_781_510_400


def fed(surge: Surge, start: int, minutes: int, rate: float, seed: int = 1) -> int:
    """Feed counts of so many a minute, one by one as they come; return how many raised an alarm."""
    random, at, alarms = Random(seed), float(start), 0
    while (at := at + random.expovariate(rate / MINUTE_S)) < start + minutes * MINUTE_S:
        surge.take(int(at), 1)
        alarms += surge.rise(int(at)) is not None
    return alarms


def test_noise_is_no_surge() -> None:
    for rate in (0.05, 0.5, 5.0, 40.0):
        assert not fed(Surge(START), START, 3 * 1_440, rate), rate


def test_three_times_the_usual_is_one_and_has_its_numbers() -> None:
    surge = Surge(START)
    fed(surge, START, 600, 5.0)
    assert fed(surge, START + 36_000, 10, 25.0, seed=2)
    rise = surge.rise(START + 36_599)
    assert rise is not None
    assert rise.warm
    assert 20 < rise.expected < 30, "five a minute, five minutes"
    assert 100 < rise.observed < 160
    assert rise.since == surge.rising_since < START + 36_300


def test_a_second_attack_like_the_first_is_told_as_well() -> None:
    surge = Surge(START)
    fed(surge, START, 300, 1.0)
    for attack in range(3):
        begin = START + 18_000 + attack * 18_000
        assert fed(surge, begin, 8, 30.0, seed=attack), attack
        assert not fed(surge, begin + 1_200, 200, 1.0, seed=attack), attack


def test_what_lasts_becomes_usual() -> None:
    surge = Surge(START)
    fed(surge, START, 300, 1.0)
    assert fed(surge, START + 18_000, NEW_NORMAL_S // MINUTE_S, 20.0)
    fed(surge, START + 18_000 + NEW_NORMAL_S, 120, 20.0)
    assert not fed(surge, START + 18_000 + NEW_NORMAL_S + 7_200, 120, 20.0)
    assert len(surge.rows) <= NEW_NORMAL_S // MINUTE_S + 6


def test_what_comes_late_is_counted() -> None:
    surge = Surge(START)
    fed(surge, START, 90, 2.0)
    before = sum(count for _, count in surge.rows)
    surge.take(START + 10, 3)
    assert sum(count for _, count in surge.rows) == before + 3


def test_it_is_stored_whole() -> None:
    surge = Surge(START)
    fed(surge, START, 90, 9.0)
    assert Surge.decode(surge.encode()) == surge
