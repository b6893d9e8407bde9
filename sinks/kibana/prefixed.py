"""The same objects under ids of their own, so that two of them stand beside each other in one space."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from sinks.kibana.saved_objects import Object

TITLED = "[Hypercare]"


def prefixed(objects: Iterable[Object], prefix: str) -> list[Object]:
    """Put ``prefix`` before every id and wherever one is named, and into titles; nothing changes without one."""
    ours = list(objects)
    if not prefix:
        return ours
    ids = {one["id"] for one in ours}
    return [_renamed(one, prefix, ids) for one in ours]


def _renamed(one: Object, prefix: str, ids: set[str]) -> Object:
    label = prefix.rstrip("-")
    text = orjson.dumps(one["attributes"]).decode()
    for name in sorted(ids, key=len, reverse=True):
        text = text.replace(f"#/view/{name})", f"#/view/{prefix}{name})")
    attributes = orjson.loads(text.replace(TITLED, f"[Hypercare {label}]"))
    if "name" in attributes:
        attributes["name"] = f"{attributes['name']} ({label})"
    if one["type"] == "search":
        attributes["title"] = f"{attributes['title']} ({label})"
    if "panelsJSON" in attributes:
        attributes["panelsJSON"] = _panels(attributes["panelsJSON"], prefix)
    references = [
        {**reference, "id": prefix + reference["id"], "name": _name(reference, prefix, ids)}
        for reference in one["references"]
    ]
    return {**one, "id": prefix + one["id"], "attributes": attributes, "references": references}


def _panels(text: str, prefix: str) -> str:
    """A panel names its data views once more, beside the dashboard: both have to name the same."""
    panels = orjson.loads(text)
    for panel in panels:
        for reference in panel["embeddableConfig"].get("attributes", {}).get("references", []):
            reference["id"] = prefix + reference["id"]
    return orjson.dumps(panels).decode()


def _name(reference: dict[str, str], prefix: str, ids: set[str]) -> str:
    """A tag is referred to by its id within the name."""
    tag = reference["name"].removeprefix("tag-ref-")
    return f"tag-ref-{prefix}{tag}" if tag != reference["name"] and tag in ids else reference["name"]
