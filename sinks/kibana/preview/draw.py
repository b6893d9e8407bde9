"""Charts as SVG: no script, nothing from elsewhere; what colour says, a legend and a table of numbers say as well."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from sinks.kibana.columns import COUNT, Format
from sinks.kibana.preview.series import COLOURS, Plot, Series

LEFT, RIGHT, TOP, BOTTOM = 58, 10, 8, 22
"""Room for the axes, in pixels."""
DAY_MS = 86_400_000
TICKS, WIDE_STEP = 4, 10
LABEL = 'font-size="11"'
LETTER_PX, LINE_PX, EDGE_PX = 6.5, 11, 18
MOST_LABEL = 26
"""Letters of a category's name beside a bar."""


def chart(plot: Plot, kind: str, size: tuple[int, int], label: str, marks: Sequence[tuple[int, str]] = ()) -> str:
    """Lines or bars; ``size`` is width and height."""
    width, height = size
    if kind == "bar_horizontal":
        return _svg(width, height, label, _horizontal(plot, width, height))
    stacked = kind.endswith("stacked")
    share = kind == "bar_percentage_stacked"
    plot = _as_shares(plot) if share else plot
    form = Format("percent") if share else plot.series[0].format if plot.series else Format()
    top = _top(plot, stacked=stacked)
    if form == COUNT and not share:
        top = TICKS * math.ceil(top / TICKS)  # nobody counts half an incident
    parts = [*_y_axis(top, form, width, height), *_x_axis(plot, width, height)]
    parts += _lines(plot, top, width, height) if kind == "line" else _bars(plot, top, width, height, stacked=stacked)
    parts += _marks(plot, marks, width, height)
    return _svg(width, height, label, parts)


def donut(parts: Sequence[tuple[str, float]], size: int, label: str) -> str:
    """Parts of a whole, from the top clockwise."""
    total, middle, radius = sum(value for _, value in parts) or 1, size / 2, size / 2 - 16
    around = 2 * math.pi * radius
    drawn, before = [], 0.0
    for place, (name, value) in enumerate(parts):
        share = value / total
        drawn.append(
            f'<circle cx="{middle}" cy="{middle}" r="{radius}" fill="none" stroke="{COLOURS[place % len(COLOURS)]}" '
            f'stroke-width="26" stroke-dasharray="{max(0.0, around * share - 1.5):.1f} {around:.1f}" '
            f'stroke-dashoffset="{-around * before:.1f}" transform="rotate(-90 {middle} {middle})">'
            f"<title>{escape(name)}: {value:g}</title></circle>"
        )
        before += share
    return _svg(size, size, label, drawn)


def _svg(width: int, height: int, label: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" style="--width:{width}px" role="img" aria-label="{escape(label)}" '
        f'preserveAspectRatio="xMidYMid meet">{"".join(parts)}</svg>'
    )


def _y_axis(top: float, form: Format, width: int, height: int) -> Iterator[str]:
    for step in range(TICKS + 1):
        value = top * step / TICKS
        y = _y(value, top, height)
        yield f'<line x1="{LEFT}" x2="{width - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(LEFT - 5, y + 4, _short(value, top, form), "end")


def _x_axis(plot: Plot, width: int, height: int) -> Iterator[str]:
    if not plot.is_time:
        yield from _categories(plot, width, height)
        return
    every = max(1, math.ceil(len(plot.axis) / (width / 70)))
    for place in range(0, len(plot.axis), every):
        x = _x(place, plot, width)
        if x <= width - EDGE_PX:  # else it would be cut off
            yield _text(x, height - 6, _moment(plot.axis[place], plot), "middle")


def _categories(plot: Plot, width: int, height: int) -> Iterator[str]:
    """Every name, in two lines where one is too narrow."""
    room = max(3, int((width - LEFT - RIGHT) / max(1, len(plot.axis)) / LETTER_PX))
    for place, key in enumerate(plot.axis):
        lines = textwrap.wrap(str(key), room)[:2]
        for line, said in enumerate(lines):
            y = height - 6 if len(lines) == 1 else height - 12 + LINE_PX * line
            yield _text(_x(place, plot, width), y, _cut(said, room), "middle")


def _lines(plot: Plot, top: float, width: int, height: int) -> Iterator[str]:
    for series in plot.series:
        for run in _runs(plot, series):
            points = " ".join(
                f"{_x(place, plot, width):.1f},{_y(series.points[plot.axis[place]], top, height):.1f}" for place in run
            )
            dash = f' stroke-dasharray="{series.dash}"' if series.dash else ""
            yield f'<polyline points="{points}" fill="none" stroke="{series.colour}" stroke-width="2"{dash}/>'
            if len(run) == 1:
                x, y = points.split(",")
                yield f'<circle cx="{x}" cy="{y}" r="3" fill="{series.colour}"/>'


