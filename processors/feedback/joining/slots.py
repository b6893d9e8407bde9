"""Numbers for things that rows of symptoms refer to, given anew once nothing refers to the old one any more."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
OTHER = 0
"""Stands for everything that found no number."""


class Slots(Generic[Key]):
    """At most ``most`` numbers from 1 on, the smallest free one first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._numbers: dict[Key, int] = {}
        self._free: list[int] = []
        self.end = 1
        """One more than the largest number that was ever given."""

    def __len__(self) -> int:
        return len(self._numbers)

    def get(self, key: Key) -> int | None:
        """The number of a thing, or None."""
        return self._numbers.get(key)

    def restore(self, key: Key, number: int) -> None:
        """Take over a number as it was given; `settle` when all were."""
        self._numbers[key] = number
        self.end = max(self.end, number + 1)

    def settle(self) -> None:
        """Know which numbers are free."""
        used = set(self._numbers.values())
        self._free = sorted((number for number in range(1, self.end) if number not in used), reverse=True)

    def give(self, key: Key) -> int:
        """A number for a new thing, `OTHER` when all are given."""
        if len(self._numbers) >= self._most:
            return OTHER
        if self._free:
            number = self._free.pop()
        else:
            number, self.end = self.end, self.end + 1
        self._numbers[key] = number
        return number

    def free(self, key: Key) -> None:
        """Nothing refers to it any more."""
        self._free.append(self._numbers.pop(key))
        self._free.sort(reverse=True)
        while self._free and self._free[0] == self.end - 1:
            self.end = self._free.pop(0)
