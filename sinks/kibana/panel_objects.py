"""Panels as a dashboard stores them, and the references that they need there.

A reference stands inside a chart and, with the panel's name before it, at the dashboard: Kibana needs both.
"""

from __future__ import annotations

from typing import Any

from sinks.kibana.grid import Place
from sinks.kibana.lens import lens_attributes, lens_references
from sinks.kibana.panels import Figure, LensPanel, Listing, Panel, Words

Stored = dict[str, Any]
DRILLDOWN = "DASHBOARD_TO_DASHBOARD_DRILLDOWN"
FONT_SIZE = 12


def lens_panel(panel: LensPanel, place: Place) -> Stored:
    """A chart by value."""
    config: Stored = {"attributes": lens_attributes(panel), "enhancements": _drilldown(panel)}
    if isinstance(panel, Figure):
        config["hidePanelTitles"] = True  # the number is drawn with its name
    elif panel.about:
        config["description"] = panel.about
    return {**_placed("lens", panel, place), "embeddableConfig": config}


def listing_panel(panel: Listing, place: Place) -> Stored:
    """A saved search by reference."""
    return {
        **_placed("search", panel, place),
        "panelRefName": f"panel_{panel.name}",
        "embeddableConfig": {"enhancements": {}},
    }


def words_panel(panel: Words, place: Place) -> Stored:
    """Text."""
    saved = {
        "type": "markdown",
        "title": "",
        "description": "",
        "params": {"fontSize": FONT_SIZE, "markdown": panel.markdown, "openLinksInNewTab": False},
        "uiState": {},
        "data": {"aggs": [], "searchSource": {"query": {"query": "", "language": "kuery"}, "filter": []}},
    }
    return {
        **_placed("visualization", panel, place),
        "embeddableConfig": {"savedVis": saved, "enhancements": {}, "hidePanelTitles": True},
    }


def panel_references(panel: Panel) -> list[dict[str, str]]:
    """What the dashboard refers to because of this panel."""
    if isinstance(panel, Words):
        return []
    if isinstance(panel, Listing):
        return [{"type": "search", "id": panel.search.id, "name": f"{panel.name}:panel_{panel.name}"}]
    found = [{**reference, "name": f"{panel.name}:{reference['name']}"} for reference in lens_references(panel)]
    if panel.leads_to:
        name = f"{panel.name}:drilldown:{DRILLDOWN}:{_event_id(panel)}:dashboardId"
        found.append({"type": "dashboard", "id": panel.leads_to, "name": name})
    return found


def _drilldown(panel: LensPanel) -> Stored:
    if not panel.leads_to:
        return {}
    event = {
        "eventId": _event_id(panel),
        "triggers": ["FILTER_TRIGGER"],
        "action": {
            "factoryId": DRILLDOWN,
            "name": "Look closer",
            "config": {"useCurrentFilters": True, "useCurrentDateRange": True},
        },
    }
    return {"dynamicActions": {"events": [event]}}


def _event_id(panel: LensPanel) -> str:
    return f"{panel.name}-closer"


def _placed(kind: str, panel: Panel, place: Place) -> Stored:
    grid = {"x": place.x, "y": place.y, "w": place.width, "h": place.height, "i": panel.name}
    return {"type": kind, "panelIndex": panel.name, "gridData": grid, "title": panel.title}