def _runs(plot: Plot, series: Series) -> Iterator[list[int]]:
    """Places beside each other that have a value: a gap is a gap."""
    run: list[int] = []
    for place, key in enumerate(plot.axis):
        if key in series.points:
            run.append(place)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _bars(plot: Plot, top: float, width: int, height: int, *, stacked: bool) -> Iterator[str]:
    slot = (width - LEFT - RIGHT) / max(1, len(plot.axis))
    beside = 1 if stacked else max(1, len(plot.series))
    wide = slot * 0.8 / beside
    for place, key in enumerate(plot.axis):
        below = 0.0
        for number, series in enumerate(plot.series):
            value = series.points.get(key, 0.0)
            if value <= 0:
                continue
            x = _x(place, plot, width) - slot * 0.4 + (0 if stacked else number * wide)
            y, foot = _y(below + value, top, height), _y(below, top, height)
            below += value if stacked else 0
            said = f"{series.name}: {series.format.text(value)}"
            yield _rect((x, y, max(wide, 0.8), foot - y), series.colour, said)


def _horizontal(plot: Plot, width: int, height: int) -> list[str]:
    series = plot.series[0]
    top = max(series.points.values(), default=0) or 1
    slot, begin = height / max(1, len(plot.axis)), 150
    parts = []
    for place, key in enumerate(plot.axis):
        value, y = series.points.get(key, 0.0), place * slot
        long = (width - begin - 70) * value / top
        middle = y + slot / 2 + 4
        parts += [
            _text(begin - 6, middle, _cut(str(key), MOST_LABEL), "end"),
            _rect((begin, y + slot * 0.15, long, slot * 0.7), series.colour, str(key)),
            _text(begin + long + 5, middle, series.format.text(value), "start"),
        ]
    return parts


def _marks(plot: Plot, marks: Sequence[tuple[int, str]], width: int, height: int) -> Iterator[str]:
    if not plot.is_time or len(plot.axis) < 2:  # noqa: PLR2004 - an axis has two ends
        return
    step = plot.axis[1] - plot.axis[0]
    for at, what in marks:
        x = _x((at - plot.axis[0]) / step, plot, width)
        yield (
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{height - BOTTOM}" class="mark">'
            f"<title>{escape(what)}</title></line>"
        )


def _text(x: float, y: float, said: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {LABEL}>{escape(said)}</text>'


def _rect(place: tuple[float, float, float, float], colour: str, said: str) -> str:
    x, y, wide, high = place
    box = f'x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"'
    return f'<rect {box} fill="{colour}"><title>{escape(said)}</title></rect>'


def _as_shares(plot: Plot) -> Plot:
    sums = {key: sum(series.points.get(key, 0) for series in plot.series) or 1 for key in plot.axis}
    series = [
        Series(s.name, s.colour, s.dash, Format("percent"), {key: value / sums[key] for key, value in s.points.items()})
        for s in plot.series
    ]
    return Plot(plot.axis, plot.is_time, tuple(series))


def _top(plot: Plot, *, stacked: bool) -> float:
    heights = [[series.points.get(key, 0.0) for series in plot.series] for key in plot.axis]
    most = max((sum(values) if stacked else max(values) for values in heights if values), default=0)
    return _round_up(most)


def _round_up(value: float) -> float:
    """The next number that people count to."""
    if value <= 0:
        return 1
    size = 10.0 ** math.floor(math.log10(value))
    return next(float(size * step) for step in (1, 2, 4, 5, 8, 10) if size * step >= value - 1e-12)


def _x(place: float, plot: Plot, width: int) -> float:
    return LEFT + (place + 0.5) * (width - LEFT - RIGHT) / max(1, len(plot.axis))


def _y(value: float, top: float, height: int) -> float:
    return TOP + (height - TOP - BOTTOM) * (1 - value / top)


def _short(value: float, top: float, form: Format) -> str:
    """A number on an axis, with as many digits as tell its steps apart."""
    scale = 100 if form.id == "percent" else 1
    step = top * scale / TICKS
    digits = 0 if step.is_integer() or step >= WIDE_STEP else max(1, 1 - math.floor(math.log10(step)))
    return Format(form.id, digits, form.suffix).text(value)


def _moment(key: Any, plot: Plot) -> str:
    at = datetime.fromtimestamp(key / 1_000, UTC)
    days = all(other % DAY_MS == 0 for other in plot.axis) or plot.axis[-1] - plot.axis[0] > 2 * DAY_MS
    return at.strftime("%d %b" if days else "%H:%M")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
