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
    "pattern": np.uint16,
    "client": np.uint16,
    **dict.fromkeys(KEYS, np.uint64),
    "ratio": np.float16,
}
"""Event time in seconds since 1970, numbers of pattern and client, hashes of ids (0: none), times the usual time."""
MOST_RATIO = 60_000.0
"""What a half-precision number holds."""
CLAIMED = "claimed"
"""Not stored: whether somebody surely complained of a call; `Columns.people` says who."""
SMALLEST = 16


class Columns:
    """Rows have numbers that never change; the one in front is ``first``."""

    __slots__ = ("_arrays", "_offset", "count", "first", "people")

    def __init__(self, first: int = 0) -> None:
        self.first, self.count, self._offset = first, 0, 0
        self.people: dict[int, int] = {}
        """Hash of the person who surely complained of a call, by row."""
        self._arrays: dict[str, Array] = {
            name: np.zeros(SMALLEST, kind) for name, kind in (*PROPERTIES.items(), (CLAIMED, np.bool_))
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
        if not self.first <= row < self.end:
            return
        self.column(CLAIMED)[row - self.first] = bool(person)
        self.people.pop(row, None)
        if person:
            self.people[row] = person

    def drop(self, count: int) -> None:
        """Forget so many rows in front."""
        for place in np.flatnonzero(self.column(CLAIMED)[:count]).tolist():
            self.people.pop(self.first + place, None)
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
        made._arrays[CLAIMED] = np.zeros(count, np.bool_)
        made.count = count
        return made

    def _make_room(self, more: int) -> None:
        size = len(self._arrays["at"])
        if self._offset + self.count + more <= size:
            return
        wanted = max(SMALLEST, self.count + more + (self.count + more) // 10)
        for name, array in self._arrays.items():
            grown = np.zeros(wanted, array.dtype)
            grown[: self.count] = array[self._offset : self._offset + self.count]
            self._arrays[name] = grown
        self._offset = 0
