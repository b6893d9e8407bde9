"""The leaves of the last hours, window by window: small codes for values, capped, as arrays."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from contracts.findings import FindingKind
from contracts.windows import CODED, OTHER, VARIANCE, WENT_WRONG
from processors.health.totals import LeafBlock
from processors.runtime import metrics
from processors.runtime.tables import State, Table, TableSpec

HISTORY_S = 3 * 3_600
"""How far back leaves are kept: what is usual for a combination is taken from here."""
WAYS: dict[FindingKind, int] = {
    "errors": WENT_WRONG["upstream_error"],
    "rate_limited": WENT_WRONG["rate_limited"],
    "auth_failures": WENT_WRONG["auth_failed"],
}
"""Column of a leaf's sums that counts each way to go wrong."""
MOST_ROWS = 300_000
"""Leaves kept of a project, about 14 MB; a busy project reaches less far back, and needs to."""
MAX_VALUES = 250
"""Values of one attribute that are told apart; what comes later is `other`."""
MAX_LEAVES = 5_000
"""Leaves of one window; above, good ones are thinned out and weighed, and all alike when so many failed.

At 54 bytes each before compression, twice as many stay below what one state entry may hold."""
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
        shape = orjson.dumps([len(self.codes), self.sums.shape[1]])
        variance = b"" if self.variance is None else self.variance.tobytes()
        return shape + b"\n" + zlib.compress(self.codes.tobytes() + self.sums.tobytes() + variance, 1)

    @classmethod
    def decode(cls, value: bytes) -> Leaves:
        """Read it back."""
        head, _, body = value.partition(b"\n")
        (rows, width), raw = orjson.loads(head), zlib.decompress(body)
        split = rows * len(CODED) * 2
        codes = np.frombuffer(raw[:split], np.int16).reshape(rows, len(CODED))
        numbers = np.frombuffer(raw[split:], np.int64)
        sums, variance = numbers[: rows * width].reshape(rows, width), numbers[rows * width :]
        return cls(codes, sums, variance if len(variance) else None)


EMPTY = Leaves(np.zeros((0, len(CODED)), np.int16), np.zeros((0, 2), np.int64))
WINDOWS: TableSpec[Leaves] = TableSpec("leaves", encode=Leaves.encode, decode=Leaves.decode, capacity=40_000)
Dictionary = dict[str, int]
VALUES: TableSpec[Dictionary] = TableSpec("values", encode=orjson.dumps, decode=orjson.loads, capacity=20_000)
TABLES: tuple[TableSpec[Any], ...] = (WINDOWS, VALUES)


@dataclass(frozen=True, slots=True)
class ProjectLeaves:
    """The leaves of one project and one way to go wrong.

    ``starts`` are the windows that are kept, ``values`` say what the codes mean, by attribute.
    """

    project: str
    kind: FindingKind
    windows: Table[Leaves]
    starts: tuple[int, ...]
    values: tuple[tuple[str, ...], ...]

    def between(self, since: int, until: int) -> Leaves:
        """All leaves of the windows that begin in the given time; the same leaf may come once a window."""
        found = [
            leaves
            for start in self.starts
            if since <= start < until and (leaves := self.windows.get(f"{self.project}|{start}")) is not None
        ]
        if not found:
            return EMPTY
        columns = [0, WAYS[self.kind]]
        return _joined([Leaves(f.codes, f.sums[:, columns], f.variance) for f in found])

    @property
    def first(self) -> int | None:
        """Start of the earliest window that is kept."""
        return self.starts[0] if self.starts else None


