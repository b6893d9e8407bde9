"""The combination whose latency grew is found among those that were always slow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.health.leaves import Leaves
from processors.health.mass import dispersion, scan_mass
from processors.health.pinpoint import ALARM

SIZES = (12, 2, 6, 4, 5, 4, 3, 6, 3, 3)
CALLS = 4
FAULT = {4: 2, 7: 1}
"""Browser 2 in country 1."""


def latencies(seed: int, rows: int, *, factor: float = 1.0, unit: float = 1.0) -> Leaves:
    """Mass of four calls a row: heavy-tailed around 50 to 600 ms by route, and ``factor`` times that at the fault."""
    random = np.random.default_rng(seed)
    codes = np.column_stack([1 + random.integers(0, size, rows) for size in SIZES])
    hit = np.logical_and.reduce([codes[:, attribute] == code for attribute, code in FAULT.items()])
    mean = 50.0 * codes[:, 0] * np.where(hit, factor, 1.0)
    mass = (mean[:, None] * random.lognormal(-0.32, 0.8, (rows, CALLS))).sum(axis=1)
    return Leaves(codes.astype(np.int16), np.column_stack([np.full(rows, float(CALLS)), mass * unit]))


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_what_got_slower_comes_first(seed: int) -> None:
    best = scan_mass(latencies(seed, 5_000, factor=3.0), [latencies(seed + 1, 5_000)] * 3)[0]
    assert dict(best.pairs) == FAULT
    assert best.score > 2 * ALARM
    assert best.observed / best.expected == pytest.approx(3.0, rel=0.4)


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_what_was_always_slow_raises_no_alarm(seed: int) -> None:
    found = scan_mass(latencies(seed, 5_000), [latencies(seed + number, 5_000) for number in (1, 2, 3)])
    assert all(region.score < 2 * ALARM for region in found), "heavy tails reach 18 once in 200 looks"


def test_the_unit_does_not_matter() -> None:
    in_ms, in_s = (
        scan_mass(latencies(1, 4_000, factor=2.0, unit=unit), [latencies(2, 8_000, unit=unit)]) for unit in (1.0, 1e-3)
    )
    assert [r.pairs for r in in_ms] == [r.pairs for r in in_s]
    assert [r.score for r in in_ms] == pytest.approx([r.score for r in in_s])
    assert [r.observed for r in in_ms] == pytest.approx([1000 * r.observed for r in in_s])


def test_a_long_past_that_is_sampled_names_the_same() -> None:
    now, past = latencies(1, 4_000, factor=3.0), [latencies(seed, 40_000) for seed in range(2, 5)]
    assert dict(scan_mass(now, past)[0].pairs) == FAULT


def test_dispersion_by_hand() -> None:
    codes = np.zeros((3, 1), np.int16)
    block = Leaves(codes, np.array([[1.0, 10.0], [1.0, 20.0], [1.0, 30.0]]))
    assert dispersion([block], None) == pytest.approx((100 + 0 + 100) / 20 / 2)


def test_a_past_that_is_empty_or_never_varies_tells_nothing() -> None:
    now = latencies(1, 100)
    assert scan_mass(now, []) == []
    assert scan_mass(now, [Leaves(now.codes, np.ones((100, 2)))]) == []


def calls_of(seed: int, number: int, *, every: int = 1) -> Leaves:
    """Single calls; of the second half one in ``every``, with that weight. Routes differ by a factor of 40."""
    random = np.random.default_rng(seed)
    codes = np.column_stack([1 + random.integers(0, size, number) for size in SIZES])
    mass = 5.0 * 40 ** (codes[:, 0] / SIZES[0]) * random.lognormal(0, 0.5, number)
    weights = np.where(np.arange(number) < number // 2, 1, every)
    kept = (weights == 1) | (random.random(number) < 1 / every)
    weighed = np.column_stack([weights, weights * mass])[kept]
    return Leaves(codes[kept].astype(np.int16), weighed, (weights * (weights - 1))[kept])


@pytest.mark.parametrize("every", [1, 8])
def test_neither_slow_routes_nor_weighed_calls_look_like_trouble(every: int) -> None:
    best = [
        max((region.score for region in scan_mass(calls_of(seed, 6_000, every=every), [past] * 2)), default=0.0)
        for seed, past in ((seed, calls_of(1_000 + seed, 30_000, every=every)) for seed in range(12))
    ]
    assert max(best) < ALARM


def test_a_sample_varies_more_and_a_call_does_not() -> None:
    whole, sampled = calls_of(1, 60_000), calls_of(1, 60_000, every=8)
    assert dispersion([sampled], 0) == pytest.approx(dispersion([whole], 0), rel=0.1)
