"""Complaints whose calls may still turn up: late logs, and clocks that differ."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from processors.feedback.joining.by_project import row_of
from processors.feedback.joining.columns import KEYS
from processors.feedback.joining.complaint import Heard
from processors.feedback.joining.matrix import Place
from processors.feedback.joining.mention import Mention
from processors.runtime import metrics
from processors.runtime.tables import State, Table, TableSpec

MOST = 20_000
OPEN_S = 3_600.0
LOOKS_S = (30.0, 300.0, 1_800.0)
"""Seconds after which a complaint is held against the calls that came meanwhile; one that names a trace, request,
session or user is, besides, as soon as such a call comes."""


@dataclass(slots=True)
class Open:
    """A complaint and what was said of it: the rows of its calls, its pattern, and what was counted and learned."""

    heard: Heard
    order: int
    came_at: float
    looks: int = 0
    seen_row: int = 0
    """Number of the row from which on calls are new to it."""
    revision: int = 0
    judged: bool = False
    verdict: str = "no match"
    pattern: int = 0
    """Number of its pattern, 0 for none."""
    row: int = -1
    """Of its first call, -1 for none."""
    claims: int = -1
    """Row that it surely is about, -1 for none."""
    taught: float | None = None
    """The lag that was learned from it, in seconds."""
    place: Place | None = None
    """Where it is counted in the matrix."""

    def encode(self) -> bytes:
        """As it is stored."""
        return orjson.dumps(asdict(self))

    @classmethod
    def decode(cls, stored: bytes) -> Open:
        """Read it back."""
        fields: dict[str, Any] = orjson.loads(stored)
        heard: dict[str, Any] = fields["heard"]
        when = tuple(Mention(**mention) for mention in heard.pop("when", ()))
        heard = {name: tuple(said) if isinstance(said, list) else said for name, said in heard.items()}
        place = Place(**fields["place"]) if fields["place"] else None
        return cls(**{**fields, "heard": Heard(**heard, when=when), "place": place})

    @property
    def due(self) -> float:
        """When it is looked at next, infinite when never."""
        return self.came_at + LOOKS_S[self.looks] if self.looks < len(LOOKS_S) else float("inf")


OPEN: TableSpec[Open] = TableSpec("join_open", encode=Open.encode, decode=Open.decode, capacity=2 * MOST)
Name = tuple[str, str]
"""Project and id of a complaint."""


class Complaints:
    """Open complaints of all projects of a partition, the oldest first."""

    def __init__(self, state: State) -> None:
        self._table: Table[Open] = state[OPEN]
        self._by_key: dict[tuple[str, int, int], dict[str, None]] = {}
        self._due: list[tuple[float, int, Name]] = []
        self._places: dict[str, Name] = {}
        stored = sorted(self._table.items(), key=lambda row: row[1].order)
        for row, found in stored:
            self._index(row.partition("|")[0], found)
        self._next = stored[-1][1].order + 1 if stored else 0

    def __len__(self) -> int:
        return len(self._places)

    def all(self) -> Iterator[tuple[str, Open]]:
        """Projects and complaints, the oldest first."""
        return ((project, self._table[row]) for row, (project, _) in self._places.items())

    def get(self, project: str, name: str) -> Open | None:
        """A complaint that is open."""
        return self._table.get(row_of(project, name))

    def open(self, project: str, heard: Heard, now: float) -> tuple[Open, list[tuple[str, Open]]]:
        """Begin; returns as well what had to be closed for want of room."""
        found = Open(heard, self._next, now)
        self._next += 1
        self._table[row_of(project, heard.id)] = found
        self._index(project, found)
        closed = []
        while len(self._places) > MOST:
            closed.append(self._close_oldest())
            metrics.EVICTED.labels(OPEN.name).inc()
        return found, closed

    def keep(self, project: str, found: Open) -> None:
        """Remember a change."""
        self._table.touch(row_of(project, found.heard.id))

    def looked(self, project: str, found: Open) -> None:
        """It was looked at because it was due."""
        found.looks += 1
        if found.looks < len(LOOKS_S):
            heapq.heappush(self._due, (found.due, found.order, (project, found.heard.id)))
        self.keep(project, found)

    def with_keys(self, project: str, keys: tuple[int, int, int, int]) -> list[Open]:
        """Open complaints that a symptom with these keys may belong to, the oldest first."""
        names = {
            name: None
            for number, key in enumerate(keys)
            if key
            for name in self._by_key.get((project, number, key), ())
        }
        found = [self._table[row_of(project, name)] for name in names]
        return sorted(found, key=lambda one: one.order)

    def due(self, now: float) -> tuple[str, Open] | None:
        """The next complaint that is to be looked at; taken off the list."""
        while self._due and self._due[0][0] <= now:
            _, order, (project, name) = heapq.heappop(self._due)
            found = self.get(project, name)
            if found is not None and found.order == order:
                return project, found
        return None

    def close_old(self, now: float) -> list[tuple[str, Open]]:
        """Close those that were open for long enough."""
        closed = []
        while self._places:
            row = next(iter(self._places))
            if self._table[row].came_at > now - OPEN_S:
                break
            closed.append(self._close_oldest())
        return closed

    def _index(self, project: str, found: Open) -> None:
        name = found.heard.id
        self._places[row_of(project, name)] = project, name
        for key in self._keys(project, found):
            self._by_key.setdefault(key, {})[name] = None
        if found.looks < len(LOOKS_S):
            heapq.heappush(self._due, (found.due, found.order, (project, name)))

    def _close_oldest(self) -> tuple[str, Open]:
        row = next(iter(self._places))
        project, name = self._places.pop(row)
        found = self._table[row]
        for key in self._keys(project, found):
            names = self._by_key.get(key)
            if names is not None:
                names.pop(name, None)
                if not names:
                    del self._by_key[key]
        del self._table[row]
        return project, found

    @staticmethod
    def _keys(project: str, found: Open) -> list[tuple[str, int, int]]:
        """Places in the index: what it names itself, and what its text mentions as a trace or a request."""
        own = [(project, number, key) for number, key in enumerate(found.heard.keys) if key]
        mentioned = [(project, number, key) for key in found.heard.mentioned for number in range(len(KEYS[:2]))]
        return [*own, *mentioned]
