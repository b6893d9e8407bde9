"""Rows and documents as tables of HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from sinks.kibana.columns import Number, Times
from sinks.kibana.lens_columns import bucket_id, number_id
from sinks.kibana.panels import DataView, Heatmap, Layer
from sinks.kibana.preview.series import ink_on
from sinks.kibana.requests import Row

MOST_ROWS = 60
ID = re.compile(r"[0-9a-f]{16,64}")
Cell = tuple[str, bool, str]
"""A text, whether it stands at the right, and its colour."""


def table(layer: Layer, index: int, rows: Sequence[Row], caption: str, most: int = MOST_ROWS) -> str:
    """Buckets, then numbers."""
    heads = [(bucket.label, False) for bucket in layer.by] + [(n.label, n.kind == "number") for n in layer.numbers]
    lines = []
    for row in rows[:most]:
        cells = [_key(layer, i, row[bucket_id(index, i)]) for i in range(len(layer.by))]
        texts: list[Cell] = [(cell, False, "") for cell in cells]
        texts += [_measured(n, row.get(number_id(index, i))) for i, n in enumerate(layer.numbers)]
        lines.append(texts)
    return _table(heads, lines, caption, len(rows) - most)


def listing(columns: Sequence[str], view: DataView, documents: Sequence[Mapping[str, str]], caption: str) -> str:
    """Documents with chosen columns."""
    heads = [(view.labels.get(name, (name.rsplit(".", 1)[-1].replace("_", " "), ""))[0], False) for name in columns]
    return _table(heads, [[(one[name], False, "") for name in columns] for one in documents], caption, 0, "list")


def grid(panel: Heatmap, rows: Sequence[Row], caption: str) -> str:
    """A heat map: columns and rows are buckets, the number is a shade and a text."""
    across = list(dict.fromkeys(row[bucket_id(0, 0)] for row in rows))
    down = list(dict.fromkeys(row[bucket_id(0, 1)] for row in rows))
    values = {(row[bucket_id(0, 0)], row[bucket_id(0, 1)]): row.get(number_id(0, 0)) for row in rows}
    head = "".join(f'<th scope="col">{escape(str(name)).replace(".", ".<wbr>")}</th>' for name in across)
    number = panel.layers[0].numbers[0]
    body = "".join(
        f'<tr><th scope="row">{escape(str(name))}</th>'
        + "".join(_shade(values.get((other, name)), number) for other in across)
        + "</tr>"
        for name in down
    )
    return (
        f'<div class="scroll" tabindex="0"><table class="heat"><caption>{escape(caption)}</caption><thead><tr><td></td>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _shade(value: float | None, number: Number) -> str:
    text, _, colour = _measured(number, value)
    return f"<td{_look(colour)}>{escape(text)}</td>"


def _measured(number: Number, value: Any) -> Cell:
    colour = number.colour_of(value) if isinstance(value, int | float) else ""
    return _value(number, value), number.kind == "number", colour


def _look(colour: str) -> str:
    return f' style="background:{colour};color:{ink_on(colour)}"' if colour else ""


def _key(layer: Layer, place: int, key: Any) -> str:
    return _time(key) if isinstance(layer.by[place], Times) else str(key)


def _value(number: Number, value: Any) -> str:
    if value is None:
        return ""
    if number.kind == "date":
        return _time(value)
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return number.format.text(value) if isinstance(value, int | float) else str(value)


def _time(ms: float) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).strftime("%d %b %H:%M")


def _table(
    heads: Sequence[tuple[str, bool]],
    lines: Sequence[Sequence[Cell]],
    caption: str,
    more: int,
    kind: str = "rows",
) -> str:
    head = "".join(f'<th scope="col"{_right(right)}>{escape(name)}</th>' for name, right in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td{_right(right)}{_look(colour)} title="{escape(text)}">{escape(_short(text))}</td>'
            for text, right, colour in line
        )
        + "</tr>"
        for line in lines
    )
    rest = f"<p>and {more} more</p>" if more > 0 else ""
    empty = "" if lines else "<p>Nothing to show.</p>"
    return (
        f'<div class="scroll" tabindex="0"><table class="{kind}"><caption>{escape(caption)}</caption><thead><tr>{head}'
        f"</tr></thead><tbody>{body}</tbody></table>{rest}{empty}</div>"
    )


def _short(text: str) -> str:
    """An id needs its beginning only; the whole of it is the cell's title."""
    return f"{text[:8]}…" if ID.fullmatch(text) else text


def _right(right: bool) -> str:  # noqa: FBT001 - the one thing it asks
    return ' class="n"' if right else ""
