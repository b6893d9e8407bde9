"""From where calls failed: browser, system, device, country and release, and how well they fit a complaint's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from contracts.symptoms import Symptom
from processors.feedback.joining.by_project import row_of, rows
from processors.feedback.joining.devices import spell
from processors.feedback.joining.slots import OTHER, Slots
from processors.runtime import metrics
from processors.runtime.tables import State, Table, TableSpec, table_of

MOST = 4_000
"""Combinations of a project."""
MOST_OF_ALL = 40_000
STALE_S = 3_600.0
"""How exactly it is known when a combination was seen last, in seconds: it is not written with every symptom."""
PARTS = ("browser", "os", "device", "country", "release")
Who = tuple[str, str, str, str, str]
Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Client:
    """One combination; its number is its key in the table."""

    who: list[str]
    seen_at: float


CLIENTS: TableSpec[Client] = table_of(Client, "join_clients", capacity=2 * MOST_OF_ALL)


class _Project:
    """The combinations of a project as columns of codes, a row for each number."""

    def __init__(self) -> None:
        self.slots: Slots[Who] = Slots(MOST)
        self._codes = np.zeros((16, len(PARTS)), np.int32)
        self.calls = np.zeros(16)
        self._names: tuple[dict[str, int], ...] = tuple({"": 0} for _ in PARTS)

    def put(self, number: int, who: Who) -> None:
        if number >= len(self._codes):
            self._codes = np.concatenate([self._codes, np.zeros_like(self._codes)])
            self.calls = np.concatenate([self.calls, np.zeros_like(self.calls)])
        self._codes[number] = [names.setdefault(name, len(names)) for names, name in zip(self._names, who, strict=True)]

    def codes(self) -> npt.NDArray[np.int32]:
        return self._codes[: self.slots.end]

    def code(self, part: int, name: str) -> int:
        """-1 for a value that no symptom of the project has."""
        return self._names[part].get(name, -1)


class Clients:
    """The combinations of all projects of a partition."""

    def __init__(self, state: State) -> None:
        self._table: Table[Client] = state[CLIENTS]
        self._projects: dict[str, _Project] = {}
        self._count = 0
        stored = sorted(((p, int(n), c) for p, n, c in rows(self._table)), key=lambda row: row[:2])
        for project, number, client in stored:
            kept, who = self._project(project), _who(client)
            kept.slots.restore(who, number)
            kept.put(number, who)
            self._count += 1
        for kept in self._projects.values():
            kept.slots.settle()

    def number(self, project: str, symptom: Symptom, now: float) -> int:
        """The number of the combination a symptom has."""
        who = spell(symptom.browser, symptom.os, symptom.device, symptom.country, symptom.release)
        kept = self._project(project)
        number = kept.slots.get(who)
        if number is not None:
            client = self._table[row_of(project, number)]
            if now - client.seen_at >= STALE_S:
                client.seen_at = now
                self._table.touch(row_of(project, number))
            return number
        number = kept.slots.give(who) if self._count < MOST_OF_ALL else OTHER
        if number == OTHER:
            metrics.CAPPED.labels(CLIENTS.name).inc()
            return OTHER
        self._count += 1
        kept.put(number, who)
        self._table[row_of(project, number)] = Client(list(who), now)
        return number

    def who(self, project: str, number: int) -> Who:
        """What a number stands for."""
        client = self._table.get(row_of(project, number))
        return ("", "", "", "", "") if client is None else _who(client)

    def fit(self, project: str, part: int, name: str, other: float, unknown: float) -> Floats:
        """Points by number: 0 where a part is as named, ``other`` where it is another, ``unknown`` where not known."""
        kept = self._project(project)
        codes = kept.codes()[:, part]
        return np.where(codes == 0, unknown, np.where(codes == kept.code(part, name), 0.0, other))

    def calls(self, project: str) -> Floats:
        """How many symptoms each number has, of those that are kept."""
        kept = self._project(project)
        return kept.calls[: kept.slots.end]

    def add(self, project: str, numbers: npt.NDArray[np.uint16], change: int) -> None:
        """Symptoms with these numbers come, or go with a ``change`` of -1."""
        kept = self._project(project)
        np.add.at(kept.calls, numbers, change)

    def count(self, project: str) -> int:
        """How many numbers there are, `OTHER` included."""
        return self._project(project).slots.end

    def forget(self, before: Callable[[str], float]) -> None:
        """Forget what was not seen since a time, which depends on the project."""
        for row, client in list(self._table.items()):
            project, _, _ = row.partition("|")
            if client.seen_at + STALE_S < before(project):
                self._projects[project].slots.free(_who(client))
                del self._table[row]
                self._count -= 1

    def _project(self, project: str) -> _Project:
        kept = self._projects.get(project)
        if kept is None:
            kept = self._projects[project] = _Project()
        return kept


def _who(client: Client) -> Who:
    browser, system, device, country, release = client.who
    return browser, system, device, country, release
