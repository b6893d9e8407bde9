"""When to stop instead of rejecting everything."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

from contracts.errors import Rejected, Stop, Unwanted
from processors.runtime.ending import EXIT_PERSON

WINDOW_S = 60.0


class DeadLetterRate:
    """Counts records and dead letters of the last minute.

    Too many means both: more than ``limit`` dead letters in the minute, and more of them than records that went
    well. The first alone would stop a fast import with a few bad lines, the second alone a slow stage at its
    first bad record.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._runs: deque[tuple[float, int, int]] = deque()
        self._records = 0
        self._dead = 0

    def check(self, stage: str, records: int, refused: Sequence[Rejected]) -> None:
        """Note a run that went by just now; raise `Stop` when the stage rejects most of what it reads.

        What is well-formed and merely unwanted says nothing against the stage, nor for it.
        """
        bad = [why for why in refused if not isinstance(why, Unwanted)]
        if self.add(time.monotonic(), records - len(refused) + len(bad), len(bad)):
            raise Stop(
                f"{stage} rejects most of what it reads: more than {self._limit} dead letters in a minute, "
                f"the last because of {bad[-1] if bad else 'earlier runs'}",
                fix="look at them with `hypercare dlq ls`, mend the sender, then start the stage again",
                exit_code=EXIT_PERSON,
            )

    def add(self, now: float, records: int, dead: int) -> bool:
        """Note one run at ``now`` (seconds, any monotonic clock); True when the stage has to stop."""
        self._runs.append((now, records, dead))
        self._records += records
        self._dead += dead
        while self._runs[0][0] < now - WINDOW_S:
            _, gone, gone_dead = self._runs.popleft()
            self._records -= gone
            self._dead -= gone_dead
        return self._dead > self._limit and self._dead * 2 > self._records
