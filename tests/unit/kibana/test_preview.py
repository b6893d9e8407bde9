"""The pages without Kibana: every panel on them, nothing from elsewhere, nothing that a name could slip in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from sinks.kibana.catalogue import DASHBOARDS
from sinks.kibana.columns import COUNT, Terms, Times
from sinks.kibana.panels import Chart, Dashboard
from sinks.kibana.preview.draw import chart
from sinks.kibana.preview.filled import fill
from sinks.kibana.preview.page import file_of, page
from sinks.kibana.preview.series import Plot, Series, ink_on, plot_of
from sinks.kibana.requests import Period
from sinks.kibana.written import FILE

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
PERIOD = Period(NOON - timedelta(hours=1), NOON)
HOSTILE = '<script>alert("x")</script>\u202e😀'
ALONE = {"meta", "wbr", "br"}


class Reader(HTMLParser):
    """Reads a page and keeps what it finds, and what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag


def reader(text: str) -> Reader:
    read = Reader()
    read.feed(text)
    assert read.open == []
    return read


def nothing(_: str, body: dict[str, Any]) -> Mapping[str, Any]:
    """An Elasticsearch without documents."""
    return {"took": 0, "hits": {"total": {"value": 0}, "hits": []}, "aggregations": empty(body.get("aggs", {}))}


def empty(aggs: dict[str, Any]) -> dict[str, Any]:
    """What an aggregation answers where there is nothing."""
    found: dict[str, Any] = {}
    for name, asked in aggs.items():
        inner = empty(asked.get("aggs", {}))
        kind = next(kind for kind in asked if kind != "aggs")
        match kind:
            case "filters":
                found[name] = {"buckets": {label: {"doc_count": 0, **inner} for label in asked["filters"]["filters"]}}
            case "terms" | "date_histogram":
                found[name] = {"buckets": []}
            case "filter":
                found[name] = {"doc_count": 0, **inner}
            case "percentiles":
                found[name] = {"values": {"p": None}}
            case "top_hits":
                found[name] = {"hits": {"hits": []}}
            case _:
                found[name] = {"value": None}
    return found


def hostile(indices: str, body: dict[str, Any]) -> Mapping[str, Any]:
    """One document everywhere, whose texts would like to be more than that."""
    hits = [{"fields": {name: [HOSTILE] for name in body.get("fields", ()) if isinstance(name, str)}}]
    if any(isinstance(name, dict) for name in body.get("fields", ())):
        hits = []
    aggregations = full(body.get("aggs", {}))
    return {"took": 0, "hits": {"total": {"value": 1}, "hits": hits}, "aggregations": aggregations, "index": indices}


def full(aggs: dict[str, Any]) -> dict[str, Any]:
    found = empty(aggs)
    at = int((NOON - timedelta(minutes=30)).timestamp() * 1_000)
    for name, asked in aggs.items():
        inner = full(asked.get("aggs", {}))
        if "terms" in asked:
            found[name] = {"buckets": [{"key": HOSTILE, "doc_count": 3, **inner}]}
        elif "date_histogram" in asked:
            found[name] = {"buckets": [{"key": at, "doc_count": 3, **inner}]}
        elif "top_hits" in asked:
            field = asked["top_hits"]["docvalue_fields"][0]["field"]
            found[name] = {"hits": {"hits": [{"fields": {field: [HOSTILE, HOSTILE]}}]}}
        elif "value" in found[name]:
            found[name] = {"value": 3.25}
        elif "filter" in asked:
            found[name] = {"doc_count": 2, **inner}
    return found


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one.id)
@pytest.mark.parametrize("search", [nothing, hostile])
def test_a_page_has_every_panel_and_nothing_of_elsewhere(dashboard: Dashboard, search: Any) -> None:
    text = page(dashboard, fill(search, dashboard, PERIOD, "shop"), PERIOD, HOSTILE)
    read = reader(text)
    assert read.tags.count("section") == read.tags.count("h2") == len(dashboard.panels)
    assert "script" not in read.tags
    assert not [said for said in read.attributes if said[1] in {"src", "onload", "onclick"} or "://" in said[2]]
    assert all(value for _, name, value in read.attributes if name == "aria-label")
    assert "Preview, not Kibana." in text
    assert {name: value for tag, name, value in read.attributes if tag == "html"} == {"lang": "en"}


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one.id)
def test_the_page_in_the_documentation_is_of_these_panels(dashboard: Dashboard) -> None:
    text = (FILE.parent / file_of(dashboard.id)).read_text()
    reader(text)
    named = re.findall(r'<h2 id="p-([a-z0-9-]+)"', text)
    assert named == [panel.name for panel in dashboard.panels], "draw it anew: tests/unit/kibana/previews.py"
    for link in re.findall(r'href="([^"#]+)"', text):
        assert (FILE.parent / link).is_file()


