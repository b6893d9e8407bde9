"""Feedback as it was told last, so that it can be told again when more is known of it."""

from __future__ import annotations

import zlib
from itertools import islice

import orjson

from contracts.feedback import EnrichedFeedback
from processors.runtime.tables import State, TableSpec

LIVE, LONG_ONES = 50_000, 1_000
LONG_BYTES = 3_072
"""Packed events above this are few and have a table of their own, so that they cannot fill the memory."""
KEPT: TableSpec[bytes] = TableSpec("feedback_kept", encode=bytes, decode=bytes, capacity=LIVE)
LONG: TableSpec[bytes] = TableSpec("feedback_long", encode=bytes, decode=bytes, capacity=LONG_ONES)
DUE: TableSpec[int] = TableSpec("feedback_due", encode=orjson.dumps, decode=orjson.loads, capacity=LIVE)
"""What waits to be told again, with its number in the queue."""
TABLES = (KEPT, LONG, DUE)


class Kept:
    """The last feedback of one partition's projects; the oldest makes room, which is counted as evicted."""

    def __init__(self, state: State) -> None:
        self._short, self._long, self._due = state[KEPT], state[LONG], state[DUE]
        waiting = sorted(self._due.items(), key=lambda one: one[1])
        self._waiting = {key: None for key, _ in waiting}
        self._next = 1 + max((number for _, number in waiting), default=0)

    def get(self, project: str, name: str) -> EnrichedFeedback | None:
        """As it was told last; None when it is too old to be known."""
        key = _key(project, name)
        found = self._short.get(key) or self._long.get(key)
        return None if found is None else EnrichedFeedback.model_validate_json(zlib.decompress(found))

    def put(self, project: str, feedback: EnrichedFeedback) -> None:
        """Remember it as it is told now."""
        packed, key = zlib.compress(feedback.encode(), 6), _key(project, feedback.id)
        home, other = (self._long, self._short) if len(packed) > LONG_BYTES else (self._short, self._long)
        other.pop(key)
        home[key] = packed

    def ask_again(self, project: str, name: str) -> None:
        """Note that something about it changed: it is told again when its turn comes."""
        key = _key(project, name)
        if key not in self._waiting:
            self._waiting[key] = None
            self._due[key] = self._next
            self._next += 1

    def take_due(self, most: int) -> list[tuple[str, str]]:
        """Project and id of what is to be told again, at most so many."""
        taken = list(islice(self._waiting, most))
        for key in taken:
            del self._waiting[key]
            self._due.pop(key)
        return [(project, name) for project, _, name in (key.partition("|") for key in taken)]

    def has(self, project: str, name: str) -> bool:
        """Whether it is known."""
        key = _key(project, name)
        return key in self._short or key in self._long


def _key(project: str, name: str) -> str:
    return f"{project}|{name}"
