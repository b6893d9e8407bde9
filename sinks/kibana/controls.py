"""The menus above a dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from sinks.kibana.panels import Control


def control_group(controls: Sequence[Control]) -> dict[str, Any]:
    """All menus; each offers what is left by those before it."""
    panels = {
        control.name: {
            "type": "optionsListControl",
            "order": number,
            "grow": True,
            "width": "medium",
            "explicitInput": {
                "id": control.name,
                "fieldName": control.field,
                "title": control.title,
                "selectedOptions": [],
                "enhancements": {},
            },
        }
        for number, control in enumerate(controls)
    }
    ignored = dict.fromkeys(("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations"), False)
    return {
        "controlStyle": "oneLine",
        "chainingSystem": "HIERARCHICAL",
        "panelsJSON": orjson.dumps(panels).decode(),
        "ignoreParentSettingsJSON": orjson.dumps(ignored).decode(),
    }


def control_references(controls: Iterable[Control]) -> list[dict[str, str]]:
    """The data views whose values the menus offer."""
    return [
        {
            "type": "index-pattern",
            "id": control.view.id,
            "name": f"controlGroup_{control.name}:optionsListDataView",
        }
        for control in controls
    ]