def test_a_gap_in_time_is_on_the_axis_and_no_line_is_drawn_over_it() -> None:
    shown = next(
        panel
        for one in DASHBOARDS
        for panel in one.charts
        if isinstance(panel, Chart) and isinstance(panel.layers[0].by[0], Times) and len(panel.layers) == 1
    )
    minute = 60_000
    begin = int(PERIOD.since.timestamp() * 1_000)
    rows = [{"l0b0": begin + minute * place, "l0n0": value} for place, value in ((0, 5), (1, None), (2, 7))]
    plot = plot_of(shown, [rows], PERIOD)
    assert len(plot.axis) == 61
    assert plot.series[0].points == {begin: 5, begin + 2 * minute: 7}


def test_series_of_a_split_are_named_by_its_values() -> None:
    shown = next(
        panel
        for one in DASHBOARDS
        for panel in one.charts
        if isinstance(panel, Chart) and len(panel.layers[0].by) == 2 and isinstance(panel.layers[0].by[1], Terms)
    )
    rows = [{"l0b0": "S2", "l0b1": name, "l0n0": number} for number, name in enumerate(("new", "triaged"), 1)]
    plot = plot_of(shown, [rows], PERIOD)
    assert [(series.name, series.points) for series in plot.series] == [("new", {"S2": 1}), ("triaged", {"S2": 2})]


@pytest.mark.parametrize(("colour", "ink"), [("#dff2ec", "#000000"), ("#b06f00", "#000000"), ("#c0440a", "#ffffff")])
def test_letters_on_a_colour_are_those_that_are_read_best(colour: str, ink: str) -> None:
    assert ink_on(colour) == ink


@pytest.mark.parametrize("most", [1, 2, 3, 5, 9, 17, 250])
def test_what_is_counted_has_whole_numbers_at_its_axis(most: int) -> None:
    series = Series("Incidents", "#0072b2", "", COUNT, {"S1": float(most)})
    drawn = chart(Plot(("S1",), is_time=False, series=(series,)), "bar", (400, 200), "Open")
    steps = [float(text.replace(",", "")) for text in re.findall(r'text-anchor="end"[^>]*>([\d.,]+)<', drawn)]
    assert len(steps) == 5
    assert all(step.is_integer() for step in steps), steps
    assert max(steps) >= most


def test_marks_are_named_once_below_the_chart_and_each_where_it_stands() -> None:
    dashboard = next(one for one in DASHBOARDS if one.id == "hypercare-overview")
    at = int((NOON - timedelta(minutes=30)).timestamp() * 1_000)
    marks = ((at, "A fix went live"), (at + 60_000, "A fix went live"))
    filled = [
        replace(one, marks=marks) if one.panel.title.startswith("Failing share against") else one
        for one in fill(hostile, dashboard, PERIOD, "shop")
    ]
    text = page(dashboard, filled, PERIOD, "")
    assert text.count("Dashed: A fix went live</p>") == 1
    assert text.count("<title>A fix went live</title>") == 2
