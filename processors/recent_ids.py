"""Best-effort memory of what was seen lately, to drop repeats before they cost anything."""

from __future__ import annotations

from collections import OrderedDict

CAPACITY = 100_000
"""About 20 MB; at 1,000 events a second it reaches back a minute and a half."""


class RecentIds:
    """Bounded map of id → where it stood first.

    A repeat is the same id at *another* place: the same id at the same place is Kafka handing the record out
    again, and that one must be processed again.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._places: OrderedDict[str, tuple[str, int, int]] = OrderedDict()
        self.evicted = 0

    def is_repeat(self, key: str, place: tuple[str, int, int]) -> bool:
        """Whether ``key`` was seen at another place; remembers it otherwise."""
        first = self._places.setdefault(key, place)
        if len(self._places) > self._capacity:
            self._places.popitem(last=False)
            self.evicted += 1
        return first != place

    def clear(self) -> None:
        """Forget everything: after a seek, "seen" no longer means "delivered"."""
        self._places.clear()
