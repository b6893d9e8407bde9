"""A series is judged value by value: against its own past, on no scale, in a state that does not grow."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.health.series.baseline import NEVER_BEFORE, SeriesBaseline
from processors.health.series.novelty import NOVEL, Novelty, Tuning, confidence

STEP = 300
DAY = 86_400 // STEP
START = 1_750_000_000 // 86_400 * 86_400
WHOLE = st.lists(st.integers(-1000, 1000), min_size=1, max_size=120)


def judged(values: list[float], baseline: SeriesBaseline | None = None, first: int = 0) -> list[Novelty]:
    taken = baseline or SeriesBaseline()
    return [taken.take(START + STEP * number, value) for number, value in enumerate(values, first)]


def alarms(found: list[Novelty]) -> list[int]:
    return [number for number, novelty in enumerate(found) if novelty.score >= NOVEL]


def rhythm(days: int, random: Random) -> list[float]:
    """Low at midnight, high at noon, with some noise."""
    return [100 - 50 * math.cos(math.tau * n / DAY) + random.uniform(-5, 5) for n in range(days * DAY)]


def test_a_spike_is_an_alarm_with_numbers_that_can_be_checked() -> None:
    found = judged([10.0, 12.0] * 200 + [60.0])[-1]
    assert found.score >= NOVEL
    assert found.residual
    assert found.departure > 0
    assert found.ratio == pytest.approx(found.departure / found.greatest)
    assert found.expected == pytest.approx(11.0, abs=1.0)


def test_a_drop_is_new_to_a_series_that_only_ever_jumped_up() -> None:
    values = [100.0 + 80.0 * 0.8 ** (n % 40) + n % 3 for n in range(2000)]
    found = judged([*values, *[60.0] * 3])
    assert not alarms(found[1000:2000])
    assert any(novelty.score >= NOVEL and novelty.departure < 0 for novelty in found[2000:])


def test_what_is_usual_at_noon_is_new_at_midnight() -> None:
    values = rhythm(15, Random(3))
    noon = values[14 * DAY + DAY // 2]
    at_midnight = judged([*values[: 14 * DAY], noon])[-1]
    at_noon = judged(values)[14 * DAY + DAY // 2]
    assert at_midnight.score >= NOVEL > at_noon.score
    assert at_midnight.residual in {"profile", "swing"}


def test_a_flat_day_breaks_a_rhythm_though_every_value_was_seen_before() -> None:
    values = rhythm(14, Random(3))
    found = judged(values + [values[0]] * DAY)
    last_day = [novelty for novelty in found[14 * DAY :] if novelty.score >= NOVEL]
    assert last_day
    assert last_day[0].departure < 0


def test_a_repeat_of_an_alarm_is_muted_and_a_stronger_one_is_not() -> None:
    quiet = [10.0, 12.0] * 200
    found = judged([*quiet, 60.0, *quiet[:20], 60.0, *quiet[:20], 5000.0])
    first, repeat, stronger = found[400], found[421], found[-1]
    assert first.score > NOVEL
    assert repeat.ratio > NOVEL
    assert repeat.score == 0.0
    assert stronger.score > first.score


def test_a_monstrous_alarm_does_not_mute_for_long() -> None:
    quiet = [10.0, 12.0] * 200
    found = judged([*quiet, 1e9, *quiet, 2e9])
    assert found[400].score > 1e6
    assert found[-1].score >= NOVEL


@given(st.floats(-1e12, 1e12), st.integers(1, 400))
def test_a_constant_series_never_alarms(value: float, length: int) -> None:
    assert {novelty.ratio for novelty in judged([value] * length)} == {0.0}


def test_the_first_departure_of_what_never_moved_is_one() -> None:
    found = judged([0.0] * 500 + [1.0])
    assert found[-1].score == NEVER_BEFORE
    assert found[-1].greatest == 0.0
    assert found[-1].confidence > 0.9


@given(WHOLE, st.integers(-30, 30))
def test_scale_changes_nothing(values: list[int], power: int) -> None:
    plain = [novelty.ratio for novelty in judged([float(v) for v in values])]
    assert [novelty.ratio for novelty in judged([v * 2.0**power for v in values])] == plain


@given(WHOLE)
def test_upside_down_is_as_new(values: list[int]) -> None:
    plain = [novelty.ratio for novelty in judged([float(v) for v in values])]
    assert [novelty.ratio for novelty in judged([-float(v) for v in values])] == plain


@given(WHOLE, st.integers(-(2**40), 2**40))
def test_a_shift_changes_nothing(values: list[int], shift: int) -> None:
    plain = [novelty.ratio for novelty in judged([float(v) for v in values])]
    assert [novelty.ratio for novelty in judged([float(v + shift) for v in values])] == plain


@given(st.lists(st.floats(), max_size=60), st.lists(st.floats(), max_size=60))
def test_stored_and_restored_it_goes_on_in_the_same_way(before: list[float], after: list[float]) -> None:
    baseline = SeriesBaseline()
    judged(before, baseline)
    restored = SeriesBaseline.decode(baseline.encode())
    assert restored == baseline
    assert judged(after, restored, len(before)) == judged(after, baseline, len(before))
    assert restored == baseline


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 4 * 10**9), st.floats(-1e40, 1e40)), max_size=80))
def test_state_is_bounded_and_results_are_finite_whatever_comes(pairs: list[tuple[int, float]]) -> None:
    baseline = SeriesBaseline()
    for at, value in pairs:
        found = baseline.take(at, value)
        assert math.isfinite(found.score)
        assert 0.0 <= found.score <= found.ratio
        assert 0.0 <= found.confidence <= 1.0
    assert len(baseline.encode()) == len(SeriesBaseline().encode()) <= 1024


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300])
def test_what_is_no_measurement_changes_nothing(value: float) -> None:
    baseline = SeriesBaseline()
    judged([1.0, 2.0, 3.0], baseline)
    before = baseline.encode()
    assert baseline.take(START + 10 * STEP, value) == Novelty(steps=3.0)
    assert baseline.encode() == before


def test_a_series_may_begin_without_measurements() -> None:
    found = judged([math.nan, math.inf, 5.0, 5.0])
    assert [novelty.steps for novelty in found] == [0.0, 0.0, 0.0, 1.0]


def test_repeated_and_earlier_times_are_judged_and_teach_nothing_but_records() -> None:
    baseline = SeriesBaseline()
    judged([10.0, 12.0] * 200, baseline)
    at = START + 399 * STEP
    found = [baseline.take(moment, value) for moment, value in ((at, 60.0), (at - 20, 60.0), (at - 20, 11.0))]
    assert found[0].score >= NOVEL
    assert found[1].score == 0.0
    assert found[2].steps == 400.0
    assert baseline.take(at + STEP, 11.0).expected == pytest.approx(11.0, abs=1.0)


def test_a_gap_of_any_length_is_one_step() -> None:
    baseline = SeriesBaseline()
    judged([10.0, 12.0] * 200, baseline)
    after = baseline.take(START + 100 * 86_400, 11.0)
    assert after.steps == 400.0
    assert after.score < NOVEL
    assert baseline.take(START + 100 * 86_400 + STEP, 11.0).steps == 401.0


def test_values_that_come_faster_than_steps_do_not_shorten_the_memory() -> None:
    baseline = SeriesBaseline()
    for number in range(30 * 100):
        found = baseline.take(START + 10 * number, float(number % 7))
    assert found.steps == pytest.approx(101, abs=0.1)


def test_a_young_series_says_so() -> None:
    first_day, second_day = (judged([0.0] * length + [1.0])[-1] for length in (DAY // 2, DAY + 1))
    assert first_day.score == second_day.score == NEVER_BEFORE
    assert first_day.steps == DAY // 2
    assert first_day.confidence < 0.5
    assert second_day.confidence > 0.9
    assert judged([0.0] * 3 + [1.0])[-1].confidence == 0.0


def test_confidence_is_what_chance_would_not_make() -> None:
    """For a ratio of 2 the chance is 2 / ((n + 1) (n + 2))."""
    assert confidence(2.0, 100.0, span_s=86_400.0) == pytest.approx(1 - 5 * 100 * 2 / (101 * 102))
    assert confidence(2.0, 100.0, span_s=30_000.0) == pytest.approx((1 - 5 * 100 * 2 / (101 * 102)) / 2)
    assert confidence(1e200, 100.0, span_s=86_400.0) == 1.0
    assert confidence(1.0, 1e6, span_s=1e9) == confidence(5.0, 0.0, span_s=0.0) == 0.0
    assert confidence(2.0, 1e9, span_s=1e9) == confidence(2.0, 1e6, span_s=1e9), "no longer than the memory"


def test_chance_alone_seldom_makes_a_confident_alarm() -> None:
    """Forty series of two weeks of noise with a normal tail, lighter than the confidence assumes."""
    alarmed = confident = 0
    for seed in range(40):
        random = Random(seed)
        found = [novelty for novelty in judged([random.gauss(0, 1) for _ in range(14 * DAY)]) if novelty.score >= NOVEL]
        alarmed += bool(found)
        confident += any(novelty.confidence > 0.9 for novelty in found)
    assert confident <= 4 < alarmed


def test_a_shorter_memory_forgets_a_record_sooner() -> None:
    values = [10.0, 12.0] * 100 + [60.0] + [10.0, 12.0] * 300 + [50.0]
    results = []
    for tuning in (Tuning(), Tuning(greatest=200.0)):
        baseline = SeriesBaseline()
        results.append([baseline.take(START + STEP * n, value, tuning).ratio for n, value in enumerate(values)][-1])
    assert results[0] < 1.0 < results[1]


@pytest.mark.parametrize("stored", [b"", b"\x01", SeriesBaseline().encode() + b"\x00", b"\x07" * 873])
def test_what_is_no_baseline_is_refused(stored: bytes) -> None:
    with pytest.raises(ValueError, match="no series baseline of version 1"):
        SeriesBaseline.decode(stored)


def test_two_baselines_are_equal_when_they_learned_the_same() -> None:
    one, other = SeriesBaseline(), SeriesBaseline()
    judged([1.0, 2.0], one)
    assert one != other
    judged([1.0, 2.0], other)
    assert one == other
    assert one != "baseline"
