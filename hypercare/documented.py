"""Tables in the documentation that are written from code: ``python -m hypercare.documented``."""

from __future__ import annotations

import re
from pathlib import Path

from contracts.agreements import Limits
from hypercare.settings import Settings
from processors.runtime.metrics import METRICS

ROOT = Path(__file__).parents[1]
DEFAULT_FOLDERS = {"home": "~/.local/state/hypercare", "cache": "~/.cache/hypercare"}


def settings_table() -> str:
    """Every setting with its default and meaning."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = DEFAULT_FOLDERS.get(name) or ("" if field.default == () else str(field.default))
        rows.append(f"| `HYPERCARE_{name.upper()}` | {f'`{default}`' if default else ''} | {field.description} |")
    return "\n".join(rows)


def metrics_table() -> str:
    """Every metric of a worker, what it counts and in what."""
    rows = ["| metric | kind | unit | labels | meaning |", "|---|---|---|---|---|"]
    for metric in METRICS:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        rows.append(f"| `{metric.name}` | {metric.kind} | {metric.unit} | {labels} | {metric.meaning} |")
    return "\n".join(rows)


def limits_table() -> str:
    """Every limit that can be agreed, with what holds otherwise."""
    rows = ["| limit | default | meaning |", "|---|---|---|"]
    for name, field in Limits.model_fields.items():
        rows.append(f"| `{name}` | {field.default:g} | {field.description} |")
    return "\n".join(rows)


TABLES = {
    ROOT / "README.md": ("settings", settings_table),
    ROOT / "docs" / "operating.md": ("metrics", metrics_table),
    ROOT / "docs" / "findings.md": ("limits", limits_table),
}


def with_table(page: Path) -> str:
    """The page with its table made anew between its marks."""
    name, table = TABLES[page]
    opened, closed = f"<!-- {name} -->", f"<!-- /{name} -->"
    return re.sub(f"{opened}.*?{closed}", lambda _: f"{opened}\n{table()}\n{closed}", page.read_text(), flags=re.DOTALL)


if __name__ == "__main__":
    for changed in TABLES:
        changed.write_text(with_table(changed))
