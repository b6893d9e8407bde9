"""The page of one dashboard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from sinks.kibana.lens_columns import bucket_id, number_id
from sinks.kibana.panels import Chart, Dashboard, Donut, Figure, Heatmap, Listing, Row, Table, Words
from sinks.kibana.preview.draw import chart, donut
from sinks.kibana.preview.filled import Filled
from sinks.kibana.preview.series import COLOURS, Plot, ink_on, plot_of
from sinks.kibana.preview.tables import grid, listing, table
from sinks.kibana.requests import Period
from sinks.kibana.views import PREFIX

COLUMN_PX, ROW_PX, HEAD_PX, GAP_PX = 26, 20, 86, 30
MOST_NAMED = 10
LINK = re.compile(r"\[([^\]]+)\]\(#/view/([a-z0-9-]+)\)")
STYLE = """
:root{color-scheme:light dark;--ink:#343741;--soft:#59616f;--page:#f5f7fa;--panel:#fff;--edge:#d3dae6;--line:#e3e8f2;
--link:#005a94;--note:#fff6dd;--note-edge:#e5c565}
@media(prefers-color-scheme:dark){:root{--ink:#dfe5ef;--soft:#a2adc0;--page:#141519;--panel:#1d1e24;--edge:#343741;
--line:#343741;--link:#6db7ee;--note:#3a3320;--note-edge:#8a7437}
svg :is(rect,polyline,circle),.legend i{filter:brightness(1.5)}}
*{box-sizing:border-box}
body{margin:0;font:14px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--page)}
header,main,footer{max-width:1300px;margin:0 auto;padding:12px 16px}
header h1{margin:0;font-size:22px}header p{margin:2px 0}
.note{background:var(--note);border:1px solid var(--note-edge);border-radius:6px;padding:6px 10px}
a{color:var(--link)}
.row{display:grid;grid-template-columns:repeat(48,minmax(0,1fr));gap:10px;margin-bottom:10px}
section{background:var(--panel);border:1px solid var(--edge);border-radius:6px;padding:8px 12px;
min-width:0;overflow:hidden}
h2{font-size:14px;margin:0}h2.hidden,caption{position:absolute;left:-9999px}
section>p,.scroll>p{margin:0;color:var(--soft);font-size:12px}
section>p.words{color:var(--ink);font-size:14px}section>p.figure{color:var(--ink);font-size:26px;margin-top:6px}
.figure{font-size:26px;font-weight:600;margin:6px 0 0;padding:2px 8px;border-radius:4px}
svg{display:block;width:100%;height:auto;margin-top:4px;overflow:visible}
svg text{fill:var(--ink)}svg line{stroke:var(--line)}
svg line.mark{stroke:var(--ink);stroke-dasharray:3 3}
.pie{display:flex;gap:12px;align-items:center}.pie svg{max-width:190px;flex:1}
.legend{display:flex;flex-wrap:wrap;gap:2px 12px;list-style:none;margin:2px 0;padding:0;font-size:12px}
.pie .legend{flex-direction:column}
.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:5px}
.scroll{overflow:auto;max-height:340px}
table{border-collapse:collapse;width:100%;font-size:12px}
th,td{text-align:left;padding:3px 8px;border-bottom:1px solid var(--line);max-width:340px;overflow:hidden;
text-overflow:ellipsis;white-space:nowrap}
th{color:var(--soft);font-weight:600;white-space:normal;
vertical-align:bottom;min-width:60px}.heat th{overflow-wrap:anywhere;min-width:76px}
.n{text-align:right;font-variant-numeric:tabular-nums}
.list td{max-width:200px}
.heat td{text-align:right;padding:2px 6px}.heat th[scope=row]{white-space:nowrap;overflow-wrap:normal}
.heat{font-size:11px}
td,th,li,h2{unicode-bidi:isolate}
details{font-size:12px;margin-top:4px}summary{cursor:pointer;color:var(--link)}
@media(max-width:900px){.row{display:block}section{margin-bottom:10px}.plot{overflow-x:auto}
.plot svg{min-width:min(var(--width),560px)}
.row.figures{display:grid;grid-template-columns:1fr 1fr;gap:0 10px}.row.figures section{grid-column:auto!important}}
"""


def page(dashboard: Dashboard, filled: Sequence[Filled], period: Period, note: str) -> str:
    """HTML that needs nothing else; ``note`` says what the numbers are of."""
    found = iter(filled)
    body = "".join(
        f'<div class="row{_kind(row)}">{"".join(_section(next(found), row.height, period) for _ in row.panels)}</div>'
        for row in dashboard.rows
    )
    when = f"{period.since:%Y-%m-%d %H:%M} to {period.until:%Y-%m-%d %H:%M} UTC"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(dashboard.title)} (preview)</title><style>{STYLE}</style></head><body>"
        f"<header><h1>{escape(dashboard.title)}</h1><p>{escape(dashboard.about)}</p><p>{when}</p>"
        f'<p class="note" role="note"><strong>Preview, not Kibana.</strong> {escape(note)}</p></header>'
        f"<main>{body}</main></body></html>\n"
    )


def file_of(identifier: str) -> str:
    """The name of a dashboard's page."""
    return f"{identifier.removeprefix(PREFIX)}.html"


