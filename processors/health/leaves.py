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
Numbers = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Leaves:
    """Rows of codes (n, attributes) with sums (n, …): calls, then what went wrong, one column or one for each way.

    Instead of what went wrong, or behind it, there may be a mass: what the calls add up to.

    ``variance`` says how uncertain the calls of each row are, None when they were all counted. ``numbers`` are those
    that stand for the codes of each row, where they were computed before: many ask for them, again and again.
    """

    codes: Codes
    sums: Sums
    variance: Sums | None = None
    numbers: Numbers | None = None

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp] | slice) -> Leaves:
        """Some of the rows: by a mask, by their places, or from one to another."""
        return Leaves(
            self.codes[chosen],
            self.sums[chosen],
            None if self.variance is None else self.variance[chosen],
            None if self.numbers is None else self.numbers[chosen],
        )

    def numbered(self) -> Numbers:
        """One number a row; two different rows share one by a chance of 2^-64."""
        return _numbers(self.codes) if self.numbers is None else self.numbers

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
        return cls(codes, sums, variance if len(variance) else None, _numbers(codes))


def _numbers(codes: Codes) -> Numbers:
    numbers: Numbers = np.zeros(len(codes), np.uint64)
    for column, factor in zip(codes.T, _HASH, strict=False):
        numbers += column.astype(np.uint64) * factor
    return numbers


EMPTY = Leaves(np.zeros((0, COLUMNS), np.int16), np.zeros((0, 2), np.int64))


def joined(parts: Sequence[Leaves]) -> Leaves:
    """The rows of all parts, one behind the other."""
    codes, sums = np.concatenate([part.codes for part in parts]), np.concatenate([part.sums for part in parts])
    known = [part.numbers for part in parts if part.numbers is not None]
    numbers = np.concatenate(known) if len(known) == len(parts) else None
    if all(part.variance is None for part in parts):
        return Leaves(codes, sums, None, numbers)
    return Leaves(codes, sums, np.concatenate([_variance(part) for part in parts]), numbers)


def _variance(leaves: Leaves) -> Sums:
    return np.zeros(len(leaves.codes), np.int64) if leaves.variance is None else leaves.variance


def merged(leaves: Leaves) -> Leaves:
    """Add rows with the same codes up."""
    numbers = leaves.numbered()
    found, first, which = np.unique(numbers, return_index=True, return_inverse=True)
    if len(first) == len(leaves.codes):
        return Leaves(leaves.codes, leaves.sums, leaves.variance, numbers)
    sums = np.zeros((len(first), leaves.sums.shape[1]), np.int64)
    np.add.at(sums, which, leaves.sums)
    if leaves.variance is None:
        return Leaves(leaves.codes[first], sums, None, found)
    variance = np.bincount(which, leaves.variance, len(first)).astype(np.int64)
    return Leaves(leaves.codes[first], sums, variance, found)


def thinned(leaves: Leaves, most: int, *, salt: int = 0, keep_bad: bool = True, ways: slice = slice(1, None)) -> Leaves:
    """Leave one in k of the good leaves, with k times the weight, when there are more than ``most`` leaves.

    Which ones depends on their codes and ``salt`` alone, not on their order; other salts choose independently. Without
    ``keep_bad`` all leaves are alike. ``ways`` are the columns that count what went wrong.
    """
    if len(leaves.codes) <= most:
        return leaves
    bad = _any(leaves.sums[:, ways]) if keep_bad else np.zeros(len(leaves.codes), np.bool_)
    good = len(bad) - int(np.count_nonzero(bad))
    if not good:
        return leaves
    step = max(2, -(-good // max(most // GOOD_PART, most - (len(bad) - good))))
    numbers = leaves.numbered()
    if salt:
        numbers = numbers * np.uint64(_MIX * (2 * salt + 1) % 2**64) >> np.uint64(16)
    drawn, every = numbers >> np.uint64(16), np.uint64(step)
    chosen = np.flatnonzero(bad | (drawn // every * every == drawn))  # several times as fast as the remainder
    kept, weighed = leaves.where(chosen), ~bad[chosen]
    sums, variance = kept.sums.copy(), _variance(kept).copy()
    variance[weighed] = step * variance[weighed] + step * (step - 1) * sums[weighed, 0].astype(np.int64) ** 2
    sums[weighed] *= step
    return Leaves(kept.codes, sums, variance, kept.numbers)


def _any(sums: Sums) -> npt.NDArray[np.bool_]:
    """Which rows have something in any column; column by column, which is far faster than row by row."""
    found: npt.NDArray[np.bool_] = np.zeros(len(sums), np.bool_)
    for column in sums.T:
        found |= column != 0
    return found
