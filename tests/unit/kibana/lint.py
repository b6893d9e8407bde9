"""What Kibana, or whoever reads a file of saved objects, would complain about; read from the file alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

Object = dict[str, Any]
VERSIONS = {"index-pattern": "8.0.0", "tag": "8.0.0", "search": "8.0.0", "dashboard": "8.7.0"}
ENVELOPE = {"type", "id", "attributes", "references", "coreMigrationVersion", "typeMigrationVersion", "managed"}
DASHBOARD_KEYS = {
    "title", "description", "panelsJSON", "optionsJSON", "controlGroupInput", "kibanaSavedObjectMeta", "timeRestore",
    "timeFrom", "timeTo", "refreshInterval", "version",
}  # fmt: skip
SEARCH_KEYS = {
    "title", "description", "columns", "sort", "grid", "hideChart", "isTextBasedQuery", "timeRestore",
    "kibanaSavedObjectMeta",
}  # fmt: skip
TOO_NEW = {
    '"formula"', '"math"', "textBased", "colorMapping", "splitAccessors", '"sections"', "pinned_panels",
    "showApplySelections", "esql", "secondaryTrend",
}  # fmt: skip
SORTABLE = {"count", "sum", "average", "min", "max", "unique_count", "percentile"}
"""And the last value, if it is no list."""


def complaints(file: bytes) -> Iterator[str]:
    """Everything that is wrong with a file."""
    try:
        objects = [json.loads(line) for line in file.splitlines()]
    except ValueError as error:
        yield f"a line is no JSON: {error}"
        return
    known = Counter((one["type"], one["id"]) for one in objects)
    yield from (f"twice: {which}" for which, count in known.items() if count > 1)
    for one in objects:
        yield from (f"{one['id']}: {problem}" for problem in _object(one, set(known)))


def _object(one: Object, known: set[tuple[str, str]]) -> Iterator[str]:
    if set(one) != ENVELOPE:
        yield f"keys {set(one) ^ ENVELOPE}"
    if one["typeMigrationVersion"] != VERSIONS[one["type"]] or one["coreMigrationVersion"] != "8.8.0":
        yield "another version"
    if not one["id"].startswith("hypercare") or set(one["id"]) - set("abcdefghijklmnopqrstuvwxyz0123456789-"):
        yield "an id that others may use"
    text = json.dumps(one["attributes"])
    yield from (f"too new for 8.8: {word}" for word in TOO_NEW if word in text.replace("\\", ""))
    names = Counter(reference["name"] for reference in one["references"])
    yield from (f"reference {name} twice" for name, count in names.items() if count > 1)
    for reference in one["references"]:
        if (reference["type"], reference["id"]) not in known:
            yield f"{reference['type']} {reference['id']} is not in the file"
    check = {"dashboard": _dashboard, "search": _search, "index-pattern": _view}.get(one["type"])
    if check is not None:
        yield from check(one)


def _view(one: Object) -> Iterator[str]:
    for name in ("fieldFormatMap", "runtimeFieldMap", "fieldAttrs", "sourceFilters", "fields", "typeMeta"):
        if not isinstance(one["attributes"][name], str):
            yield f"{name} is no string"
        json.loads(one["attributes"][name])
    for name, field in json.loads(one["attributes"]["runtimeFieldMap"]).items():
        if "containsKey" not in field["script"]["source"]:
            yield f"{name} fails where the field it reads is not there"


def _search(one: Object) -> Iterator[str]:
    attributes = one["attributes"]
    if set(attributes) != SEARCH_KEYS:
        yield f"attributes {set(attributes) ^ SEARCH_KEYS}"
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    if source["indexRefName"] not in {reference["name"] for reference in one["references"]}:
        yield "no data view"
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in attributes["sort"]):
        yield "sort is no list of pairs"


def _dashboard(one: Object) -> Iterator[str]:
    attributes = one["attributes"]
    if set(attributes) != DASHBOARD_KEYS:
        yield f"attributes {set(attributes) ^ DASHBOARD_KEYS}"
    if attributes["timeRestore"] != (bool(attributes.get("timeFrom")) and bool(attributes.get("timeTo"))):
        yield "half a time"
    json.loads(attributes["optionsJSON"])
    json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    panels = json.loads(attributes["panelsJSON"])
    yield from _geometry(panels)
    names = {reference["name"] for reference in one["references"]}
    needed = {name for panel in panels for name in _needed(panel)} | set(_needed_by_controls(attributes))
    unused = {name for name in names - needed if not name.startswith("tag-ref-")}
    yield from (f"reference {name} is missing" for name in needed - names)
    yield from (f"reference {name} is not used" for name in unused)
    meant = {reference["name"]: reference["id"] for reference in one["references"]}
    for panel in panels:
        yield from (f"panel {panel['panelIndex']}: {problem}" for problem in _panel(panel))
        for inner in panel["embeddableConfig"].get("attributes", {}).get("references", []):
            if meant.get(f"{panel['panelIndex']}:{inner['name']}") != inner["id"]:
                yield f"panel {panel['panelIndex']} means another {inner['name']} than the dashboard"


def _geometry(panels: list[Object]) -> Iterator[str]:
    for panel in panels:
        grid = panel["gridData"]
        if grid["i"] != panel["panelIndex"]:
            yield f"panel {grid['i']} has two names"
        if grid["w"] < 1 or grid["h"] < 1 or grid["x"] < 0 or grid["x"] + grid["w"] > 48:
            yield f"panel {grid['i']} is beside the grid"
    yield from (
        f"panels {a['panelIndex']} and {b['panelIndex']} overlap"
        for a, b in combinations(panels, 2)
        if _overlap(a["gridData"], b["gridData"])
    )
    names = Counter(panel["panelIndex"] for panel in panels)
    yield from (f"panel {name} twice" for name, count in names.items() if count > 1)
    covered = {y for panel in panels for y in range(panel["gridData"]["y"], _bottom(panel))}
    if covered != set(range(max(_bottom(panel) for panel in panels))):
        yield "an empty row between panels"


def _overlap(a: Object, b: Object) -> bool:
    across = a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"]
    return bool(across and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"])


def _bottom(panel: Object) -> int:
    return int(panel["gridData"]["y"] + panel["gridData"]["h"])


def _needed(panel: Object) -> Iterator[str]:
    name = panel["panelIndex"]
    if panel["type"] == "search":
        yield f"{name}:{panel['panelRefName']}"
        return
    config = panel["embeddableConfig"]
    for reference in config.get("attributes", {}).get("references", []):
        yield f"{name}:{reference['name']}"
    for event in config["enhancements"].get("dynamicActions", {}).get("events", []):
        yield f"{name}:drilldown:{event['action']['factoryId']}:{event['eventId']}:dashboardId"


def _needed_by_controls(attributes: Object) -> Iterator[str]:
    group = attributes["controlGroupInput"]
    json.loads(group["ignoreParentSettingsJSON"])
    for name, control in json.loads(group["panelsJSON"]).items():
        yield f"controlGroup_{name}:{control['type'].replace('Control', '')}DataView"


def _panel(panel: Object) -> Iterator[str]:
    if not panel["title"]:
        yield "no title"
    if panel["type"] != "lens":
        return
    attributes = panel["embeddableConfig"]["attributes"]
    state = attributes["state"]
    layers = state["datasourceStates"]["formBased"]["layers"]
    references = {reference["name"] for reference in attributes["references"]}
    for name, layer in layers.items():
        if f"indexpattern-datasource-layer-{name}" not in references:
            yield f"layer {name} has no data view"
        yield from _columns(layer)
    yield from _visualization(attributes["visualizationType"], state["visualization"], layers, references)
    if attributes["visualizationType"] == "lnsDatatable" and panel["embeddableConfig"]["enhancements"]:
        links = {column["columnId"] for column in state["visualization"]["columns"] if column.get("oneClickFilter")}
        if links != {name for layer in layers.values() for name, one in layer["columns"].items() if one["isBucketed"]}:
            yield "a click leads somewhere, and nothing looks like it"


def _columns(layer: Object) -> Iterator[str]:
    columns = layer["columns"]
    order = layer["columnOrder"]
    if sorted(order) != sorted(columns):
        yield "columnOrder is another set"
    bucketed = [columns[name]["isBucketed"] for name in order]
    if bucketed != sorted(bucketed, reverse=True):
        yield "a measure stands before a bucket"
    for name, column in columns.items():
        if not {"label", "dataType", "operationType", "isBucketed", "scale", "params"} <= set(column):
            yield f"column {name} is not whole"
        by = column["params"].get("orderBy", {})
        if by.get("type") == "column" and columns[by["columnId"]]["operationType"] not in SORTABLE:
            yield f"{name} is ordered by what cannot be ordered by"
        form = column["params"].get("format", {})
        if form.get("id") == "percent" and column["operationType"] not in {"average", "max", "last_value"}:
            yield f"{name} is a share of nothing"


def _visualization(kind: str, state: Object, layers: Object, references: set[str]) -> Iterator[str]:
    drawn = state.get("layers", [state])
    data = [layer for layer in drawn if layer["layerType"] == "data"]
    if {layer["layerId"] for layer in data} != set(layers):
        yield "layers that are not drawn, or not there"
    for layer in drawn:
        if layer["layerType"] == "annotations":
            if f"xy-visualization-layer-{layer['layerId']}" not in references:
                yield "marks without a data view"
            if layer["ignoreGlobalFilters"]:
                yield "marks of every other project"
    for layer in data:
        columns = layers[layer["layerId"]]["columns"]
        buckets, measures = _accessors(kind, layer)
        if any(name not in columns or not columns[name]["isBucketed"] for name in buckets):
            yield "an axis that is no bucket"
        if not measures or any(name not in columns or columns[name]["isBucketed"] for name in measures):
            yield "a value that is no measure"
        if {*buckets, *measures} != set(columns):
            yield f"columns that are not shown: {set(columns) - {*buckets, *measures}}"


def _accessors(kind: str, layer: Object) -> tuple[list[str], list[str]]:
    match kind:
        case "lnsMetric":
            return [], [layer["metricAccessor"]]
        case "lnsXY":
            split = [layer["splitAccessor"]] if "splitAccessor" in layer else []
            return [layer["xAccessor"], *split], layer["accessors"]
        case "lnsHeatmap":
            return [layer["xAccessor"], layer["yAccessor"]], [layer["valueAccessor"]]
        case "lnsPie":
            return layer["primaryGroups"], layer["metrics"]
        case _:
            names = [column["columnId"] for column in layer["columns"]]
            return [name for name in names if "b" in name], [name for name in names if "n" in name]
