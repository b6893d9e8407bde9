"""A minute with more calls of a slow route is not a slower one; one in which every route slows down is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.windows import WINDOW_S
from processors.health.detect import MINUTE
from processors.health.route_state import RouteState
from processors.health.totals import Totals
from processors.health.usual.outlook import _of_usual_mix
from tests.unit.health.rhythms import MONDAY

QUICK, SLOW = 160, 240
"""Buckets of two routes' latencies; multiples of four, which the usual histogram keeps as they are."""
LEARNED = 60
"""Windows."""


def state(bucket: int, usual: int, last: int, *, slower: int = 0) -> RouteState:
    """A route that had so many calls a window, all of them in a bucket, until the last minute."""
    made = RouteState(MONDAY)
    for number in range(LEARNED):
        made.take(MONDAY + number * WINDOW_S, Totals(outcomes={"ok": usual}, latency={bucket: usual}))
    for number in range(LEARNED, LEARNED + MINUTE):
        latency = {bucket + slower: last} if last else {}
        made.take(MONDAY + number * WINDOW_S, Totals(outcomes={"ok": last}, latency=latency))
    return made


END = MONDAY + (LEARNED + MINUTE) * WINDOW_S


def plain(states: list[RouteState]) -> float:
    rows = [one.last(MINUTE, END) for one in states]
    return sum(row.buckets for row in rows) / sum(row.timed for row in rows)


@given(st.integers(0, 30), st.integers(1, 30), st.integers(0, 40))
def test_the_mix_of_the_minute_changes_nothing_and_slowness_all(quick: int, slow: int, slower: int) -> None:
    same = [state(QUICK, 10, 10), state(SLOW, 10, 10)]
    mixed = [state(QUICK, 10, quick, slower=slower), state(SLOW, 10, slow, slower=slower)]
    learned = len(range(MINUTE)) * 30 / (LEARNED * 10)  # what the last minute itself adds to what is usual, at most
    assert _of_usual_mix(mixed, END) == pytest.approx(plain(same) + slower, abs=learned * (SLOW - QUICK))


def test_without_it_the_mix_would_be_most_of_what_is_seen() -> None:
    mixed = [state(QUICK, 10, 1), state(SLOW, 10, 19)]
    usual = (QUICK + SLOW) / 2
    assert plain(mixed) - usual == pytest.approx(36)
    assert _of_usual_mix(mixed, END) - usual == pytest.approx(0, abs=4)


def test_one_route_is_what_it_is() -> None:
    assert _of_usual_mix([state(QUICK, 10, 7, slower=3)], END) == pytest.approx(QUICK + 3)


def test_a_route_that_nothing_is_known_of_counts_as_what_it_takes() -> None:
    new = RouteState(MONDAY)
    known = state(QUICK, 10, 10)
    assert _of_usual_mix([known, new], END) == pytest.approx(QUICK)
