"""The past of one series, thinned: a day by quarters of an hour, two weeks by hours."""

from __future__ import annotations

import math
import struct
from array import array
from typing import Self

import numpy as np
from numpy.typing import NDArray

HEAD = struct.Struct("<Bqq")
VERSION = 1


class Bins:
    """The means of the newest ``most`` bins of ``width_s`` seconds; an empty bin is not a number."""

    __slots__ = ("_count", "_means", "_newest", "width_s")

    def __init__(self, width_s: int, most: int) -> None:
        self.width_s = width_s
        self._newest = -1
        self._count = 0
        self._means = array("f", [math.nan]) * most

    def take(self, at: float, value: float) -> None:
        """Add a value to its bin, if that is the newest one or newer: what is closed stays as it is."""
        number, most = int(at // self.width_s), len(self._means)
        if number < self._newest or number < 0 or not math.isfinite(value):
            return
        if number > self._newest:
            for skipped in range(max(self._newest + 1, number - most + 1), number + 1):
                self._means[skipped % most] = math.nan
            self._newest, self._count = number, 0
        self._count += 1
        mean = self._means[number % most] if self._count > 1 else 0.0
        self._means[number % most] = mean + (value - mean) / self._count

    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Middle times (seconds since 1970) and means of the bins that are not empty, oldest first; both of shape n."""
        most = len(self._means)
        numbers = np.arange(self._newest - most + 1, self._newest + 1)
        means = np.asarray(self._means, np.float64)[numbers % most]
        known = np.isfinite(means)
        return (numbers[known].astype(np.float64) + 0.5) * self.width_s, means[known]

    def encode(self) -> bytes:
        """The whole state: 17 bytes and 4 a bin."""
        return HEAD.pack(VERSION, self._newest, self._count) + self._means.tobytes()

    def restore(self, stored: bytes) -> None:
        """Take over what bins of the same sizes stored; ValueError for anything else."""
        if len(stored) != HEAD.size + 4 * len(self._means) or stored[0] != VERSION:
            raise ValueError(f"no bins of version {VERSION}: {len(stored)} bytes beginning {stored[:1]!r}")
        _, self._newest, self._count = HEAD.unpack_from(stored)
        self._means = array("f", stored[HEAD.size :])


class History:
    """What a forecast looks back on: 1.8 kB, however long and dense the series is."""

    __slots__ = ("day", "weeks")

    def __init__(self) -> None:
        self.day = Bins(900, 96)
        self.weeks = Bins(3_600, 14 * 24)

    def take(self, at: float, value: float) -> None:
        """Add the value at ``at`` (seconds since 1970); one that is no finite number is left out."""
        self.day.take(at, value)
        self.weeks.take(at, value)

    def encode(self) -> bytes:
        """The whole state; `decode` gives an equal one."""
        return self.day.encode() + self.weeks.encode()

    @classmethod
    def decode(cls, stored: bytes) -> Self:
        """Bring back what `encode` stored; ValueError for anything else."""
        self = cls()
        border = len(self.day.encode())
        self.day.restore(stored[:border])
        self.weeks.restore(stored[border:])
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and self.encode() == other.encode()

    __hash__ = None  # type: ignore[assignment]  # it changes with every value
