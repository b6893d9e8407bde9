"""Symptoms of the last hours, to be found by their keys or their time: in blocks as stored, in columns to look at.

A symptom takes about 80 bytes. Blocks are what is stored and what is forgotten, the oldest first.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np
import orjson

from processors.feedback.joining.by_project import row_of, rows
from processors.feedback.joining.clients import Clients
from processors.feedback.joining.columns import Array, Columns, Numbers
from processors.runtime import metrics
from processors.runtime.tables import State, Table, TableSpec

BLOCK = 128
"""Symptoms that are stored, and forgotten, together: a block is written again while it fills."""
MOST = 360_000
"""Symptoms of a partition: an hour at 100 a second."""
KEEP_S = 86_400.0
"""Seconds after which a symptom is forgotten: mails come the next morning. At 100 a second `MOST` comes first."""


@dataclass(slots=True)
class Block:
    """Symptoms that came one after the other; ``calls`` are their ids, compressed when the block is full."""

    first: int
    began_at: float
    came_at: float
    """When the oldest and the newest came, by Kafka, in seconds since 1970."""
    calls: list[str] | bytes
    count: int
    columns: Columns

    def encode(self) -> bytes:
        """As it is stored: a JSON line, then the columns."""
        head = orjson.dumps([self.first, self.began_at, self.came_at, self.names()])
        return head + b"\n" + self.columns.spell(self.first, self.count)

    @classmethod
    def decode(cls, stored: bytes) -> Block:
        """Read it back."""
        head, _, body = stored.partition(b"\n")
        first, began_at, came_at, names = orjson.loads(head)
        block = cls(first, began_at, came_at, names, len(names), Columns.read(first, len(names), body))
        block.pack()
        return block

    def names(self) -> list[str]:
        """Ids of the calls."""
        return orjson.loads(zlib.decompress(self.calls)) if isinstance(self.calls, bytes) else self.calls

    def pack(self) -> None:
        """A full block keeps its ids in one piece: a sixth of the memory."""
        if self.count == BLOCK and isinstance(self.calls, list):
            self.calls = zlib.compress(orjson.dumps(self.calls), 1)


CALLS: TableSpec[Block] = TableSpec("join_calls", encode=Block.encode, decode=Block.decode, capacity=2 * MOST)
"""The capacity is never reached: `Candidates` forgets before."""


@dataclass(slots=True)
class _Project:
    columns: Columns
    blocks: list[Block] = field(default_factory=list)
    reached: list[float] = field(default_factory=list)
    """The latest event time of each block and all before it."""

    def reach(self, at: float) -> None:
        """A symptom came into the last block, which may be new."""
        if len(self.reached) < len(self.blocks):
            self.reached.append(self.reached[-1] if self.reached else at)
        self.reached[-1] = max(self.reached[-1], at)


class Candidates:
    """Symptoms of all projects of a partition."""

    def __init__(self, state: State, clients: Clients, most: int = MOST) -> None:
        """``clients`` are told how many symptoms each has; at most ``most`` are kept."""
        self._table: Table[Block] = state[CALLS]
        self._clients, self._most = clients, most
        self._projects: dict[str, _Project] = {}
        self.count = 0
        for project, block in sorted(((p, b) for p, _, b in rows(self._table)), key=lambda row: (row[0], row[1].first)):
            kept = self._projects.get(project)
            if kept is None:
                kept = self._projects[project] = _Project(Columns(block.first))
            kept.columns.extend(block.columns)
            clients.add(project, block.columns.column("client"), 1)
            kept.blocks.append(block)
            kept.reach(float(block.columns.column("at").max()))
            block.columns = kept.columns
            self.count += block.count

    def projects(self) -> list[str]:
        """Projects that have symptoms."""
        return list(self._projects)

    def of(self, project: str) -> Columns | None:
        """All symptoms of a project."""
        kept = self._projects.get(project)
        return kept.columns if kept else None

    def add(
        self, project: str, call: str, values: tuple[float, int, int, int, int, int, int, float], now: float
    ) -> int:
        """Remember a symptom; return the number of its row."""
        kept = self._projects.get(project)
        if kept is None:
            kept = self._projects[project] = _Project(Columns())
        row = kept.columns.append(values)
        block = kept.blocks[-1] if kept.blocks else None
        if block is None or block.count == BLOCK:
            block = Block(row, now, now, [], 0, kept.columns)
            kept.blocks.append(block)
        block.calls.append(call)  # type: ignore[union-attr]
        block.count += 1
        kept.reach(values[0])
        block.began_at, block.came_at = min(block.began_at, now), max(block.came_at, now)
        block.pack()
        self._table[row_of(project, block.first)] = block
        self.count += 1
        self._clients.add(project, kept.columns.column("client")[-1:], 1)
        if self.count > self._most:
            self._make_room()
        return row

    def forget(self, before: float) -> None:
        """Forget blocks whose last symptom came earlier."""
        for project in list(self._projects):
            while project in self._projects and self._projects[project].blocks[0].came_at < before:
                self._forget_oldest(project)

    def oldest(self, project: str) -> float:
        """When the oldest symptom that is kept came; infinite where none is."""
        kept = self._projects.get(project)
        return kept.blocks[0].began_at if kept else float("inf")

    def call(self, project: str, row: int) -> str:
        """Id of the call of a row that is still kept."""
        kept = self._projects[project]
        first = kept.blocks[0].first
        block = kept.blocks[(row - first) // BLOCK]
        return block.names()[row - block.first]

    def with_key(self, project: str, name: str, key: int) -> Numbers:
        """Numbers of the rows with a key; ``name`` is one of `columns.KEYS`."""
        kept = self._projects.get(project)
        if kept is None or not key:
            return np.zeros(0, np.int64)
        found = np.flatnonzero(kept.columns.column(name) == np.uint64(key))
        return np.asarray(found + kept.columns.first, np.int64)

    def first_since(self, project: str, begin: float) -> int:
        """Number of a row before which all have an earlier time."""
        kept = self._projects[project]
        return min(kept.columns.first + BLOCK * bisect_left(kept.reached, begin), kept.columns.end)

    def between(self, project: str, begin: float, end: float, *, since_row: int = 0) -> Numbers:
        """Numbers of the rows with a time in [begin, end], from a row on."""
        kept = self._projects.get(project)
        if kept is None:
            return np.zeros(0, np.int64)
        earlier = BLOCK * bisect_left(kept.reached, begin)
        skipped = max(0, earlier, since_row - kept.columns.first)
        at: Array = kept.columns.column("at")[skipped:]
        found = np.flatnonzero((at >= begin) & (at <= end))
        return np.asarray(found + kept.columns.first + skipped, np.int64)

    def _make_room(self) -> None:
        """Forget the oldest block; a project keeps its last one, so that its rows are never numbered anew."""
        long = [name for name, kept in self._projects.items() if len(kept.blocks) > 1]
        if long:
            oldest = min(long, key=lambda name: (self._projects[name].blocks[0].came_at, name))
            metrics.EVICTED.labels(CALLS.name).inc(self._forget_oldest(oldest))

    def _forget_oldest(self, project: str) -> int:
        kept = self._projects[project]
        block = kept.blocks.pop(0)
        del kept.reached[0]
        self._clients.add(project, kept.columns.column("client")[: block.count], -1)
        kept.columns.drop(block.count)
        self.count -= block.count
        del self._table[row_of(project, block.first)]
        if not kept.blocks:
            del self._projects[project]
        return block.count
