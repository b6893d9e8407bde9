"""State laws of the commit prefix."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from processors.runtime.progress import PartitionProgress
from processors.runtime.records import PlainRecord, Run


def run(first: int, last: int) -> Run:
    return Run("t", 0, [PlainRecord(b"", offset=offset) for offset in range(first, last + 1)])


def test_nothing_is_committable_before_the_first_run_is_done() -> None:
    progress = PartitionProgress()
    progress.begin(run(5, 9))
    assert progress.committable is None
    assert progress.resume_at == 5


def test_a_later_run_waits_for_an_earlier_one() -> None:
    progress = PartitionProgress()
    first, second = run(0, 4), run(7, 9)
    progress.begin(first)
    progress.begin(second)
    assert progress.done(second)
    assert progress.committable is None
    assert progress.done(first)
    assert progress.committable == 10, "holes between offsets do not matter"


def test_a_run_of_before_a_seek_changes_nothing() -> None:
    before, after = PartitionProgress(), PartitionProgress()
    old = run(0, 4)
    before.begin(old)
    after.begin(run(0, 4))
    assert not after.done(old)
    assert after.committable is None


@given(st.lists(st.integers(1, 5), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_any_order_of_finishing_leads_to_the_end_and_never_passes_an_unfinished_run(
    sizes: list[int], dice: random.Random
) -> None:
    progress, runs, offset = PartitionProgress(), [], 100
    for size in sizes:
        runs.append(run(offset, offset + size - 1))
        progress.begin(runs[-1])
        offset += size
    unfinished = list(runs)
    for finished in dice.sample(runs, len(runs)):
        progress.done(finished)
        unfinished.remove(finished)
        limit = min((r.records[0].offset for r in unfinished), default=offset)
        assert (progress.committable or 100) == limit
        assert progress.in_flight >= 0
    assert progress.committable == offset
    assert progress.in_flight == 0
