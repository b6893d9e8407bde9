"""What is there against what we would write: new, the same, or changed, and in what.

A newer Kibana stores what it imports in a newer shape and adds keys of its own, so objects are compared by what
somebody sees of them: titles, places, columns, queries, formats. None of these is changed by a migration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from sinks.kibana.saved_objects import Object

SHOWN = ("label", "operationType", "sourceField", "filter", "timeShift")


@dataclass(frozen=True, slots=True)
class Change:
    """One object: ``what`` names the parts that differ."""

    kind: str
    id: str
    title: str
    state: Literal["new", "same", "changed", "left"]
    what: tuple[str, ...] = ()


def compare(ours: Iterable[Object], there: Mapping[tuple[str, str], Object], prefix: str) -> list[Change]:
    """Every object of ours; then what begins with our ``prefix`` and is not ours any more, which stays."""
    ours = list(ours)
    found = [_change(one, there.get((one["type"], one["id"]))) for one in ours]
    known = {(one["type"], one["id"]) for one in ours}
    left = [key for key in there if key not in known and key[1].startswith(prefix)]
    return [*found, *(Change(kind, name, _title(there[kind, name]), "left") for kind, name in sorted(left))]


def _change(ours: Object, there: Object | None) -> Change:
    title = _title(ours)
    if there is None:
        return Change(ours["type"], ours["id"], title, "new")
    wanted, found = dict(essence(ours)), dict(essence(there))
    names = [*wanted, *(name for name in found if name not in wanted)]
    what = tuple(name for name in names if wanted.get(name) != found.get(name))
    return Change(ours["type"], ours["id"], title, "changed" if what else "same", what)


def essence(one: Object) -> Iterator[tuple[str, Any]]:
    """What somebody sees of an object, part by part."""
    attributes = one.get("attributes", {})
    for name in ("title", "name", "description", "color", "timeFieldName", "columns", "sort", "timeFrom"):
        if attributes.get(name) not in (None, ""):
            yield name, attributes[name]
    for name in ("fieldFormatMap", "runtimeFieldMap", "fieldAttrs"):
        if name in attributes:
            yield name, _without_counts(_read(attributes[name]))
    source = attributes.get("kibanaSavedObjectMeta", {}).get("searchSourceJSON")
    if source is not None:
        said = _read(source)
        yield "query", said.get("query", {}).get("query", "")
        yield "filters", len(said.get("filter", ()))
    panels = _read(attributes.get("panelsJSON", "[]"))
    if panels:  # together, since one that is put between others moves all below it
        yield "places", {panel.get("panelIndex"): panel.get("gridData") for panel in panels}
    for panel in panels:
        yield f"panel {panel.get('panelIndex')}", _panel(panel)
    controls = _read(attributes.get("controlGroupInput", {}).get("panelsJSON", "{}"))
    for name, control in controls.items():
        yield f"menu {name}", control.get("explicitInput", {}).get("fieldName")


def _panel(panel: Object) -> dict[str, Any]:
    config = panel.get("embeddableConfig", {})
    state = config.get("attributes", {}).get("state", {})
    layers = state.get("datasourceStates", {}).get("formBased", {}).get("layers", {})
    return {
        "title": panel.get("title") or config.get("title", ""),
        "words": config.get("savedVis", {}).get("params", {}).get("markdown"),
        "kind": config.get("attributes", {}).get("visualizationType"),
        "query": state.get("query", {}).get("query"),
        "layers": {name: _columns(layer) for name, layer in layers.items()},
    }


def _columns(layer: Object) -> list[Any]:
    columns = layer.get("columns", {})
    shown = [columns.get(name, {}) for name in layer.get("columnOrder", ())]
    return [{name: column.get(name) for name in SHOWN} for column in shown]


def _without_counts(attributes: Any) -> Any:
    """Kibana counts beside a field's name how often it was looked at."""
    return {
        name: {key: part for key, part in said.items() if key != "count"} if isinstance(said, dict) else said
        for name, said in attributes.items()
        if said != {"count": said.get("count")}
    }


def _read(text: Any) -> Any:
    return orjson.loads(text) if isinstance(text, str) else text


def _title(one: Object) -> str:
    attributes = one.get("attributes", {})
    return str(attributes.get("name") or attributes.get("title") or one["id"])
