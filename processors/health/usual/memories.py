"""What is usual for the routes and projects of a partition, and what departs from it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from contracts.agreements import NOTHING_AGREED, Limits, Project
from contracts.windows import WINDOW_S
from processors.health.detect import Alarm
from processors.health.look import Look
from processors.health.route_state import RouteState
from processors.health.totals import RouteKey, Totals
from processors.health.usual.memory import Memory
from processors.health.usual.profile import BIN_S
from processors.health.usual.slowness import Slowness
from processors.health.usual.volume import judge_volume
from processors.runtime.tables import State, TableSpec

MEMORIES: TableSpec[Memory] = TableSpec("usual", encode=Memory.encode, decode=Memory.decode, capacity=20_000)
PROJECTS: TableSpec[RouteState] = TableSpec(
    "projects", encode=RouteState.encode, decode=RouteState.decode, capacity=5_000
)
TABLES: tuple[TableSpec[Any], ...] = (MEMORIES, PROJECTS)
WHOLE: RouteKey = ("", "*")
"""The key under which the project as a whole is remembered; no upstream is called so."""
Alarms = list[tuple[RouteKey, Alarm]]
Routes = Iterable[tuple[RouteKey, RouteState]]


class Memories:
    """Routes learn every five minutes, each at its own moment, so that no window costs much more than another."""

    def __init__(self, state: State) -> None:
        self._table, self._projects = state[MEMORIES], state[PROJECTS]
        self._names: dict[str, dict[RouteKey, tuple[str, int]]] = {}
        self._standing: dict[str, dict[RouteKey, list[Alarm]]] = {}
        for name in self._table:
            project, _, key = name.partition("|[")
            route, upstream = orjson.loads(f"[{key}")
            self._name(project, (route, upstream))

    def look(self, project: str, routes: Routes, look: Look, agreed: Project = NOTHING_AGREED) -> Alarms:
        """Learn what closed, and say what is wrong with the routes and, by `WHOLE`, with the project."""
        routes = list(routes)
        standing = self._standing_of(project)
        found: Alarms = []
        pace = 1.0
        for key, state in ((WHOLE, self._add_up(project, routes, look)), *routes):
            limits = agreed.limits if key is WHOLE else agreed.of_route(key[0])
            memory = self._learn(project, key, state, look, limits)
            usual = memory.expected(look.end, state.rate, pace)
            if state.calls or usual.low:
                found += [(key, alarm) for alarm in judge_volume(state, look.end, usual, limits)]
            if key is WHOLE:
                pace = memory.profile.pace
        return found + [(key, alarm) for key, alarms in standing.items() for alarm in alarms]

    def of(self, project: str) -> Iterator[tuple[RouteKey, Memory]]:
        """Every route of a project with what is usual for it."""
        for key, (name, _) in self._names.get(project, {}).items():
            memory = self._table.get(name)
            if memory is not None:
                yield key, memory

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        for name, _ in self._names.pop(project, {}).values():
            if name in self._table:
                del self._table[name]
        if project in self._projects:
            del self._projects[project]
        self._standing.pop(project, None)

    def _standing_of(self, project: str) -> dict[RouteKey, list[Alarm]]:
        """What lasts until something newer is learned; after a restart it follows from what is remembered."""
        found = self._standing.get(project)
        if found is None:
            found = {key: alarms for key, memory in self.of(project) if (alarms := list(memory.standing()))}
            self._standing[project] = found
        return found

    def _learn(self, project: str, key: RouteKey, state: RouteState, look: Look, limits: Limits) -> Memory:
        """Learn the last five minutes where they are over."""
        name, phase = self._name(project, key)
        memory = self._table.get(name)
        if memory is None:
            memory = Memory(latency=None if key is WHOLE else Slowness())
        elif (look.end - phase) // BIN_S == (look.before - phase) // BIN_S:
            return memory
        memory.take(state, look.end, limits)
        self._table[name] = memory
        alarms = list(memory.standing(limits))
        if alarms:
            self._standing[project][key] = alarms
        else:
            self._standing[project].pop(key, None)
        return memory

    def _add_up(self, project: str, routes: Routes, look: Look) -> RouteState:
        """The project as one route, with the window that closed now."""
        start = look.end - WINDOW_S
        state = self._projects.get(project) or RouteState(start)
        rows = [row for _, route in routes if (row := route.newest) is not None and row.start == start]
        calls, failed = sum(row.calls for row in rows), sum(row.failed for row in rows)
        state.take(start, Totals(outcomes={"ok": calls - failed, "upstream_error": failed}))
        self._projects[project] = state
        return state

    def _name(self, project: str, key: RouteKey) -> tuple[str, int]:
        """The key of its row, and the second of the five minutes in which it learns."""
        names = self._names.setdefault(project, {})
        found = names.get(key)
        if found is None:
            name = f"{project}|{orjson.dumps(key).decode()}"
            found = names[key] = name, zlib.crc32(name.encode()) % BIN_S // WINDOW_S * WINDOW_S
        return found
