"""Data views, tags, saved searches and dashboards as saved objects, in the lines that Kibana imports.

The versions are the oldest that hold what is written, so that Kibana 8.8 takes it and later ones migrate it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from sinks.kibana.controls import control_group, control_references
from sinks.kibana.grid import placed
from sinks.kibana.panel_objects import lens_panel, listing_panel, panel_references, words_panel
from sinks.kibana.panels import Dashboard, DataView, Listing, SavedSearch, Words

Object = dict[str, Any]
CORE_VERSION = "8.8.0"
TYPE_VERSIONS = {"index-pattern": "8.0.0", "tag": "8.0.0", "search": "8.0.0", "dashboard": "8.7.0"}
SEARCH_SOURCE_INDEX = "kibanaSavedObjectMeta.searchSourceJSON.index"
REFRESH_MS = 60_000


@dataclass(frozen=True, slots=True)
class Tag:
    """What dashboards and searches are found by in Kibana's lists."""

    id: str
    name: str
    about: str
    colour: str


def ndjson(objects: Iterable[Object]) -> bytes:
    """The file that Kibana imports: one object a line."""
    return b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in objects)


def data_view_object(view: DataView) -> Object:
    """A data view; its maps are strings of JSON."""
    names = {field: {"customLabel": label, "customDescription": about} for field, (label, about) in view.labels.items()}
    time = {"timeFieldName": view.time} if view.time else {}
    attributes = {
        "title": view.pattern,
        "name": view.name,
        **time,
        "allowNoIndex": True,
        "fieldFormatMap": text({field: form.field() for field, form in view.formats.items()}),
        "runtimeFieldMap": text(
            {name: {"type": field.kind, "script": {"source": field.script}} for name, field in view.runtime.items()}
        ),
        "fieldAttrs": text(names),
        "sourceFilters": "[]",
        "fields": "[]",
        "typeMeta": "{}",
    }
    return _object("index-pattern", view.id, attributes, [])


def tag_object(tag: Tag) -> Object:
    """A tag."""
    return _object("tag", tag.id, {"name": tag.name, "description": tag.about, "color": tag.colour}, [])


def search_object(search: SavedSearch, tags: Iterable[str]) -> Object:
    """A saved search, with the ids of its tags."""
    source = {
        "highlightAll": True,
        "version": True,
        "query": {"query": search.where.kql if search.where else "", "language": "kuery"},
        "filter": [],
        "indexRefName": SEARCH_SOURCE_INDEX,
    }
    attributes = {
        "title": search.title,
        "description": search.about,
        "columns": list(search.columns),
        "sort": [list(pair) for pair in search.sort],
        "grid": {},
        "hideChart": not search.view.time,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": text(source)},
    }
    view = {"type": "index-pattern", "id": search.view.id, "name": SEARCH_SOURCE_INDEX}
    return _object("search", search.id, attributes, [view, *_tagged(tags)])


def dashboard_object(dashboard: Dashboard, tags: Iterable[str]) -> Object:
    """A dashboard with its panels by value, its controls, and every reference that these need."""
    panels = []
    references = []
    for panel, place in placed(dashboard.rows):
        if isinstance(panel, Listing):
            panels.append(listing_panel(panel, place))
        elif isinstance(panel, Words):
            panels.append(words_panel(panel, place))
        else:
            panels.append(lens_panel(panel, place))
        references += panel_references(panel)
    attributes = {
        "title": f"[Hypercare] {dashboard.title}",
        "description": dashboard.about,
        "version": 1,
        "timeRestore": True,
        "timeFrom": dashboard.since,
        "timeTo": "now",
        "refreshInterval": {"pause": True, "value": REFRESH_MS},
        "optionsJSON": text(
            {
                "useMargins": True,
                "syncColors": True,
                "syncCursor": True,
                "syncTooltips": False,
                "hidePanelTitles": False,
            }
        ),
        "panelsJSON": text(panels),
        "controlGroupInput": control_group(dashboard.controls),
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": text({"query": {"query": "", "language": "kuery"}, "filter": []})
        },
    }
    return _object(
        "dashboard", dashboard.id, attributes, [*references, *control_references(dashboard.controls), *_tagged(tags)]
    )


def text(value: Any) -> str:
    """JSON as a string, where Kibana wants one inside JSON."""
    return orjson.dumps(value).decode()


def _object(kind: str, name: str, attributes: Object, references: list[dict[str, str]]) -> Object:
    return {
        "type": kind,
        "id": name,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": TYPE_VERSIONS[kind],
        "managed": False,
    }


def _tagged(tags: Iterable[str]) -> list[dict[str, str]]:
    return [{"type": "tag", "id": tag, "name": f"tag-ref-{tag}"} for tag in tags]
