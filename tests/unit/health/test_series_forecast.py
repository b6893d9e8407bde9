"""A slow degradation is announced before it hurts, and a rhythm is not taken for one."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.health.series.forecast import SURE_Z, Forecast, forecast
from processors.health.series.history import Bins, History
from processors.health.series.rhythm import DAY_S, HOUR_S, WEEK_S, rhythm
from processors.health.series.slope import FEWEST, slope

START = 1_750_000_000 // WEEK_S * WEEK_S
EVERY = 300
QUARTER = 900


def past(value_at: Callable[[float], float], hours: float) -> tuple[History, float]:
    """A history of five-minute values from `START`, by hours since then; and the time at its end."""
    history = History()
    for number in range(int(hours * HOUR_S // EVERY)):
        history.take(START + EVERY * number, value_at(number * EVERY / HOUR_S))
    return history, START + hours * HOUR_S


def told(found: Forecast | None) -> Forecast:
    assert found is not None
    return found


def test_a_line_reaches_its_limit_when_the_damped_line_does() -> None:
    """Half of what a slope can still bring is reached after ln 2 of the time it was seen."""
    history, now = past(lambda hour: hour, 12)
    plain = told(forecast(history, now, limit=13.0))
    assert plain.slope.middle * HOUR_S == pytest.approx(1.0, abs=1e-4)
    assert plain.level == pytest.approx(12.0, abs=0.1)
    half = plain.level + plain.slope.middle * plain.seen_s / 2
    breach_s = told(forecast(history, now, limit=half)).breach_s
    assert breach_s is not None
    assert 0 <= breach_s - plain.seen_s * math.log(2) <= QUARTER
    assert plain.rhythm_s == 0, "half a day says nothing about days"


def test_more_than_the_slope_can_bring_is_not_announced() -> None:
    history, now = past(lambda hour: hour, 12)
    assert forecast(history, now, limit=12.0 + 13.0) is None


def test_in_breach_is_now() -> None:
    history, now = past(lambda hour: hour, 12)
    assert told(forecast(history, now, limit=11.0)).breach_s == 0.0


def test_below_is_above_upside_down() -> None:
    up, now = past(lambda hour: hour, 12)
    down, _ = past(lambda hour: -hour, 12)
    above, below = told(forecast(up, now, 15.0)), told(forecast(down, now, -15.0, above=False))
    assert (below.breach_s, below.earliest_s, below.latest_s) == (above.breach_s, above.earliest_s, above.latest_s)
    assert forecast(up, now, 0.0, above=False) is None, "it moves away from there"


def test_outliers_move_neither_slope_nor_breach_much() -> None:
    plain, now = past(lambda hour: hour, 12)
    spiky, _ = past(lambda hour: hour + (500.0 if int(hour * 4) % 10 == 3 else 0.0), 12)
    one, other = told(forecast(plain, now, 15.0)), told(forecast(spiky, now, 15.0))
    assert other.slope.middle == pytest.approx(one.slope.middle, rel=0.25)
    assert one.breach_s is not None
    assert other.earliest_s <= one.breach_s


def test_noise_makes_an_interval_around_the_breach() -> None:
    random = Random(2)
    history, now = past(lambda hour: hour + random.gauss(0, 2), 12)
    found = told(forecast(history, now, 16.0))
    assert found.breach_s is not None
    assert found.earliest_s < found.breach_s
    assert found.latest_s is None or found.breach_s < found.latest_s


def busy_by_day(random: Random) -> Callable[[float], float]:
    """Busy at noon, quiet at weekends (`START` is a Thursday), with noise that lasts."""
    last = 0.0

    def value_at(hour: float) -> float:
        nonlocal last
        last = 0.8 * last + random.gauss(0, 1.5)
        weekend = int(hour // 24) % 7 in (2, 3)
        return (100 - 60 * math.cos(math.tau * hour / 24)) * (0.5 if weekend else 1.0) + last

    return value_at


@pytest.mark.parametrize("seed", range(3))
def test_a_rhythm_is_no_trend_once_a_week_was_seen(seed: int) -> None:
    value_at = busy_by_day(Random(seed))
    history = History()
    for number in range(15 * DAY_S // EVERY):
        at = START + number * EVERY
        history.take(at, value_at(number * EVERY / HOUR_S))
        if number * EVERY >= 9 * DAY_S and at % (3 * HOUR_S) == 0:
            assert forecast(history, at, limit=200.0) is None


@pytest.mark.parametrize("seed", range(3))
def test_a_leak_within_a_rhythm_is_announced_hours_before(seed: int) -> None:
    """Five units an hour from the twelfth midnight on: noon has 160: 250 is reached on the second day."""
    value_at = busy_by_day(Random(seed))
    leak = 12 * 24
    history, now = past(lambda hour: value_at(hour) + 5 * max(0.0, hour - leak), leak + 18)
    found = told(forecast(history, now, limit=250.0))
    assert found.rhythm_s == WEEK_S
    assert found.breach_s is not None
    breach_hour = 18 + found.breach_s / HOUR_S
    true_hour = next(
        hour / 4 for hour in range(18 * 4, 48 * 4) if 100 - 60 * math.cos(math.tau * hour / 96) + 5 * hour / 4 >= 250
    )
    assert breach_hour == pytest.approx(true_hour, abs=1.5)
    assert found.earliest_s > 0


def test_nothing_is_said_of_too_little() -> None:
    assert forecast(History(), START, 1.0) is None
    history, now = past(lambda hour: hour, 1)
    assert forecast(history, now, limit=2.0) is None


def test_a_constant_is_no_trend() -> None:
    history, now = past(lambda _: 5.0, 100)
    assert forecast(history, now, limit=5.1) is None


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(-20, 20))
def test_scale_changes_nothing(seed: int, power: int) -> None:
    random = Random(seed)
    values = [hour / 12 + random.gauss(0, 1) for hour in range(12 * 12)]
    found = []
    for scale in (1.0, 2.0**power):
        history, now = past(lambda hour, scale=scale: values[round(hour * 12)] * scale, 12)  # type: ignore[misc]
        one = forecast(history, now, 15.0 * scale)
        found.append(one and (one.breach_s, one.earliest_s, one.latest_s, one.slope.z))
    assert found[0] == found[1]


def test_slope_of_four_in_five_points_on_a_line() -> None:
    times = np.arange(10.0)
    values = 2.0 * times
    values[4] = 1000.0
    found = slope(times, values)
    assert found is not None
    assert found.middle == 2.0
    assert found.low <= 2.0 <= found.high
    assert found.z > 2.5


def test_the_error_of_a_slope_by_hand() -> None:
    """Ten points above and below a flat line in turn: noise 1.4826, √8.25 their spread in time, 8 of 10 left."""
    found = slope(np.arange(10.0), np.array([1.0, -1.0] * 5))
    assert found is not None
    assert found.middle == pytest.approx(-0.0, abs=0.3)
    error = 1.4826 / (math.sqrt(8.25) * math.sqrt(8))
    assert found.high - found.low == pytest.approx(2 * 1.645 * error)
    assert slope(np.arange(FEWEST - 1.0), np.arange(FEWEST - 1.0)) is None


@pytest.mark.parametrize(("follows", "at_most"), [(0.0, 0), (0.8, 10), (0.9, 20)])
def test_noise_that_follows_itself_is_seldom_taken_for_a_trend(follows: float, at_most: int) -> None:
    """Of 200 windows of six hours; the limits are twice what `SURE_Z` says."""
    random = np.random.default_rng(4)
    sure = 0
    for _ in range(200):
        noise = np.zeros(100)
        for number in range(1, 100):
            noise[number] = follows * noise[number - 1] + random.normal()
        found = slope(np.arange(24.0), noise[-24:])
        sure += found is not None and abs(found.z) >= SURE_Z
    assert sure <= at_most


def test_a_rhythm_is_found_beside_a_trend() -> None:
    """Ten units more at every sixth hour, and one unit more each day."""
    times = START + HOUR_S * (np.arange(72.0) + 0.5)
    values = np.arange(72) / 24 + np.where(np.arange(72) % 24 == 6, 10.0, 0.0)
    found = rhythm(times, values)
    assert found.period_s == DAY_S
    assert found.hours[6] == pytest.approx(10.0, abs=0.1)
    assert found.hours[100] == pytest.approx(0.0, abs=0.1)
    assert found.at(np.array([START + 6.5 * HOUR_S, START + 7.0 * HOUR_S])) == pytest.approx([10, 5], abs=0.1)
    assert rhythm(times[:47], values[:47]).period_s == 0


def test_what_a_rhythm_may_be_off_makes_a_slope_less_sure() -> None:
    times, values = HOUR_S * np.arange(10.0), np.array([1.0, -1.0] * 5) + np.arange(10.0)
    one, other = slope(times, values), slope(times, values, hourly_error=2.0)
    assert one is not None
    assert other is not None
    assert other.z < one.z
    assert other.low < one.low < one.high < other.high


def test_bins_hold_means_and_forget_the_oldest() -> None:
    bins = Bins(10, 3)
    for at, value in ((0, 1.0), (5, 3.0), (10, 5.0), (3, 99.0), (25, 7.0), (25, math.nan), (39, 9.0)):
        bins.take(at, value)
    times, means = bins.points()
    assert times.tolist() == [15.0, 25.0, 35.0]
    assert means.tolist() == [5.0, 7.0, 9.0]
    bins.take(1000, 1.0)
    assert bins.points()[1].tolist() == [1.0]


@given(st.lists(st.tuples(st.integers(-(10**6), 4 * 10**9), st.floats(width=32)), max_size=50))
def test_history_is_bounded_and_restored_as_it_was(pairs: list[tuple[int, float]]) -> None:
    history = History()
    for at, value in pairs:
        history.take(at, value)
    restored = History.decode(history.encode())
    assert restored == history
    assert len(history.encode()) <= 2048
    for taking in (history, restored):
        taking.take(4 * 10**9, 1.0)
    assert restored == history
    assert restored != "history"


@pytest.mark.parametrize("stored", [b"", History().encode()[:-1], b"\x09" + History().encode()[1:]])
def test_what_is_no_history_is_refused(stored: bytes) -> None:
    with pytest.raises(ValueError, match="no bins of version 1"):
        History.decode(stored)
