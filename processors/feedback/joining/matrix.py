"""Reported and observed, observed and not reported, reported while telemetry is green: by route and journey."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from processors.feedback.joining.by_project import row_of, rows
from processors.feedback.joining.pattern import BUCKET_S, BUCKETS
from processors.feedback.joining.patterns import Patterns
from processors.feedback.joining.reporters import Reporters
from processors.runtime import metrics
from processors.runtime.tables import State, Table, TableSpec, table_of

Kind = Literal["project", "route", "journey"]
KINDS: tuple[Kind, ...] = ("project", "route", "journey")
OBSERVED, GREEN = 0, 1
"""Where a complaint counts: calls that went wrong stand behind it, or none does."""
EVERY_S = 10.0
"""Seconds between two publications of a project."""
MOST = 2_000
"""Routes, and journeys, of a project that have rows of their own; the rest is in `REST`."""
REST = "other"
HOURLY = 4
"""How many of the numbers that are told are of the last hour; they come first."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Complaints with calls behind them; calls that went wrong and nobody complained of; complaints without a call."""

    reported_observed: int = 0
    observed_not_reported: int = 0
    reported_green: int = 0


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One row: ``name`` is the route or journey, empty for the project; of the last hour and since the beginning.

    ``at`` is when it was so, in seconds since 1970. A call counts as reported when somebody complained of its pattern.
    """

    project: str
    kind: Kind
    name: str
    at: float
    hour: Cells
    total: Cells
    failing_calls: int
    """Calls that went wrong in the last hour, whether somebody complained or not."""
    reporters: int
    """Different people who complained of its patterns, as far as they are told apart."""


@dataclass(slots=True)
class _Observed:
    """Calls that went wrong: in the last hour, those of them that nobody complained of, the same of all; and people."""

    failing: int = 0
    hour: int = 0
    total: int = 0
    people: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a complaint counts: `OBSERVED` or `GREEN`, its route and its journey, each empty where not known."""

    cell: int
    route: str
    journey: str


@dataclass(frozen=True, slots=True)
class _Change:
    cell: int
    bucket: str
    change: int


@dataclass(slots=True)
class Counted:
    """Complaints of one row: in all, and by bucket of five minutes; ``said`` are the numbers told last."""

    total: list[int] = field(default_factory=lambda: [0, 0])
    recent: dict[str, list[int]] = field(default_factory=dict)
    said: list[int] = field(default_factory=lambda: [0] * 8)
    journey: str = ""
    """Of a route: the journey it belongs to, as the latest complaint about it says."""
    unreported: int = 0
    """Calls of forgotten patterns that nobody had complained of."""
    looked_at: float = 0.0
    """Of the project: when it was looked at last."""

    def in_last_hour(self, now: float) -> list[list[int]]:
        """Complaints by bucket."""
        oldest = int(now) // BUCKET_S - BUCKETS + 1
        return [cells for bucket, cells in self.recent.items() if int(bucket) >= oldest]


MATRIX: TableSpec[Counted] = table_of(Counted, "join_matrix", capacity=100_000)