def _kind(row: Row) -> str:
    return " figures" if all(isinstance(panel, Figure) for panel in row.panels) else ""


def _section(filled: Filled, height: int, period: Period) -> str:
    panel = filled.panel
    name = f"p-{panel.name}"
    hidden = ' class="hidden"' if isinstance(panel, Words) else ""
    about = f"<p>{escape(panel.about)}</p>" if not isinstance(panel, Listing | Words) and panel.about else ""
    return (
        f'<section style="grid-column:span {panel.width}" aria-labelledby="{name}">'
        f'<h2 id="{name}"{hidden}>{escape(panel.title)}</h2>{about}{_content(filled, height, period)}</section>'
    )


def _content(filled: Filled, height: int, period: Period) -> str:
    panel = filled.panel
    high = height * ROW_PX - HEAD_PX
    if isinstance(panel, Words):
        return f'<p class="words">{_markdown(panel.markdown)}</p>'
    if isinstance(panel, Listing):
        return listing(panel.search.columns, panel.search.view, filled.documents, panel.title)
    if isinstance(panel, Chart):
        return _plotted(filled, panel, (panel.width * COLUMN_PX - GAP_PX, high), period)
    if isinstance(panel, Donut):
        return _pie(filled, panel, high)
    return _figures(filled, panel)


def _figures(filled: Filled, panel: Figure | Table | Heatmap) -> str:
    """What is numbers rather than a drawing."""
    rows = filled.layers[0]
    if isinstance(panel, Table):
        if panel.sorted_by is not None:
            column = number_id(0, panel.sorted_by)
            rows = tuple(sorted(rows, key=lambda row: row[column] or 0, reverse=True))
        return table(panel.layers[0], 0, rows, panel.title, panel.rows)
    if isinstance(panel, Heatmap):
        return grid(panel, rows, panel.title)
    number = panel.layers[0].numbers[0]
    value = rows[0].get(number_id(0, 0)) if rows else None
    said = "unknown" if value is None else number.format.text(value)
    colour = number.colour_of(value) if isinstance(value, int | float) else ""
    look = f' style="background:{colour};color:{ink_on(colour)}"' if colour else ""
    return f'<p class="figure"{look}>{escape(said)}</p>'


def _pie(filled: Filled, panel: Donut, high: int) -> str:
    parts = [(str(row[bucket_id(0, 0)]), float(row.get(number_id(0, 0)) or 0)) for row in filled.layers[0]]
    if not parts:
        return "<p>Nothing to show.</p>"
    named = [(f"{name} {value:g}", COLOURS[place % len(COLOURS)]) for place, (name, value) in enumerate(parts)]
    label = f"{panel.title}: " + ", ".join(name for name, _ in named)
    return f'<div class="pie">{donut(parts, min(high, 190), label)}{_legend(named)}</div>'


def _plotted(filled: Filled, panel: Chart, size: tuple[int, int], period: Period) -> str:
    plot = plot_of(panel, filled.layers, period)
    if plot.empty:
        return "<p>Nothing to show.</p>"
    drawn = chart(plot, panel.series, size, _label(panel, plot), filled.marks)
    named = [] if panel.series == "bar_horizontal" else [(series.name, series.colour) for series in plot.series]
    tables = "".join(
        table(layer, i, filled.layers[i], panel.title) for i, layer in enumerate(panel.layers) if filled.layers[i]
    )
    numbers = f"<details><summary>Numbers</summary>{tables}</details>"
    return f'<div class="plot" tabindex="0">{drawn}</div>{_legend(named)}{_marked(filled)}{numbers}'


def _marked(filled: Filled) -> str:
    """What its dashed lines mean."""
    what = ", ".join(dict.fromkeys(label for _, label in filled.marks))
    return f"<p>Dashed: {escape(what)}</p>" if what else ""


def _label(panel: Chart, plot: Plot) -> str:
    return f"{panel.title}: {', '.join(series.name for series in plot.series[:MOST_NAMED])}"


def _legend(named: Sequence[tuple[str, str]]) -> str:
    items = "".join(
        f'<li><i style="background:{colour}"></i>{escape(name)}</li>' for name, colour in named[:MOST_NAMED]
    )
    more = f"<li>and {len(named) - MOST_NAMED} more</li>" if len(named) > MOST_NAMED else ""
    return f'<ul class="legend">{items}{more}</ul>' if named else ""


def _markdown(text: str) -> str:
    """The little of Markdown that our own texts use."""
    said = escape(text, quote=False)
    said = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", said, flags=re.DOTALL)
    said = re.sub(r"(?<!\*)\*([^*\n]+)\*", r"<em>\1</em>", said)
    said = said.replace("  \n", "<br>")
    said = re.sub(r"`([^`]+)`", r"<code>\1</code>", said)
    return LINK.sub(lambda found: f'<a href="{file_of(found[2])}">{found[1]}</a>', said)
