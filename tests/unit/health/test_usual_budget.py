"""The error budget: the workbook's table, both windows, no noise."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.agreements import Limits
from processors.health.totals import Totals
from processors.health.usual.budget import SHARES, SLOTS, WIDTHS, Budget, burn_limit
from processors.health.usual.memories import WHOLE
from tests.unit.health.rhythms import DAY, HOUR, MONDAY, ROUTE, Watched

STRICT = Limits(error_budget=0.001)


def fed(shares: list[float], calls: int = 10_000) -> Budget:
    budget = Budget()
    for number, share in enumerate(shares):
        budget.take(MONDAY + 300 * (number + 1), calls, round(share * calls))
    return budget


def end(shares: list[float]) -> int:
    return MONDAY + 300 * len(shares)


@pytest.mark.parametrize(
    ("days", "rates"), [(30.0, (14.4, 6.0, 1.0)), (15.0, (7.2, 3.0, 1.0)), (60.0, (28.8, 12.0, 2.0))]
)
def test_rates_are_those_of_the_workbook_scaled_to_the_phase(days: float, rates: tuple[float, ...]) -> None:
    limits = Limits(phase_days=days)
    pairs = zip(SHARES, WIDTHS, strict=True)
    assert tuple(round(burn_limit(share, SLOTS * width, limits), 6) for share, width in pairs) == rates


HOURS = 12


@pytest.mark.parametrize(
    ("shares", "window_h"),
    [
        ([0.0005] * HOURS * 24, None),
        ([0.0005] * HOURS * 24 + [0.02] * 12, 1),
        ([0.0005] * HOURS * 24 + [0.02] * 12 + [0.0] * 1, None),
        ([0.0005] * HOURS * 24 + [0.008] * HOURS * 6, 6),
        ([0.0005] * HOURS * 24 + [0.008] * HOURS * 6 + [0.0] * 6, None),
        ([0.0014] * HOURS * 72, 72),
        ([0.02] * 5, None),
    ],
)
def test_both_windows_have_to_burn(shares: list[float], window_h: int | None) -> None:
    burn = fed(shares).burning(end(shares), STRICT)
    assert (None if burn is None else burn.window_s / HOUR) == window_h


def test_what_is_said_can_be_checked_by_hand() -> None:
    shares = [0.0] * HOURS * 24 + [0.02] * 10 + [0.03] * 2
    burn = fed(shares).burning(end(shares), STRICT)
    assert burn is not None
    assert (burn.calls, burn.failed) == (120_000, 10 * 200 + 2 * 300)
    assert burn.long == pytest.approx(2_600 / 120_000 / 0.001)
    assert burn.short == pytest.approx(0.03 / 0.001)
    assert burn.chance > 0.99


def test_a_few_failures_burn_nothing() -> None:
    budget = Budget()
    for number in range(HOURS * 80):
        budget.take(MONDAY + 300 * (number + 1), 2, number % 100 == 0)
    assert budget.burning(MONDAY + 300 * HOURS * 80, STRICT) is None


def test_ordinary_noise_does_not_burn_the_default_budget_in_four_days() -> None:
    watched = Watched(3)
    assert [a for *_, a in watched.run(4 * DAY, lambda _: 20.0, failing=0.0085)] == []


def test_a_route_that_fails_a_little_for_days_is_told_with_its_rates() -> None:
    watched = Watched(3)
    found = [(key, a) for _, key, a in watched.run(2 * DAY, lambda _: 20.0, failing=0.025)]
    assert {a.kind for _, a in found} == {"burn_rate"}
    assert {key for key, _ in found} == {WHOLE, ROUTE}
    assert found[-1][1].numbers["burn_long"] == pytest.approx(2.5, rel=0.1)


bins = st.lists(st.tuples(st.integers(1, 400), st.integers(0, 5_000), st.floats(0, 1)), max_size=80)


@given(bins, st.randoms(use_true_random=False))
def test_a_restored_budget_goes_on_as_if_nothing_had_happened(
    past: list[tuple[int, int, float]], random: Random
) -> None:
    budget, at = Budget(), MONDAY
    for skipped, calls, share in past:
        at += 300 * skipped
        budget.take(at, calls, int(calls * share))
    again = Budget.decode(budget.encode())
    for _ in range(5):
        at += 300
        calls = random.randrange(2_000)
        for one in (budget, again):
            one.take(at, calls, calls // 7)
        assert budget.burning(at) == again.burning(at)
    assert budget == again


def test_sums_are_those_of_the_last_hour() -> None:
    watched = Watched()
    for _ in range(HOUR // 10):
        watched.window({ROUTE: Totals(outcomes={"ok": 9, "upstream_error": 1})})
    calls, failed = dict(watched.memories.of("t/p/e"))[ROUTE].budget.share()
    assert calls == 10 * failed
    assert 3_000 <= calls <= 3_600
