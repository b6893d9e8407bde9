"""A chart as a Lens visualization by value: its state, and the data views it refers to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sinks.kibana.columns import Bands, Number
from sinks.kibana.lens_columns import bucket_id, layer_state, number_id
from sinks.kibana.panels import Chart, Charted, Donut, Figure, Heatmap, LensPanel, Mark, Table

State = dict[str, Any]
Reference = dict[str, str]
TYPES: dict[type[Charted], str] = {
    Figure: "lnsMetric",
    Chart: "lnsXY",
    Table: "lnsDatatable",
    Heatmap: "lnsHeatmap",
    Donut: "lnsPie",
}
MARK_COLOUR = "#5a6a85"


def lens_attributes(panel: LensPanel) -> State:
    """What a dashboard holds of a chart."""
    layers = {layer_id(panel, i): layer_state(layer, i) for i, layer in enumerate(panel.layers)}
    query = {"query": panel.where.kql if panel.where else "", "language": "kuery"}
    return {
        "title": "",
        "type": "lens",
        "visualizationType": TYPES[type(panel)],
        "references": lens_references(panel),
        "state": {
            "visualization": VISUALIZATIONS[type(panel)](panel),
            "query": query,
            "filters": [],
            "datasourceStates": {"formBased": {"layers": layers}},
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }


def lens_references(panel: LensPanel) -> list[Reference]:
    """The data views of its layers and marks, by the names Lens looks them up with."""
    found = [
        _reference(f"indexpattern-datasource-layer-{layer_id(panel, i)}", layer.view.id)
        for i, layer in enumerate(panel.layers)
    ]
    marks = panel.marks if isinstance(panel, Chart) else ()
    return [*found, *(_reference(f"xy-visualization-layer-{_marks_id(panel, mark)}", mark.view.id) for mark in marks)]


def layer_id(panel: LensPanel, number: int) -> str:
    """The id of a layer, unique in its dashboard."""
    return f"{panel.name}-{number}"


def _marks_id(panel: LensPanel, mark: Mark) -> str:
    return f"{panel.name}-{mark.name}"


def _reference(name: str, view: str) -> Reference:
    return {"type": "index-pattern", "id": view, "name": name}


def _figure(panel: Figure) -> State:
    said = {"subtitle": panel.about} if panel.about else {}
    return {**_first(panel), "metricAccessor": number_id(0, 0), **said, **_coloured_by(panel.layers[0].numbers[0])}


def _coloured_by(number: Number) -> State:
    return {"palette": _palette(number.bands)} if number.bands else {}


def _palette(bands: Bands) -> State:
    """Bands of a number: Kibana edits where each begins, and draws by where each ends; the last one has no end."""
    begins = [begin for begin, _ in bands]
    ends = [*begins[1:], 2 * begins[-1]]
    params = {
        "name": "custom",
        "reverse": False,
        "rangeType": "number",
        "rangeMin": begins[0],
        "rangeMax": None,
        "progression": "fixed",
        "continuity": "above",
        "steps": len(bands),
        "maxSteps": 5,
        "colorStops": [{"color": colour, "stop": begin} for begin, colour in bands],
        "stops": [{"color": colour, "stop": end} for (_, colour), end in zip(bands, ends, strict=True)],
    }
    return {"type": "palette", "name": "custom", "params": params}


def _table(panel: Table) -> State:
    """Sentences take the lines that they need, numbers one."""
    (layer,) = panel.layers
    ids = [bucket_id(0, i) for i in range(len(layer.by))] + [number_id(0, i) for i in range(len(layer.numbers))]
    place = panel.sorted_by
    sorting = {} if place is None else {"sorting": {"columnId": number_id(0, place), "direction": "desc"}}
    return {
        **_first(panel),
        "columns": [_shown(column, panel) for column in ids[: len(layer.by)]]
        + [_measured(number_id(0, i), number) for i, number in enumerate(layer.numbers)],
        **sorting,
        "paging": {"enabled": True, "size": panel.rows},
        "headerRowHeight": "auto",
        "rowHeight": "auto" if any(number.kind == "string" for number in layer.numbers) else "single",
    }


def _shown(column: str, panel: Table) -> State:
    """What rows are put together by; a link where a click leads somewhere."""
    link = {"oneClickFilter": True} if panel.leads_to or panel.narrows else {}
    return {"columnId": column, "isTransposed": False, **link}


def _measured(column: str, number: Number) -> State:
    colour = {"colorMode": "cell", **_coloured_by(number)} if number.bands else {}
    return {"columnId": column, "isTransposed": False, **colour}


def _heatmap(panel: Heatmap) -> State:
    number = panel.layers[0].numbers[0]
    palette = {"palette": {**_palette(number.bands), "accessor": number_id(0, 0)}} if number.bands else {}
    return {
        **_first(panel),
        **palette,
        "shape": "heatmap",
        "xAccessor": bucket_id(0, 0),
        "yAccessor": bucket_id(0, 1),
        "valueAccessor": number_id(0, 0),
        "legend": {"type": "heatmap_legend", "isVisible": True, "position": "right"},
        "gridConfig": {
            "type": "heatmap_grid",
            "isCellLabelVisible": False,
            "isXAxisLabelVisible": True,
            "isYAxisLabelVisible": True,
            "isXAxisTitleVisible": False,
            "isYAxisTitleVisible": False,
        },
    }


def _donut(panel: Donut) -> State:
    layer = {
        "layerId": layer_id(panel, 0),
        "layerType": "data",
        "primaryGroups": [bucket_id(0, i) for i in range(len(panel.layers[0].by))],
        "metrics": [number_id(0, 0)],
        "numberDisplay": "value",
        "categoryDisplay": "default",
        "legendDisplay": "show",
        "nestedLegend": False,
    }
    return {"shape": "donut", "layers": [layer]}


def _chart(panel: Chart) -> State:
    marks = [_marks_layer(panel, mark) for mark in panel.marks]
    visible = {"x": True, "yLeft": True, "yRight": True}
    return {
        "preferredSeriesType": panel.series,
        "legend": {"isVisible": True, "position": "bottom"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "axisTitlesVisibilitySettings": dict.fromkeys(visible, False),
        "tickLabelsVisibilitySettings": visible,
        "gridlinesVisibilitySettings": visible,
        "labelsOrientation": dict.fromkeys(visible, 0),
        "layers": [*(_data_layer(panel, i) for i in range(len(panel.layers))), *marks],
    }


def _data_layer(panel: Chart, index: int) -> State:
    layer = panel.layers[index]
    split = {} if layer.split is None else {"splitAccessor": bucket_id(index, layer.split)}
    colours = [_coloured(number_id(index, i), number) for i, number in enumerate(layer.numbers) if number.colour]
    return {
        "layerId": layer_id(panel, index),
        "layerType": "data",
        "seriesType": panel.series,
        "position": "top",
        "showGridlines": False,
        "xAccessor": bucket_id(index, layer.axis),
        "accessors": [number_id(index, i) for i in range(len(layer.numbers))],
        **split,
        **({"yConfig": colours} if colours else {}),
    }


def _coloured(column: str, number: Number) -> State:
    return {"forAccessor": column, "color": number.colour, "axisMode": "left"}


def _marks_layer(panel: Chart, mark: Mark) -> State:
    said = {"textField": mark.text} if mark.text else {}
    annotation = {
        "id": mark.name,
        "type": "query",
        "key": {"type": "point_in_time"},
        "label": mark.label,
        "filter": {"type": "kibana_query", "query": mark.where.kql, "language": "kuery"},
        "timeField": mark.view.time,
        "icon": "flag",
        "color": MARK_COLOUR,
        **said,
    }
    return {
        "layerId": _marks_id(panel, mark),
        "layerType": "annotations",
        "ignoreGlobalFilters": False,  # else releases of every other project would be marked here, too
        "annotations": [annotation],
    }


def _first(panel: LensPanel) -> State:
    return {"layerId": layer_id(panel, 0), "layerType": "data"}


VISUALIZATIONS: dict[type[Charted], Callable[[Any], State]] = {
    Figure: _figure,
    Chart: _chart,
    Table: _table,
    Heatmap: _heatmap,
    Donut: _donut,
}
