"""Where panels stand on a dashboard: rows from the top, panels from the left, no gap and no overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sinks.kibana.panels import Panel, Row


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle of the grid, from the top left corner."""

    x: int
    y: int
    width: int
    height: int


def placed(rows: Iterable[Row]) -> Iterator[tuple[Panel, Place]]:
    """Every panel with its place."""
    y = 0
    for row in rows:
        x = 0
        for panel in row.panels:
            yield panel, Place(x, y, panel.width, row.height)
            x += panel.width
        y += row.height
