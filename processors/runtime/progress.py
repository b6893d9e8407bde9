"""How far a partition may be committed: the end of the longest acknowledged prefix of its runs."""

from __future__ import annotations

from collections import deque

from processors.runtime.records import Run


class PartitionProgress:
    """Runs of one partition in the order they were handed out, and which of them are done.

    Runs are told apart by identity: one that was handed out before a seek and finishes after it is unknown
    here, and changes nothing.
    """

    def __init__(self) -> None:
        self._open: deque[Run] = deque()
        self._done: set[int] = set()
        self._prefix: int | None = None
        self._start: int | None = None
        self.in_flight = 0
        """Records handed out and not yet covered by the prefix; a count, because a watching thread reads it."""

    def begin(self, run: Run) -> None:
        """Note a run that is handed out now, after all earlier ones."""
        if self._start is None:
            self._start = run.records[0].offset
        self._open.append(run)
        self.in_flight += len(run.records)

    def done(self, run: Run) -> bool:
        """Note that everything of a run is safely delivered; False if it is not one of ours any more."""
        if not any(run is known for known in self._open):
            return False
        self._done.add(id(run))
        while self._open and id(self._open[0]) in self._done:
            first = self._open.popleft()
            self._done.discard(id(first))
            self._prefix = first.next_offset
            self.in_flight -= len(first.records)
        return True

    @property
    def committable(self) -> int | None:
        """Offset that may be committed, or None while nothing is."""
        return self._prefix

    @property
    def resume_at(self) -> int | None:
        """Where to read on when everything that is not done is forgotten; None if nothing was handed out."""
        return self._start if self._prefix is None else self._prefix