class Matrix:
    """The rows of all projects of a partition."""

    def __init__(self, state: State) -> None:
        self._table: Table[Counted] = state[MATRIX]
        self._names: dict[tuple[str, str], dict[str, None]] = {}
        for project, place, _ in sorted(rows(self._table), key=lambda row: row[:2]):
            kind, _, name = place.partition("|")
            self._names.setdefault((project, kind), {})[name] = None

    def projects(self) -> list[str]:
        """Projects that have rows."""
        return sorted({project for project, _ in self._names})

    def count(self, project: str, place: Place, came_at: float, change: int = 1) -> None:
        """Add a complaint, or take it back with a ``change`` of -1."""
        add = _Change(place.cell, str(int(came_at) // BUCKET_S), change)
        self._add(project, "project", "", add)
        if place.route:
            counted = self._add(project, "route", place.route, add)
            if place.journey and change > 0:
                counted.journey = place.journey
        if place.journey:
            self._add(project, "journey", place.journey, add)

    def notice(self, project: str, route: str) -> None:
        """Calls of a route went wrong: it has a row."""
        if "" not in self._names.get((project, "project"), ()):
            self._row(project, "project", "")
        if route and route not in self._names.get((project, "route"), ()):
            self._row(project, "route", route)

    def bury(self, project: str, route: str, unreported: int) -> None:
        """A pattern is forgotten; its calls go on counting in total."""
        for kind, name in (("project", ""), ("route", route)):
            if kind == "project" or name:
                key, counted = self._row(project, kind, name)
                counted.unreported += unreported
                self._table[key] = counted

    def rows(self, project: str, patterns: Patterns, reporters: Reporters, now: float) -> list[MatrixRow]:
        """What changed since it was looked at last, at most every `EVERY_S`."""
        key, whole = self._row(project, "project", "")
        idle = patterns.count(project) == 1 and not any(whole.said[:HOURLY]) and not whole.in_last_hour(now)
        if idle or now - whole.looked_at < EVERY_S:
            return []
        whole.looked_at = now
        self._table.touch(key)
        observed = self._observed(project, patterns, reporters, now)
        changed = []
        for kind in KINDS:
            for name in sorted(self._names.get((project, kind), ())):
                place, counted = self._row(project, kind, name)
                seen = observed.get((kind, name)) or _Observed()
                hour, total = _cells(counted, now, seen)
                said = [seen.failing, *_numbers(hour), len(seen.people), *_numbers(total)]
                if said != counted.said:
                    counted.said = said
                    self._table.touch(place)
                    changed.append(MatrixRow(project, kind, name, now, hour, total, seen.failing, len(seen.people)))
        return changed

    def _observed(
        self, project: str, patterns: Patterns, reporters: Reporters, now: float
    ) -> dict[tuple[str, str], _Observed]:
        """What calls show, by kind and name."""
        found: dict[tuple[str, str], _Observed] = {}
        for number, pattern in patterns.of(project):
            reports, calls = reporters.of(project, number), pattern.in_last_hour(now)
            reported = reports.in_last_hour(now)
            for place in self._places(project, pattern.route):
                one = found.setdefault(place, _Observed())
                one.failing += calls
                one.hour += 0 if reported else calls
                one.total += 0 if reports.reports else pattern.calls
                one.people.update(dict.fromkeys(reports.people))
        return found

    def _places(self, project: str, route: str) -> Iterator[tuple[Kind, str]]:
        yield "project", ""
        if not route:
            return
        key, counted = self._row(project, "route", route)
        yield "route", key.split("|", 2)[2]
        if counted.journey:
            yield "journey", counted.journey

    def _add(self, project: str, kind: Kind, name: str, add: _Change) -> Counted:
        key, counted = self._row(project, kind, name)
        counted.total[add.cell] = max(0, counted.total[add.cell] + add.change)
        if add.change > 0 or add.bucket in counted.recent:
            recent = counted.recent.setdefault(add.bucket, [0, 0])
            recent[add.cell] = max(0, recent[add.cell] + add.change)
        while len(counted.recent) > BUCKETS:
            del counted.recent[min(counted.recent, key=int)]
        self._table[key] = counted
        return counted

    def _row(self, project: str, kind: str, name: str) -> tuple[str, Counted]:
        names = self._names.setdefault((project, kind), {})
        if name not in names and len(names) >= MOST:
            metrics.CAPPED.labels(MATRIX.name).inc()
            name = REST
        key = row_of(project, row_of(kind, name))
        counted = self._table.get(key)
        if counted is None:
            names[name] = None
            counted = self._table[key] = Counted()
        return key, counted


def _cells(counted: Counted, now: float, seen: _Observed) -> tuple[Cells, Cells]:
    """Of the last hour, and of all."""
    recent = counted.in_last_hour(now)
    return (
        Cells(sum(cells[OBSERVED] for cells in recent), seen.hour, sum(cells[GREEN] for cells in recent)),
        Cells(counted.total[OBSERVED], seen.total + counted.unreported, counted.total[GREEN]),
    )


def _numbers(cells: Cells) -> tuple[int, int, int]:
    return cells.reported_observed, cells.observed_not_reported, cells.reported_green
