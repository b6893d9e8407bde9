"""Signals that were sent twice: a count or a run of failures must not grow because a sender tried again."""

from __future__ import annotations

import orjson

from contracts.signals import Signal
from processors.runtime.tables import State, TableSpec

TAKEN: TableSpec[bool] = TableSpec("taken", encode=orjson.dumps, decode=orjson.loads, capacity=50_000)
"""Ids of the last signals, by ``project|id``; what makes room is counted as evicted."""


class Repeats:
    """The ids that one partition's projects have had."""

    def __init__(self, state: State) -> None:
        self._taken = state[TAKEN]

    def has(self, project: str, signal: Signal) -> bool:
        """Whether this signal was taken before; it is from now on."""
        key = f"{project}|{signal.id}"
        if key in self._taken:
            return True
        self._taken[key] = True
        return False
