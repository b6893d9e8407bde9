"""Many symptoms in little room: one array a property, the oldest in front, so that all are looked at in one go."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Numbers = npt.NDArray[np.int64]
KEYS = ("trace", "request", "session", "user")
PROPERTIES: dict[str, Any] = {
    "at": np.float64,
    "pattern": np.int32,
    "client": np.int32,
    **dict.fromkeys(KEYS, np.uint64),
    "ratio": np.float32,
}
"""Event time in seconds since 1970, numbers of pattern and client, hashes of ids (0: none), times the usual time."""
CLAIMED = "claimed"
"""Not stored: the hash of the person who surely complained of a call, 0 for none."""
SMALLEST = 16


class Columns:
    """Rows have numbers that never change; the one in front is ``first``."""

    __slots__ = ("_arrays", "_offset", "count", "first")

    def __init__(self, first: int = 0) -> None:
        self.first, self.count, self._offset = first, 0, 0
        self._arrays: dict[str, Array] = {
            name: np.zeros(SMALLEST, kind) for name, kind in (*PROPERTIES.items(), (CLAIMED, np.uint64))
        }

    @property
    def end(self) -> int:
        """Number of the next row."""
        return self.first + self.count

    def column(self, name: str) -> Array:
        """A property of all rows; a view, good until the next row comes."""
        return self._arrays[name][self._offset : self._offset + self.count]

    def append(self, values: tuple[float, int, int, int, int, int, int, float]) -> int:
        """Add a row, with its values in the order of `PROPERTIES`; return its number."""
        self._make_room(1)
        place = self._offset + self.count
        for array, value in zip(self._arrays.values(), (*values, 0), strict=True):
            array[place] = value
        self.count += 1
        return self.end - 1

    def extend(self, other: Columns) -> None:
        """Add all rows of others."""
        self._make_room(other.count)
        place = self._offset + self.count
        for name, array in self._arrays.items():
            array[place : place + other.count] = other.column(name)
        self.count += other.count

    def claim(self, row: int, person: int) -> None:
        """Note who surely complained of a call, 0 for nobody any more."""
        if self.first <= row < self.end:
            self.column(CLAIMED)[row - self.first] = person

    def drop(self, count: int) -> None:
        """Forget so many rows in front."""
        self.first += count
        self._offset += count
        self.count -= count

    def spell(self, first: int, count: int) -> bytes:
        """Rows as bytes, property by property."""
        begin = self._offset + first - self.first
        return b"".join(
            self._arrays[name][begin : begin + count].astype(np.dtype(kind).newbyteorder("<"), copy=False).tobytes()
            for name, kind in PROPERTIES.items()
        )

    @classmethod
    def read(cls, first: int, count: int, stored: bytes) -> Columns:
        """Rows from their bytes."""
        made, begin = cls(first), 0
        for name, kind in PROPERTIES.items():
            size = np.dtype(kind).itemsize * count
            part = np.frombuffer(stored[begin : begin + size], np.dtype(kind).newbyteorder("<"))
            made._arrays[name] = part.astype(kind)
            begin += size
        made._arrays[CLAIMED] = np.zeros(count, np.uint64)
        made.count = count
        return made

    def _make_room(self, more: int) -> None:
        size = len(self._arrays["at"])
        if self._offset + self.count + more <= size:
            return
        wanted = max(SMALLEST, self.count + more + (self.count + more) // 4)
        for name, array in self._arrays.items():
            grown = np.zeros(wanted, array.dtype)
            grown[: self.count] = array[self._offset : self._offset + self.count]
            self._arrays[name] = grown
        self._offset = 0
