"""Small state files that are either the old or the new one, never half of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write_json(file: Path, value: dict[str, Any]) -> None:
    """Replace ``file`` by ``value`` as JSON in one step: after a crash it is the old one or the new."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.new")
    draft.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    draft.replace(file)


def read_json(file: Path) -> dict[str, Any]:
    """Return the object in ``file``, or an empty one when it is absent or not a JSON object."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
