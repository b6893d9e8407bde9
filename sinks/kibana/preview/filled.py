"""A dashboard with what Elasticsearch answers to each of its panels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sinks.kibana.ask import Search, answered
from sinks.kibana.conditions import Condition, is_
from sinks.kibana.panels import Chart, Dashboard, DataView, Listing, Mark, Panel, SavedSearch, Words
from sinks.kibana.requests import Period, Row, range_of, runtime_mappings

LISTED = 6
"""Documents of a saved search that a page shows."""
MOST_MARKS = 20


@dataclass(frozen=True, slots=True)
class Filled:
    """A panel with its rows by layer, or its documents by column, and its marks, each with what happened then."""

    panel: Panel
    layers: tuple[tuple[Row, ...], ...] = ()
    documents: tuple[Mapping[str, str], ...] = ()
    marks: tuple[tuple[int, str], ...] = ()


def fill(search: Search, dashboard: Dashboard, period: Period, project: str = "") -> list[Filled]:
    """Ask for every panel, of one project or of all."""
    return [_fill(search, panel, period, _only(project)) for panel in dashboard.panels]


Only = Callable[[DataView], tuple[Condition, ...]]


def _only(project: str) -> Only:
    """Dead letters belong to no project."""
    return lambda view: (is_("hypercare.project", project),) if project and "hypercare.project" in view.labels else ()


def _fill(search: Search, panel: Panel, period: Period, only: Only) -> Filled:
    if isinstance(panel, Words):
        return Filled(panel)
    if isinstance(panel, Listing):
        return Filled(panel, documents=_documents(search, panel.search, period, only))
    layers = tuple(
        tuple(answered(search, panel, period, also=only(layer.view))[i]) for i, layer in enumerate(panel.layers)
    )
    marks = panel.marks if isinstance(panel, Chart) else ()
    found = tuple((at, mark.label) for mark in marks for at in _marks(search, mark, period, only))
    return Filled(panel, layers, marks=found)


def _documents(search: Search, saved: SavedSearch, period: Period, only: Only) -> tuple[Mapping[str, str], ...]:
    body = _listed(saved.view, saved.where, period, only) | {
        "size": LISTED,
        "sort": [{field: {"order": order, "unmapped_type": "keyword"}} for field, order in saved.sort],
        "fields": list(saved.columns),
    }
    hits = search(saved.view.pattern, body)["hits"]["hits"]
    return tuple(
        {
            name: ", ".join(_text(saved.view, name, value) for value in hit.get("fields", {}).get(name, ()))
            for name in saved.columns
        }
        for hit in hits
    )


def _text(view: DataView, name: str, value: Any) -> str:
    form = view.formats.get(name)
    return form.text(value) if form and isinstance(value, int | float) else str(value)


def _marks(search: Search, mark: Mark, period: Period, only: Only) -> list[int]:
    body = _listed(mark.view, mark.where, period, only) | {
        "size": MOST_MARKS,
        "sort": [{mark.view.time: "asc"}],
        "fields": [{"field": mark.view.time, "format": "epoch_millis"}],
    }
    hits = search(mark.view.pattern, body)["hits"]["hits"]
    return [int(hit["fields"][mark.view.time][0]) for hit in hits]


def _listed(view: DataView, where: Condition | None, period: Period, only: Only) -> dict[str, Any]:
    times = [range_of(view.time, period)] if view.time else []
    asked = [condition.dsl for condition in (where, *only(view)) if condition is not None]
    body: dict[str, Any] = {"query": {"bool": {"filter": [*asked, *times]}}, "_source": False}
    return body | ({"runtime_mappings": runtime_mappings(view)} if view.runtime else {})
