"""The leaves of the last hours, window by window: small codes for values, capped, as arrays."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

import numpy as np
import orjson

from contracts.findings import FindingKind
from contracts.windows import ATTRIBUTES, MASS, MOST_MORE, OTHER, UNROUTED, VARIANCE, WENT_WRONG
from processors.health.leaves import COLUMNS, EMPTY, FAILURE, Leaves, joined, merged, thinned
from processors.health.totals import LeafBlock
from processors.runtime import metrics
from processors.runtime.tables import State, Table, TableSpec

HISTORY_S = 3 * 3_600
"""How far back leaves are kept: what is usual for a combination is taken from here."""
WAYS: dict[FindingKind, int] = {
    "errors": WENT_WRONG["upstream_error"],
    "rate_limited": WENT_WRONG["rate_limited"],
    "auth_failures": WENT_WRONG["auth_failed"],
    "routing_failures": UNROUTED,
}
"""Column of a leaf's sums that counts each way to go wrong."""
SUMMED: dict[FindingKind, int] = {**WAYS, "latency": MASS}
"""The same with what calls add up to."""
COUNTED = slice(1, MASS)
MOST_ROWS = 300_000
"""Leaves kept of a project, about 20 MB; a busy project reaches less far back, and needs to."""
MORE = "attributes"
"""Where attributes of a project's own are named, and how they are called in a cause: ``attributes.plan``."""
FAILED, UPSTREAM = "failure", ATTRIBUTES.index("upstream")
MAX_VALUES = 250
"""Values of one attribute that are told apart; what comes later is `other`."""
MAX_LEAVES = 5_000
"""Leaves of one window; above, good ones are thinned out and weighed, and all alike when so many failed.

At 78 bytes each before compression, twice as many stay below what one state entry may hold."""
WINDOWS: TableSpec[Leaves] = TableSpec("leaves", encode=Leaves.encode, decode=Leaves.decode, capacity=40_000)
Dictionary = dict[str, int]
VALUES: TableSpec[Dictionary] = TableSpec("values", encode=orjson.dumps, decode=orjson.loads, capacity=20_000)
TABLES: tuple[TableSpec[Any], ...] = (WINDOWS, VALUES)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The leaves of the windows that begin between two moments, one window behind the other.

    ``rows`` says where each window begins, and where the last one ends; ``sampled`` which of them hold a sample.
    """

    since: int
    until: int
    starts: tuple[int, ...]
    rows: tuple[int, ...]
    sampled: tuple[bool, ...]
    leaves: Leaves

    def between(self, since: int, until: int) -> Leaves:
        """The leaves of a part of the time, without copying any."""
        first, last = bisect_left(self.starts, since), bisect_left(self.starts, until)
        part = self.leaves.where(slice(self.rows[first], self.rows[last]))
        return part if any(self.sampled[first:last]) else replace(part, variance=None)


@dataclass(frozen=True, slots=True)
class ProjectLeaves:
    """The leaves of one project, with one way to go wrong or, for ``latency``, the milliseconds of the calls.

    ``starts`` are the windows that are kept, in order, ``names`` the attributes, by column, and ``values`` what their
    codes mean.
    """

    project: str
    kind: FindingKind
    windows: Table[Leaves]
    starts: tuple[int, ...]
    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    _stretches: list[Stretch] = field(default_factory=list)

    def between(self, since: int, until: int) -> Leaves:
        """All leaves of the windows that begin in the given time; the same leaf may come once a window."""
        for stretch in self._stretches:
            if stretch.since <= since and until <= stretch.until:
                return stretch.between(since, until)
        return self._joined(since, until).leaves

    def lay_out(self, since: int, until: int) -> None:
        """Expect questions about many parts of this time: its leaves are laid behind each other once for all of them.

        They are kept as long as this object, so for one look.
        """
        if not any(stretch.since <= since and until <= stretch.until for stretch in self._stretches):
            self._stretches.append(self._joined(since, until))

    def _joined(self, since: int, until: int) -> Stretch:
        first, last = bisect_left(self.starts, since), bisect_left(self.starts, until)
        found = [
            (start, leaves)
            for start in self.starts[first:last]
            if (leaves := self.windows.get(f"{self.project}|{start}")) is not None
        ]
        if not found:
            return Stretch(since, until, (), (0,), (), EMPTY)
        columns, routing = [0, SUMMED[self.kind]], self.kind == "routing_failures"
        leaves = joined(
            [Leaves(f.codes, f.sums[:, columns], f.variance, None if routing else f.numbers) for _, f in found]
        )
        if routing:  # that they reached no upstream is what they have in common, and no cause
            leaves.codes[:, UPSTREAM] = 0
        rows = tuple(accumulate((len(part.codes) for _, part in found), initial=0))
        sampled = tuple(part.variance is not None for _, part in found)
        return Stretch(since, until, tuple(start for start, _ in found), rows, sampled, leaves)

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
        coded = [self._coded(project, block) for block in blocks]
        if coded:
            kept = self._windows[f"{project}|{start}"] = _bounded(merged(joined(coded)))
            starts = self._starts.setdefault(project, [])
            insort(starts, start)
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
        for name in (*self._names(project), FAILED, MORE):
            if f"{project}|{name}" in self._values:
                del self._values[f"{project}|{name}"]

    def of(self, project: str, kind: FindingKind) -> ProjectLeaves:
        """The leaves of one project, with one of `SUMMED`."""
        names = self._names(project)
        values = [tuple(self._values.get(f"{project}|{name}") or ()) for name in names]
        values += [()] * (FAILURE - len(names))
        values.append(tuple(self._values.get(f"{project}|{FAILED}") or ()))
        return ProjectLeaves(project, kind, self._windows, tuple(self._starts.get(project, ())), names, tuple(values))

    def _names(self, project: str) -> tuple[str, ...]:
        """The attributes of a project by column."""
        more = self._values.get(f"{project}|{MORE}") or {}
        return (*ATTRIBUTES, *(f"{MORE}.{name}" for name in list(more)[1:]))

    def _coded(self, project: str, block: LeafBlock) -> Leaves:
        """Rows of a contribution in the codes of the project."""
        rows = block.rows
        codes = np.zeros((len(rows), COLUMNS), np.int16)
        columns = [*enumerate(ATTRIBUTES), *self._slots(project, block.more), (FAILURE, FAILED)]
        for number, ((column, name), spelled) in enumerate(zip(columns, block.values, strict=True)):
            if column is not None:
                coder = self._coder(f"{project}|{name}")
                codes[:, column] = np.array([coder(value) for value in spelled], np.int16)[rows[:, number]]
        sums = rows[:, len(block.values) :]
        return Leaves(codes, sums[:, :VARIANCE], sums[:, VARIANCE] if sums[:, VARIANCE].any() else None)

    def _slots(self, project: str, more: tuple[str, ...]) -> Iterator[tuple[int | None, str]]:
        """Columns of attributes of the project's own; a column is taken until the project is forgotten."""
        for name in more:
            code = self._coder(f"{project}|{MORE}", MOST_MORE + 1)(name)
            yield (len(ATTRIBUTES) + code - 1 if code else None), f"{MORE}.{name}"

    def _coder(self, key: str, most: int = MAX_VALUES) -> Callable[[str], int]:
        known = self._values.get(key)
        if known is None:
            known = {OTHER: 0}
            self._values[key] = known

        def code(value: str) -> int:
            found = known.get(value)
            if found is None:
                if len(known) >= most:
                    metrics.CAPPED.labels("value").inc()
                    return 0
                found = known[value] = len(known)
                self._values.touch(key)
            return found

        return code


def _bounded(leaves: Leaves) -> Leaves:
    few_bad = len(leaves.codes) <= MAX_LEAVES or int(leaves.sums[:, COUNTED].any(axis=1).sum()) <= MAX_LEAVES
    kept = thinned(leaves, MAX_LEAVES, keep_bad=few_bad, ways=COUNTED)
    if len(kept.codes) < len(leaves.codes):
        metrics.CAPPED.labels("leaf").inc(len(leaves.codes) - len(kept.codes))
    return kept
