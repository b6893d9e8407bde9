"""What a table holds of each project: its keys are ``project|name``, and no project has a bar in its name."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

import orjson

from processors.health.totals import RouteKey
from processors.runtime.tables import Table

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class ByProject(Generic[Key, Value]):
    """An index of a table, in the order in which keys were first kept; what the table evicted is left out.

    ``spell`` turns a key into the name under which its value is stored, and ``read`` that back.
    """

    def __init__(self, table: Table[Value], spell: Callable[[Key], str], read: Callable[[str], Key]) -> None:
        self._table, self._spell = table, spell
        self._rows: dict[str, dict[Key, str]] = {}
        for row in table:
            project, _, name = row.partition("|")
            self._rows.setdefault(project, {})[read(name)] = row

    def projects(self) -> list[str]:
        """Projects that have keys."""
        return [project for project, rows in self._rows.items() if rows]

    def get(self, project: str, key: Key) -> Value | None:
        """One value of a project, or None."""
        row = self._rows.get(project, {}).get(key)
        return None if row is None else self._table.get(row)

    def of(self, project: str) -> Iterator[tuple[Key, Value]]:
        """All values of a project by key; they may be kept and dropped meanwhile."""
        for key, row in list(self._rows.get(project, {}).items()):
            value = self._table.get(row)
            if value is not None:
                yield key, value
            else:
                self._rows[project].pop(key, None)

    def count(self, project: str) -> int:
        """How many keys a project has."""
        return len(self._rows.get(project, ()))

    def keep(self, project: str, key: Key, value: Value) -> None:
        """Remember a value, one that was changed in place too."""
        rows = self._rows.setdefault(project, {})
        row = rows.get(key)
        if row is None:
            row = rows[key] = f"{project}|{self._spell(key)}"
        self._table[row] = value

    def drop(self, project: str, key: Key) -> None:
        """Forget one value."""
        row = self._rows.get(project, {}).pop(key, None)
        if row is not None and row in self._table:
            del self._table[row]

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        for key in list(self._rows.get(project, ())):
            self.drop(project, key)
        self._rows.pop(project, None)


def by_name(table: Table[Value]) -> ByProject[str, Value]:
    """Values under a name of their own."""
    return ByProject(table, str, str)


def by_route(table: Table[Value]) -> ByProject[RouteKey, Value]:
    """Values of a route at an upstream, which are stored as a JSON list: both may hold any character."""
    return ByProject(table, spell_route, read_route)


def spell_route(key: RouteKey) -> str:
    """The name of a route at an upstream."""
    return orjson.dumps(key).decode()


def read_route(name: str | bytes) -> RouteKey:
    """The route and upstream that a name stands for."""
    route, upstream = orjson.loads(name)
    return route, upstream
