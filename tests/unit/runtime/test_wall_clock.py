"""What counts as a clock that was set back, and for how long that matters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from processors.runtime.wall_clock import STEP_S, WallClock

LOOKS = st.lists(st.tuples(st.floats(0.1, 100), st.floats(-1e6, 1e6)), max_size=30)
"""Seconds between two looks, and by how much the clock was set in between."""


@given(LOOKS)
def test_it_tells_every_step_back_and_nothing_else(looks: list[tuple[float, float]]) -> None:
    now, wall = 1_000.0, 1_800_000_000.0
    clock = WallClock(now, wall)
    for passed, step in looks:
        now, wall = now + passed, wall + passed + step
        found = clock.look(now, wall)
        if abs(-step - STEP_S) > 1e-3:
            assert abs(found - (-step if -step > STEP_S else 0)) < 1e-3
        if found:
            assert clock.holds_up(now + found - 1)


@given(st.floats(STEP_S + 1, 1e6))
def test_it_matters_as_long_as_the_step_was(step: float) -> None:
    clock = WallClock(0, 1_000)
    clock.look(1, 1_001 - step)
    assert clock.holds_up(1 + step - 0.1)
    assert not clock.holds_up(1 + step + 0.1)


def test_a_clock_that_creeps_back_is_not_set_back() -> None:
    clock = WallClock(0, 0)
    assert not any(clock.look(second, second * 0.5) for second in range(1_000))
    assert not clock.holds_up(1_000)
