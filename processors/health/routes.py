"""The routes of a partition's projects, and what is remembered of each."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from contracts.agreements import NOTHING_AGREED, Project
from processors.health.route_state import RouteState
from processors.health.totals import RouteKey, Window
from processors.runtime.tables import State, TableSpec

ROUTES: TableSpec[RouteState] = TableSpec("routes", encode=RouteState.encode, decode=RouteState.decode, capacity=20_000)
BEFORE_ROUTE = "|["
"""What separates a project from its route and upstream, which stand as a JSON list."""
FORGOTTEN_RATE = 0.01
"""Calls a window, on average, below which silence of a route means nothing and costs nothing."""


class Routes:
    """Takes windows in and hands the states of a project out."""

    def __init__(self, state: State) -> None:
        self._table = state[ROUTES]
        self._names: dict[str, dict[RouteKey, str]] = {}
        for name in self._table:
            project, _, key = name.partition(BEFORE_ROUTE)
            route, upstream = orjson.loads(f"[{key}")
            self._names.setdefault(project, {})[route, upstream] = name

    def take(self, project: str, window: Window, agreed: Project = NOTHING_AGREED) -> None:
        """Take a closed window in: every route that had calls, and the silent ones where silence means something."""
        names = self._names.setdefault(project, {})
        for key, totals in window.routes.items():
            name = names.setdefault(key, f"{project}|{orjson.dumps(key).decode()}")
            state = self._table.get(name) or RouteState(window.start)
            state.take(window.start, totals, agreed.of_route(key[0]))
            self._table[name] = state
        for key, name in list(names.items()):
            if key in window.routes:
                continue
            known = self._table.get(name)
            if known is None:
                del names[key]
            elif known.rate > FORGOTTEN_RATE:
                known.take(window.start, None)
                self._table.touch(name)

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        for name in self._names.pop(project, {}).values():
            if name in self._table:
                del self._table[name]

    def of(self, project: str) -> Iterator[tuple[RouteKey, RouteState]]:
        """Every route of a project with its state."""
        for key, name in self._names.get(project, {}).items():
            state = self._table.get(name)
            if state is not None:
                yield key, state
