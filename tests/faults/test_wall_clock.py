"""The clock that jumps does to a worker what a clock that was set does, to its waits as well."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.wall_clock import COMPILERS, WallClock

pytestmark = [
    pytest.mark.skipif(not any(map(shutil.which, COMPILERS)), reason="no C compiler makes the clock"),
    pytest.mark.skipif(sys.platform != "linux", reason="the clock is preloaded, as on Linux"),
]
CLOCKS = "import time; print(time.time(), time.monotonic())"
WAIT = """
import ctypes, time
library, condition, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(64), ctypes.create_string_buffer(64)
library.cnd_init(condition), library.mtx_init(mutex, 0), library.mtx_lock(mutex)
until = time.time() + 2
moment = (ctypes.c_long * 2)(int(until), int(until % 1 * 1e9))
print("begun", flush=True)
began = time.monotonic()
while library.cnd_timedwait(condition, mutex, moment) == 0:
    pass
print(time.monotonic() - began, flush=True)
"""
"""Waits as librdkafka does until a moment two seconds ahead, and says how long that took."""
NEAR_S = 1.0


@pytest.fixture
def clock(tmp_path: Path) -> WallClock:
    return WallClock(tmp_path)


def _read(clock: WallClock) -> tuple[float, float]:
    command = [sys.executable, "-c", CLOCKS]
    said = subprocess.run(command, env=os.environ | clock.settings(), capture_output=True, text=True, check=True)
    wall, monotonic = said.stdout.split()
    return float(wall), float(monotonic)


@pytest.mark.parametrize("jump", [0, 7_200, -86_400])
def test_the_wall_clock_moves_and_the_monotonic_one_does_not(clock: WallClock, jump: int) -> None:
    clock.jump(jump)
    wall, monotonic = _read(clock)
    assert wall - time.time() == pytest.approx(jump, abs=5)
    assert monotonic == pytest.approx(time.monotonic(), abs=5)


@pytest.mark.parametrize(
    ("before", "after", "took"), [(7_200, 7_200, 2), (-7_200, -7_200, 2), (3, 0, 2 + 3), (0, 7_200, 0.5)]
)
def test_a_wait_ends_when_the_clock_says_so(clock: WallClock, before: int, after: int, took: float) -> None:
    clock.jump(before)
    command = [sys.executable, "-c", WAIT]
    with subprocess.Popen(command, env=os.environ | clock.settings(), stdout=subprocess.PIPE, text=True) as waiter:
        assert waiter.stdout is not None
        assert waiter.stdout.readline() == "begun\n"
        time.sleep(0.5)
        clock.jump(after)
        assert float(waiter.stdout.readline()) == pytest.approx(took, abs=NEAR_S)
