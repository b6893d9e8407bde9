"""The parts of `make evaluate` that are held against a limit start with nothing that another one left behind."""

from __future__ import annotations

import os
from collections.abc import Iterable

from benchmarks.quality.measure import Measure
from benchmarks.quality.run import OF_THE_PROCESS, ON_THE_WALL, WORKERS, _anew


def which_process() -> Iterable[Measure]:
    yield Measure("here", "process", os.getpid(), 0, 0)


def last_of_all() -> Iterable[Measure]:
    yield Measure("here", "last", 0, 0, 0)


def test_each_part_has_a_process_of_its_own_and_comes_in_order() -> None:
    *three, last = _anew({"1": which_process, "2": which_process, "3": which_process, "4": last_of_all}, WORKERS)
    assert last.metric == "last"
    assert len({os.getpid(), *(measure.value for measure in three)}) == 4


def test_no_part_is_measured_twice() -> None:
    assert OF_THE_PROCESS.keys().isdisjoint(ON_THE_WALL)
