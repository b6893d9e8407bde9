"""Each detector, on states that were fed window by window."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.health.detect import detect
from processors.health.route_state import RouteState
from processors.health.totals import Totals
from processors.health.usual.profile import Expected
from processors.health.usual.volume import judge_volume
from processors.telemetry.histogram import histograms

START = 1_781_524_800


def totals(calls: int, *, failed: int = 0, ms: float = 20.0) -> Totals:
    outcomes = {"ok": calls - failed, "upstream_error": failed}
    return Totals(outcomes=outcomes, latency=next(histograms([[ms] * calls])))


def fed(windows: Iterable[Totals | None]) -> RouteState:
    state = RouteState(START)
    for number, window in enumerate(windows):
        state.take(START + 10 * number, window)
    return state


def alarms(state: RouteState) -> dict[str, str]:
    end = state.until
    found = [*detect(state, end), *judge_volume(state, end, Expected(state.rate, state.rate))]
    return {alarm.detector: alarm.kind for alarm in found}


QUIET: list[Totals | None] = [totals(50)] * 90


def test_a_quiet_route_raises_nothing() -> None:
    assert alarms(fed(QUIET)) == {}


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([totals(50, failed=10)] * 3, {"failing_share": "errors"}),
        ([totals(50, failed=1)] * 30, {}),
        ([totals(50, ms=60.0)] * 3, {"slow_share": "latency"}),
        ([totals(50, ms=25.0)] * 12, {}),
        ([totals(50, ms=11_000.0)] * 3, {"slow_share": "latency", "over_limit": "latency"}),
        ([None] * 6, {"silence": "outage"}),
        ([totals(12)] * 12, {"volume_drop": "volume_drop"}),
        ([totals(40)] * 12, {}),
    ],
)
def test_what_follows_a_quiet_quarter_of_an_hour(after: list[Totals | None], expected: dict[str, str]) -> None:
    assert alarms(fed([*QUIET, *after])) == expected


def test_a_handful_of_calls_says_nothing() -> None:
    assert alarms(fed([totals(1, failed=1)] * 4)) == {}


def test_what_is_always_slow_is_not_slow() -> None:
    assert alarms(fed([totals(50, ms=8_000.0)] * 90)) == {}


def test_what_takes_longer_than_agreed_is_too_slow_from_the_beginning() -> None:
    assert alarms(fed([totals(20, ms=12_000.0)] * 3)) == {"over_limit": "latency"}


def test_a_cold_baseline_judges_only_shares() -> None:
    cold = [totals(50), totals(50, failed=25, ms=500.0)]
    assert alarms(fed(cold)) == {"failing_share": "errors"}


def test_the_same_window_counts_once() -> None:
    once, twice = fed(QUIET), fed(QUIET)
    twice.take(twice.recent[-1].start, totals(1_000, failed=1_000))
    assert once == twice


windows = st.lists(
    st.none() | st.builds(totals, st.integers(20, 60), failed=st.integers(0, 9), ms=st.floats(1, 500)), max_size=80
)


@given(windows)
def test_a_restored_state_goes_on_as_if_nothing_had_happened(fed_windows: list[Totals | None]) -> None:
    state = fed(fed_windows)
    restored = RouteState.decode(state.encode())
    for one in (state, restored):
        one.take(START + 10_000, totals(40, failed=20))
    assert state == restored
    assert list(detect(state, state.until)) == list(detect(restored, restored.until))


@given(windows)
def test_the_state_of_a_route_is_small(fed_windows: list[Totals | None]) -> None:
    assert len(fed([*QUIET, *fed_windows]).encode()) < 6_000
