"""The offset tracker against a model that knows every record: whatever happens, nothing undone is committed."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from processors.runtime.progress import PartitionProgress
from processors.runtime.records import PlainRecord, Run


class Tracker(RuleBasedStateMachine):
    """Runs are handed out in order, finish in any order, and seeks and revocations throw some away."""

    def __init__(self) -> None:
        super().__init__()
        self.progress = PartitionProgress()
        self.log_end = 0
        self.handed: list[Run] = []
        self.stale: list[Run] = []
        self.done: set[int] = set()
        self.committed = 0

    @rule(size=st.integers(1, 5), hole=st.integers(0, 3))
    def hand_out(self, size: int, hole: int) -> None:
        first = self.log_end + hole
        self.done.update(range(self.log_end, first))  # compacted or aborted: nothing to do there
        run = Run("t", 0, [PlainRecord(b"", offset=first + n) for n in range(size)])
        self.log_end = run.next_offset
        self.progress.begin(run)
        self.handed.append(run)

    @precondition(lambda self: self.handed)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        run = self.handed.pop(data.draw(st.integers(0, len(self.handed) - 1)))
        self.done.update(record.offset for record in run.records)
        assert self.progress.done(run)

    @precondition(lambda self: self.stale)
    @rule(data=st.data())
    def finish_what_was_forgotten(self, data: st.DataObject) -> None:
        run = self.stale.pop(data.draw(st.integers(0, len(self.stale) - 1)))
        before = self.progress.committable
        assert not self.progress.done(run)
        assert self.progress.committable == before

    @rule()
    def commit(self) -> None:
        if self.progress.committable is not None:
            assert self.progress.committable >= self.committed, "never back"
            self.committed = self.progress.committable

    @rule()
    def seek(self) -> None:
        """As after a rebalance: go back to where the next unfinished run begins."""
        resume = self.progress.resume_at
        if resume is not None:
            self.log_end = max(resume, self.committed)
        self.done = {offset for offset in self.done if offset < self.log_end}
        self.stale += self.handed
        self.handed = []
        self.progress = PartitionProgress()

    @invariant()
    def nothing_undone_is_committable(self) -> None:
        end = self.progress.committable
        if end is not None:
            assert set(range(end)) <= self.done

    @invariant()
    def everything_that_may_be_is_committable(self) -> None:
        if not self.handed and self.progress.committable is not None:
            assert self.progress.committable == self.log_end
            assert self.progress.in_flight == 0


TestTracker = Tracker.TestCase
TestTracker.settings = settings(max_examples=100, stateful_step_count=40)
