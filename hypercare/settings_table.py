"""The table of settings in the README, written from the model: ``python -m hypercare.settings_table``."""

from __future__ import annotations

import re
from pathlib import Path

from hypercare.settings import Settings

README = Path(__file__).parents[1] / "README.md"
OPEN, CLOSE = "<!-- settings -->", "<!-- /settings -->"


def table() -> str:
    """Every setting with its default and meaning."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = str(field.default) if field.default_factory is None else _folder(name)
        rows.append(f"| `HYPERCARE_{name.upper()}` | {f'`{default}`' if default else ''} | {field.description} |")
    return "\n".join(rows)


def with_table(text: str) -> str:
    """Put the table between its marks."""
    return re.sub(f"{OPEN}.*?{CLOSE}", lambda _: f"{OPEN}\n{table()}\n{CLOSE}", text, flags=re.DOTALL)


def _folder(name: str) -> str:
    return {"home": "~/.local/state/hypercare", "cache": "~/.cache/hypercare"}[name]


if __name__ == "__main__":
    README.write_text(with_table(README.read_text()))
