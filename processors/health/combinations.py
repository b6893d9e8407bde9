"""Numbers for combinations of codes, and sums over the rows of each.

A combination's number, its key, counts up like a number with one digit an attribute. ``size`` is how many keys the
attributes have; where it is small all are counted at once, which is far faster than to look for some.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

DENSE = 2**18
"""Keys up to which all are counted: an array of so many numbers, 2 MB, still fits the processor's cache."""
SPARSE = 16
"""Keys for each row from which the rows are sorted instead: to fill and search the array would take longer."""
AT_ONCE = 2**16
"""Keys of several choices of attributes that are counted at once: half a megabyte, which the cache holds twice."""
TABLE = 2**13
"""Keys from which a table of places is looked up first, so that only rows that matter are added up."""

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Places = npt.NDArray[np.int64] | npt.NDArray[np.int32]


def keys_of(columns: list[Numbers], attributes: tuple[int, ...], sizes: list[int]) -> Numbers:
    """The key of each row; ``sizes`` has the number of codes of every attribute."""
    keys = columns[attributes[0]]
    for attribute in attributes[1:]:
        keys = keys * sizes[attribute] + columns[attribute]
    return keys


def codes_of(keys: Numbers, attributes: tuple[int, ...], sizes: list[int]) -> Numbers:
    """The codes of each key, (keys, attributes)."""
    return np.column_stack(np.unravel_index(keys, [sizes[attribute] for attribute in attributes]))


def size_of(attributes: tuple[int, ...], sizes: list[int]) -> int:
    """How many keys the attributes have."""
    return math.prod(sizes[attribute] for attribute in attributes)


def totals(keys: Numbers, weights: Floats, size: int) -> tuple[Numbers, Floats]:
    """The keys that occur, sorted, with the sum of their weights, all of which are above 0."""
    if size <= min(DENSE, SPARSE * len(keys)):
        sums = np.bincount(keys, weights, size)
        found = np.flatnonzero(sums)
        return found, sums[found].astype(np.float64)
    found, which = np.unique(keys, return_inverse=True)
    return found, np.bincount(which, weights, len(found)).astype(np.float64)


def counted(
    columns: list[Numbers], several: Sequence[tuple[int, ...]], sizes: list[int], weights: Floats, least: float
) -> Iterator[tuple[tuple[int, ...], Numbers, Floats]]:
    """Attributes with their keys whose weights add up to at least so much, if there are any, sorted, and these sums.

    Of few rows all attributes are counted at once, as if they were one: then it is the steps that take time.
    """
    at_once = max(1, AT_ONCE // max(1, len(weights)))
    rows = np.array(columns)
    for number in range(0, len(several), at_once):
        some = several[number : number + at_once]
        ends = np.cumsum([size_of(attributes, sizes) for attributes in some])
        begins = np.array([0, *ends[:-1].tolist()])
        keys = (_keys(rows, some, sizes) + begins[:, None]).ravel()
        found, sums = totals(keys, np.tile(weights, len(some)), int(ends[-1]))
        enough = sums >= least
        found, sums = found[enough], sums[enough]
        firsts = np.searchsorted(found, [*begins.tolist(), int(ends[-1])]).tolist()
        for attributes, begin, first, last in zip(some, begins, firsts, firsts[1:], strict=False):
            if first < last:
                yield attributes, found[first:last] - begin, sums[first:last]


def _keys(rows: Numbers, several: Sequence[tuple[int, ...]], sizes: list[int]) -> Numbers:
    """The keys of all rows for several choices of as many attributes, (several, rows); ``rows`` is by attribute."""
    chosen, many = np.array(several), np.array(sizes)
    keys: Numbers = rows[chosen[:, 0]]
    for attribute in chosen.T[1:]:
        keys = keys * many[attribute, None] + rows[attribute]
    return keys


def places(keys: Numbers, regions: Numbers, size: int) -> Places:
    """Which of the ``regions``, sorted keys, each row is of; -1 for none."""
    if size <= DENSE:
        table = np.full(size, -1, np.int32)
        table[regions] = np.arange(len(regions))
        return table[keys]
    found = np.searchsorted(regions, keys)
    found[found == len(regions)] = 0
    return np.where(regions[found] == keys, found, -1)


def sums_at(keys: Numbers, regions: Numbers, size: int, weights: Sequence[Floats]) -> list[Floats]:
    """A sum of each of the ``weights`` over the rows of each of the ``regions``, sorted keys."""
    if size <= TABLE:
        return [np.bincount(keys, column, size)[regions].astype(np.float64) for column in weights]
    at = places(keys, regions, size)
    inside = np.flatnonzero(at >= 0)
    return [np.bincount(at[inside], column[inside], len(regions)).astype(np.float64) for column in weights]
