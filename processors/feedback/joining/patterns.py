"""The failing patterns of a partition, by number, by word and by route."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from contracts.symptoms import Symptom
from processors.feedback.joining.by_project import row_of, rows
from processors.feedback.joining.pattern import FailingPattern, Key, Pattern, end_of, key_in, key_of, pattern_of
from processors.feedback.joining.slots import OTHER, Slots
from processors.runtime import metrics
from processors.runtime.tables import State, Table, TableSpec, table_of

MOST = 2_000
"""Patterns of a project."""
MOST_OF_ALL = 20_000
PATTERNS: TableSpec[Pattern] = table_of(Pattern, "join_patterns", capacity=2 * MOST_OF_ALL)


class _Project:
    """Patterns by number: how they end (`ENDS`), and which have a word or a route."""

    def __init__(self) -> None:
        self.slots: Slots[Key] = Slots(MOST)
        self.with_word: dict[str, dict[int, bool]] = {}
        self.with_route: dict[str, dict[int, None]] = {}
        self.ends = np.zeros(16, np.int8)

    def put(self, number: int, pattern: Pattern) -> None:
        for word in (*pattern.aside, *pattern.words):
            self.with_word.setdefault(word, {})[number] = word in pattern.words
        self.with_route.setdefault(pattern.route, {})[number] = None
        if number >= len(self.ends):
            self.ends = np.concatenate([self.ends, np.zeros_like(self.ends)])
        self.ends[number] = end_of(pattern)

    def remove(self, number: int, pattern: Pattern) -> None:
        self.slots.free(key_in(pattern))
        _drop(self.with_route, pattern.route, number)
        for word in (*pattern.aside, *pattern.words):
            _drop(self.with_word, word, number)
        self.ends[number] = 0


class Patterns:
    """The patterns of all projects of a partition."""

    def __init__(self, state: State) -> None:
        self._table: Table[Pattern] = state[PATTERNS]
        self._projects: dict[str, _Project] = {}
        self._count = 0
        for project, number, pattern in sorted(
            ((p, int(n), v) for p, n, v in rows(self._table)), key=lambda row: row[:2]
        ):
            self._project(project).slots.restore(key_in(pattern), number)
            self._project(project).put(number, pattern)
            self._count += 1
        for kept in self._projects.values():
            kept.slots.settle()

    def take(self, project: str, symptom: Symptom, now: float) -> int:
        """Count a symptom; return the number of its pattern."""
        kept, key = self._project(project), key_of(symptom)
        number = kept.slots.get(key)
        if number is None:
            number = kept.slots.give(key) if self._count < MOST_OF_ALL else OTHER
            if number == OTHER:
                metrics.CAPPED.labels(PATTERNS.name).inc()
                return OTHER
            self._count += 1
            pattern = pattern_of(symptom, now)
            kept.put(number, pattern)
        else:
            pattern = self._table[row_of(project, number)]
        pattern.count(now)
        self._table[row_of(project, number)] = pattern
        return number

    def get(self, project: str, number: int) -> Pattern | None:
        """A pattern by its number."""
        return self._table.get(row_of(project, number))

    def of(self, project: str) -> Iterable[tuple[int, Pattern]]:
        """All patterns of a project by number."""
        kept = self._project(project)
        found = ((number, self.get(project, number)) for number in range(1, kept.slots.end))
        return ((number, pattern) for number, pattern in found if pattern is not None)

    def number(self, project: str, told: FailingPattern) -> int:
        """The number of a pattern that was told of."""
        key = told.method, told.route, told.upstream, told.outcome, told.code
        return self._project(project).slots.get(key) or OTHER

    def count(self, project: str) -> int:
        """How many numbers there are, `OTHER` included."""
        return self._project(project).slots.end

    def with_word(self, project: str, word: str) -> Mapping[int, bool]:
        """Numbers of the patterns that have a word, and whether it is the route's or says how calls end."""
        return self._project(project).with_word.get(word, {})

    def rarity(self, project: str, word: str) -> float:
        """Logarithm of how few patterns have a word, in nats; 0 for a word that none has."""
        kept = self._project(project)
        among = len(kept.with_word.get(word, ()))
        return math.log1p(len(kept.slots) / among) if among else 0.0

    def with_route(self, project: str, route: str) -> Iterable[int]:
        """Numbers of the patterns of a route."""
        return self._project(project).with_route.get(route, ())

    def ends(self, project: str) -> npt.NDArray[np.int8]:
        """How the calls of each pattern end, by number: see `ENDS`."""
        kept = self._project(project)
        return kept.ends[: kept.slots.end]

    def forget(self, before: Callable[[str], float]) -> list[tuple[str, int, Pattern]]:
        """Forget what was not seen since a time, which depends on the project; return it with project and number."""
        gone = [
            (row, pattern) for row, pattern in self._table.items() if pattern.seen_at < before(row.partition("|")[0])
        ]
        forgotten = []
        for row, pattern in gone:
            project, _, number = row.partition("|")
            self._projects[project].remove(int(number), pattern)
            del self._table[row]
            self._count -= 1
            forgotten.append((project, int(number), pattern))
        return forgotten

    def _project(self, project: str) -> _Project:
        kept = self._projects.get(project)
        if kept is None:
            kept = self._projects[project] = _Project()
        return kept


def _drop(index: dict[str, dict[int, Any]], name: str, number: int) -> None:
    """Take a number out of an index; a word may stand in it twice."""
    numbers = index.get(name, {})
    numbers.pop(number, None)
    if not numbers:
        index.pop(name, None)
