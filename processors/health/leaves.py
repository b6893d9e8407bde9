"""Rows of small codes with sums: adding them up, thinning them out, storing them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import orjson

from contracts.windows import ATTRIBUTES, MOST_MORE

SLOTS = len(ATTRIBUTES) + MOST_MORE
"""Attributes that a leaf may have; those of a project's own take the last places, as many as it has."""
FAILURE, COLUMNS = SLOTS, SLOTS + 1
"""Column of how it failed, the last one."""
GOOD_PART = 4
"""At least the fourth part of what is left are good leaves: a handful of them, heavily weighed, would say little."""
_HASH = np.random.default_rng(20_260_615).integers(1, 2**63, 64, dtype=np.uint64) | np.uint64(1)
"""Odd multipliers that turn a row of codes into one number; fixed, so that a replay thins out the same leaves."""
_MIX = 0x9E3779B97F4A7C15
"""2^64 divided by the golden ratio (Knuth, vol. 3, 6.4): carries every bit of a number to the high ones."""

Codes = npt.NDArray[np.int16]
Sums = npt.NDArray[np.int64] | npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Leaves:
    """Rows of codes (n, attributes) with sums (n, …): calls, then what went wrong, one column or one for each way.

    Instead of what went wrong, or behind it, there may be a mass: what the calls add up to.

    ``variance`` says how uncertain the calls of each row are, None when they were all counted.
    """

    codes: Codes
    sums: Sums
    variance: Sums | None = None

    def where(self, mask: npt.NDArray[np.bool_]) -> Leaves:
        """Some of the rows."""
        return Leaves(self.codes[mask], self.sums[mask], None if self.variance is None else self.variance[mask])

    def encode(self) -> bytes:
        """As it is stored."""
        shape = orjson.dumps([*self.codes.shape, self.sums.shape[1]])
        variance = b"" if self.variance is None else self.variance.tobytes()
        return shape + b"\n" + zlib.compress(self.codes.tobytes() + self.sums.tobytes() + variance, 1)

    @classmethod
    def decode(cls, value: bytes) -> Leaves:
        """Read it back."""
        head, _, body = value.partition(b"\n")
        (rows, columns, width), raw = orjson.loads(head), zlib.decompress(body)
        split = rows * columns * 2
        codes = np.frombuffer(raw[:split], np.int16).reshape(rows, columns)
        numbers = np.frombuffer(raw[split:], np.int64)
        sums, variance = numbers[: rows * width].reshape(rows, width), numbers[rows * width :]
        return cls(codes, sums, variance if len(variance) else None)


EMPTY = Leaves(np.zeros((0, COLUMNS), np.int16), np.zeros((0, 2), np.int64))


def _numbers(codes: Codes) -> npt.NDArray[np.uint64]:
    """One number a row; two different rows share one by a chance of 2^-64."""
    numbers: npt.NDArray[np.uint64] = (codes.astype(np.uint64) * _HASH[: codes.shape[1]]).sum(axis=1, dtype=np.uint64)
    return numbers


def joined(parts: Sequence[Leaves]) -> Leaves:
    """The rows of all parts, one behind the other."""
    codes, sums = np.concatenate([part.codes for part in parts]), np.concatenate([part.sums for part in parts])
    if all(part.variance is None for part in parts):
        return Leaves(codes, sums)
    return Leaves(codes, sums, np.concatenate([_variance(part) for part in parts]))


def _variance(leaves: Leaves) -> Sums:
    return np.zeros(len(leaves.codes), np.int64) if leaves.variance is None else leaves.variance


def merged(leaves: Leaves) -> Leaves:
    """Add rows with the same codes up."""
    _, first, which = np.unique(_numbers(leaves.codes), return_index=True, return_inverse=True)
    if len(first) == len(leaves.codes):
        return leaves
    sums = np.zeros((len(first), leaves.sums.shape[1]), np.int64)
    np.add.at(sums, which, leaves.sums)
    if leaves.variance is None:
        return Leaves(leaves.codes[first], sums)
    return Leaves(leaves.codes[first], sums, np.bincount(which, leaves.variance, len(first)).astype(np.int64))


def thinned(leaves: Leaves, most: int, *, salt: int = 0, keep_bad: bool = True, ways: slice = slice(1, None)) -> Leaves:
    """Leave one in k of the good leaves, with k times the weight, when there are more than ``most`` leaves.

    Which ones depends on their codes and ``salt`` alone, not on their order; other salts choose independently. Without
    ``keep_bad`` all leaves are alike. ``ways`` are the columns that count what went wrong.
    """
    bad = leaves.sums[:, ways].any(axis=1) & keep_bad
    good = int((~bad).sum())
    if len(leaves.codes) <= most or not good:
        return leaves
    step = max(2, -(-good // max(most // GOOD_PART, most - int(bad.sum()))))
    numbers = _numbers(leaves.codes)
    if salt:
        numbers = numbers * np.uint64(_MIX * (2 * salt + 1) % 2**64) >> np.uint64(16)
    chosen = bad | (numbers // np.uint64(2**16) % np.uint64(step) == 0)
    sums, variance = leaves.sums.copy(), _variance(leaves).copy()
    variance[~bad] = step * variance[~bad] + step * (step - 1) * sums[~bad, 0].astype(np.int64) ** 2
    sums[~bad] *= step
    return Leaves(leaves.codes[chosen], sums[chosen], variance[chosen])
