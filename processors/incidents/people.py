"""Distinct people in bounded memory: exact while they are few, within a tenth beyond."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b

KEPT = 256
"""Smallest hashes that are kept: up to so many people are counted exactly, more within 1/√254 = 6.3 % (one sigma)."""
_SPAN = 2.0**64


def hashed(pseudonym: str) -> int:
    """64 bits that are the same everywhere."""
    return int.from_bytes(blake2b(pseudonym.encode(), digest_size=8).digest())


class People:
    """The k smallest hashes (Bar-Yossef et al., "Counting distinct elements in a data stream", 2002, algorithm 2)."""

    __slots__ = ("_hashes",)

    def __init__(self, hashes: Iterable[int] = ()) -> None:
        self._hashes = array("Q", sorted(set(hashes))[:KEPT])

    def add(self, pseudonym: str) -> bool:
        """Count somebody; return whether that changed anything."""
        return self._insert(hashed(pseudonym))

    def join(self, other: People) -> None:
        """Count everybody whom the other has counted."""
        for value in other._hashes:
            self._insert(value)

    def __len__(self) -> int:
        """How many there are."""
        kept = len(self._hashes)
        return kept if kept < KEPT else round((KEPT - 1) / (self._hashes[-1] / _SPAN))

    def encode(self) -> bytes:
        """Eight bytes each."""
        return self._hashes.tobytes()

    @classmethod
    def decode(cls, stored: bytes) -> People:
        """Read them back."""
        found = array("Q")
        found.frombytes(stored)
        return cls(found)

    def _insert(self, value: int) -> bool:
        at = bisect_left(self._hashes, value)
        if at >= KEPT or (at < len(self._hashes) and self._hashes[at] == value):
            return False
        self._hashes.insert(at, value)
        if len(self._hashes) > KEPT:
            self._hashes.pop()
        return True
