"""What is usual for the routes and projects of a partition, and what departs from it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from contracts.agreements import NOTHING_AGREED, Limits, Project
from contracts.windows import WINDOW_S
from processors.health.by_project import by_route
from processors.health.detect import Alarm
from processors.health.look import Look
from processors.health.route_state import RouteState
from processors.health.totals import RouteKey, Totals
from processors.health.usual.memory import Memory
from processors.health.usual.profile import BIN_S
from processors.health.usual.slowness import Slowness
from processors.health.usual.volume import judge_volume
from processors.runtime.tables import State, TableSpec

MOST_KNOWN = 20_000
MEMORIES: TableSpec[Memory] = TableSpec("usual", encode=Memory.encode, decode=Memory.decode, capacity=MOST_KNOWN)
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
        self._known, self._projects = by_route(state[MEMORIES]), state[PROJECTS]
        self._standing: dict[str, dict[RouteKey, list[Alarm]]] = {}

    def look(self, project: str, routes: Routes, look: Look, agreed: Project = NOTHING_AGREED) -> Alarms:
        """Learn what closed, and say what is wrong with the routes and, by `WHOLE`, with the project."""
        routes = list(routes)
        found: Alarms = []
        pace = 1.0
        for key, state in ((WHOLE, self._add_up(project, routes, look)), *routes):
            limits = agreed.limits if key is WHOLE else agreed.of_route(key[0])
            memory = self._learn(project, key, state, look, limits)
            usual = memory.expected(look.end, state.rate, pace)
            if state.calls or usual.low:
                found += [(key, alarm) for alarm in judge_volume(state, look.end, usual, limits)]
            found += [(key, alarm) for alarm in self._standing_of(project, key, memory, limits)]
            if key is WHOLE:
                pace = memory.profile.pace
        return found

    def of(self, project: str) -> Iterator[tuple[RouteKey, Memory]]:
        """Every route of a project with what is usual for it."""
        return self._known.of(project)

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)
        if project in self._projects:
            del self._projects[project]
        self._standing.pop(project, None)

    def _standing_of(self, project: str, key: RouteKey, memory: Memory, limits: Limits) -> list[Alarm]:
        """What lasts until something newer is learned; it follows from what is remembered."""
        standing = self._standing.setdefault(project, {})
        found = standing.get(key)
        if found is None:
            found = standing[key] = list(memory.standing(limits))
        return found

    def _learn(self, project: str, key: RouteKey, state: RouteState, look: Look, limits: Limits) -> Memory:
        """Learn the last five minutes where they are over."""
        memory, phase = self._known.get(project, key), _phase(project, key)
        if memory is None:
            memory = Memory(latency=None if key is WHOLE else Slowness())
        if (look.end - phase) // BIN_S == ((look.before or look.end) - phase) // BIN_S:
            return memory
        memory.take(state, look.end, limits)
        self._known.keep(project, key, memory)
        self._standing.get(project, {}).pop(key, None)
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


@lru_cache(maxsize=MOST_KNOWN)
def _phase(project: str, key: RouteKey) -> int:
    """The second of the five minutes in which a route learns."""
    return zlib.crc32(f"{project}|{key[0]}|{key[1]}".encode()) % BIN_S // WINDOW_S * WINDOW_S
