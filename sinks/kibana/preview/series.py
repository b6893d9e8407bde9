"""Rows of a chart as series: a name, a colour and values along one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sinks.kibana.columns import MS, Bucket, Format, Number, Times
from sinks.kibana.dashboards.parts import BLUE, GREEN, GREY, ORANGE, PURPLE, RED
from sinks.kibana.intervals import step_of
from sinks.kibana.lens_columns import bucket_id, number_id
from sinks.kibana.panels import Chart, Layer
from sinks.kibana.requests import Period, Row

COLOURS = (BLUE, ORANGE, GREEN, RED, PURPLE, "#4b8bbe", "#7a6a00", GREY)
"""Of series without a colour of their own; lines differ by their dashes as well."""
DASHES = ("", "6 3", "2 3", "9 3 2 3")


EVEN = 0.179
"""Luminance at which black and white letters are read alike: ``(l + .05) / .05 = 1.05 / (l + .05)``."""


def ink_on(colour: str) -> str:
    """Letters that are read best on a colour such as #0072b2; luminance as WCAG 2.2 defines it."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > EVEN else "#ffffff"


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 - of the definition


@dataclass(frozen=True, slots=True)
class Series:
    """Values by their place on the axis; those that are not known are not there."""

    name: str
    colour: str
    dash: str
    format: Format
    points: dict[Any, float]


@dataclass(frozen=True, slots=True)
class Plot:
    """Series on one axis, which is time or categories, from left to right."""

    axis: tuple[Any, ...]
    is_time: bool
    series: tuple[Series, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is to be seen."""
        return not any(value for series in self.series for value in series.points.values())


def plot_of(chart: Chart, layers: Sequence[Sequence[Row]], period: Period) -> Plot:
    """All layers of a chart on one axis; of time, the whole period is on it, also where nothing was."""
    axis: dict[Any, None] = dict.fromkeys(_steps(chart.layers[0].by[chart.layers[0].axis], period))
    found: dict[tuple[int, str], tuple[Number, dict[Any, float]]] = {}
    for index, (layer, rows) in enumerate(zip(chart.layers, layers, strict=True)):
        for row in rows:
            place = row[bucket_id(index, layer.axis)]
            axis.setdefault(place)
            for i, number in enumerate(layer.numbers):
                value = row.get(number_id(index, i))
                _, points = found.setdefault((index, _name(layer, index, row, number)), (number, {}))
                if isinstance(value, int | float):
                    points[place] = value
    first = chart.layers[0]
    is_time = isinstance(first.by[first.axis], Times)
    series = [
        Series(name, _colour(number, chart.layers[index], place), DASHES[place % len(DASHES)], number.format, points)
        for place, ((index, name), (number, points)) in enumerate(found.items())
    ]
    return Plot(tuple(sorted(axis) if is_time else axis), is_time, tuple(series))


def _steps(bucket: Bucket, period: Period) -> range:
    """Where the steps of a period begin, in milliseconds since 1970; those of whole weeks and longer are not known."""
    if not isinstance(bucket, Times):
        return range(0)
    (said,) = step_of(bucket.interval, period.until - period.since).values()
    if said[-1] not in {"s", "m", "h", "d"}:
        return range(0)
    step = int(said[:-1]) * MS[said[-1]]
    first, last = (int(moment.timestamp() * 1_000) for moment in (period.since, period.until))
    return range(first - first % step, last + 1, step)


def _name(layer: Layer, index: int, row: Row, number: Number) -> str:
    return number.label if layer.split is None else str(row[bucket_id(index, layer.split)])


def _colour(number: Number, layer: Layer, place: int) -> str:
    return number.colour if number.colour and len(layer.by) == 1 else COLOURS[place % len(COLOURS)]
