"""Keys of tables that hold something of each project: ``project|name``, and no project has a bar in its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from processors.runtime.tables import Table

Value = TypeVar("Value")


def row_of(project: str, name: object) -> str:
    """The key of something of a project."""
    return f"{project}|{name}"


def rows(table: Table[Value]) -> Iterator[tuple[str, str, Value]]:
    """Project, name and value of all that is stored, in no order that may be relied on."""
    for row, value in table.items():
        project, _, name = row.partition("|")
        yield project, name, value