class LeafHistory:
    """The leaves of one partition's projects."""

    def __init__(self, state: State) -> None:
        self._windows, self._values = state[WINDOWS], state[VALUES]
        self._starts: dict[str, list[int]] = {}
        self._rows: dict[str, int] = {}
        for key, leaves in self._windows.items():
            project, _, start = key.rpartition("|")
            self._starts.setdefault(project, []).append(int(start))
            self._rows[project] = self._rows.get(project, 0) + len(leaves.codes)
        for starts in self._starts.values():
            starts.sort()

    def keep(self, project: str, start: int, blocks: Iterable[LeafBlock]) -> None:
        """Keep a window that closed; forget what is too old."""
        coded = [self._coded(project, *block) for block in blocks]
        if coded:
            kept = self._windows[f"{project}|{start}"] = _bounded(_merged(_joined(coded)))
            starts = self._starts.setdefault(project, [])
            starts.append(start)
            self._rows[project] = self._rows.get(project, 0) + len(kept.codes)
            while starts[0] < start - HISTORY_S or (self._rows[project] > MOST_ROWS and len(starts) > 1):
                old = f"{project}|{starts.pop(0)}"
                gone = self._windows.get(old)
                if gone is not None:
                    self._rows[project] -= len(gone.codes)
                    del self._windows[old]

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        for start in self._starts.pop(project, ()):
            if f"{project}|{start}" in self._windows:
                del self._windows[f"{project}|{start}"]
        self._rows.pop(project, None)
        for name in CODED:
            if f"{project}|{name}" in self._values:
                del self._values[f"{project}|{name}"]

    def of(self, project: str, kind: FindingKind) -> ProjectLeaves:
        """The leaves of one project, with what went wrong in one of `WAYS`."""
        values = tuple(tuple(self._values.get(f"{project}|{name}") or ()) for name in CODED)
        return ProjectLeaves(project, kind, self._windows, tuple(self._starts.get(project, ())), values)

    def _coded(self, project: str, values: tuple[tuple[str, ...], ...], rows: Sums) -> Leaves:
        """Rows of a contribution in the codes of the project."""
        codes = np.empty((len(rows), len(CODED)), np.int16)
        for number, (name, spelled) in enumerate(zip(CODED, values, strict=True)):
            coder = self._coder(f"{project}|{name}")
            codes[:, number] = np.array([coder(value) for value in spelled], np.int16)[rows[:, number]]
        sums = rows[:, len(CODED) :]
        return Leaves(codes, sums[:, :VARIANCE], sums[:, VARIANCE] if sums[:, VARIANCE].any() else None)

    def _coder(self, key: str) -> Callable[[str], int]:
        known = self._values.get(key)
        if known is None:
            known = {OTHER: 0}
            self._values[key] = known

        def code(value: str) -> int:
            found = known.get(value)
            if found is None:
                if len(known) >= MAX_VALUES:
                    metrics.CAPPED.labels("value").inc()
                    return 0
                found = known[value] = len(known)
                self._values.touch(key)
            return found

        return code


def _bounded(leaves: Leaves) -> Leaves:
    few_bad = int(leaves.sums[:, 1:].any(axis=1).sum()) <= MAX_LEAVES
    kept = thinned(leaves, MAX_LEAVES, keep_bad=few_bad)
    if len(kept.codes) < len(leaves.codes):
        metrics.CAPPED.labels("leaf").inc(len(leaves.codes) - len(kept.codes))
    return kept


def _numbers(codes: Codes) -> npt.NDArray[np.uint64]:
    """One number a row; two different rows share one by a chance of 2^-64."""
    numbers: npt.NDArray[np.uint64] = (codes.astype(np.uint64) * _HASH[: codes.shape[1]]).sum(axis=1, dtype=np.uint64)
    return numbers


def _joined(parts: Sequence[Leaves]) -> Leaves:
    codes, sums = np.concatenate([part.codes for part in parts]), np.concatenate([part.sums for part in parts])
    if all(part.variance is None for part in parts):
        return Leaves(codes, sums)
    return Leaves(codes, sums, np.concatenate([_variance(part) for part in parts]))


def _variance(leaves: Leaves) -> Sums:
    return np.zeros(len(leaves.codes), np.int64) if leaves.variance is None else leaves.variance


def _merged(leaves: Leaves) -> Leaves:
    """Add rows with the same codes up."""
    _, first, which = np.unique(_numbers(leaves.codes), return_index=True, return_inverse=True)
    if len(first) == len(leaves.codes):
        return leaves
    sums = np.zeros((len(first), leaves.sums.shape[1]), np.int64)
    np.add.at(sums, which, leaves.sums)
    if leaves.variance is None:
        return Leaves(leaves.codes[first], sums)
    return Leaves(leaves.codes[first], sums, np.bincount(which, leaves.variance, len(first)).astype(np.int64))


def thinned(leaves: Leaves, most: int, *, salt: int = 0, keep_bad: bool = True) -> Leaves:
    """Leave one in k of the good leaves, with k times the weight, when there are more than ``most`` leaves.

    Which ones depends on their codes and ``salt`` alone, not on their order; other salts choose independently. Without
    ``keep_bad`` all leaves are alike.
    """
    bad = leaves.sums[:, 1:].any(axis=1) & keep_bad
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
