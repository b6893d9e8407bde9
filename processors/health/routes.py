"""The routes of a partition's projects, and what is remembered of each."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.agreements import NOTHING_AGREED, Project
from processors.health.by_project import by_route
from processors.health.route_state import RouteState
from processors.health.totals import RouteKey, Window
from processors.runtime.tables import State, TableSpec

ROUTES: TableSpec[RouteState] = TableSpec("routes", encode=RouteState.encode, decode=RouteState.decode, capacity=20_000)
FORGOTTEN_RATE = 0.01
"""Calls a window, on average, below which silence of a route means nothing and costs nothing."""


class Routes:
    """Takes windows in and hands the states of a project out."""

    def __init__(self, state: State) -> None:
        self._known = by_route(state[ROUTES])

    def take(self, project: str, window: Window, agreed: Project = NOTHING_AGREED) -> None:
        """Take a closed window in: every route that had calls, and the silent ones where silence means something."""
        for key, totals in window.routes.items():
            state = self._known.get(project, key) or RouteState(window.start)
            state.take(window.start, totals, agreed.of_route(key[0]))
            self._known.keep(project, key, state)
        for key, state in self._known.of(project):
            if key not in window.routes and state.rate > FORGOTTEN_RATE:
                state.take(window.start, None)
                self._known.keep(project, key, state)

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)

    def of(self, project: str) -> Iterator[tuple[RouteKey, RouteState]]:
        """Every route of a project with its state."""
        return self._known.of(project)
