"""Tables in the documentation that are written from code: ``python -m hypercare.documented``."""

from __future__ import annotations

import re
from pathlib import Path

from contracts.agreements import Limits
from contracts.scoring import SEVERITIES, Scoring, Targets
from hypercare.documented_fields import fields_table
from hypercare.settings import Settings
from processors.runtime.metrics import METRICS
from producers.adapters.apinto_line import ApintoLine
from producers.adapters.detect import CALL_ADAPTERS
from producers.adapters.facts import FIELDS_OF_FACT

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


def constants_table() -> str:
    """Every constant of an incident's score and every time target, by the name it has in the settings."""
    rows = ["| constant | default | meaning |", "|---|---|---|"]
    for name, field in Scoring.model_fields.items():
        rows.append(f"| `scoring.{name}` | {field.default:g} | {field.description} |")
    for severity in SEVERITIES:
        for what, minutes in Targets().of(severity).model_dump().items():
            rows.append(f"| `targets.{severity}.{what}` | {_minutes(minutes)} | minutes from the opening |")
    rows.append(f"| `targets.warn` | {Targets().warn:g} | part of that time after which a warning comes |")
    return "\n".join(rows)


def _minutes(minutes: float | None) -> str:
    return "none" if minutes is None else f"{minutes:g}"


def formats_table() -> str:
    """Every format of calls, then what each can tell."""
    told = sorted([(one.name, one.about) for one in CALL_ADAPTERS] + [(ApintoLine.name, ApintoLine.about)])
    rows = ["| adapter | format |", "|---|---|"]
    rows += ["| contract | our own `GatewayCall` as JSON, one a line, bare or as structured CloudEvents |"]
    rows += [f"| {name} | {about.format} |" for name, about in told]
    rows += ["", f"| can tell | {' | '.join(name for name, _ in told)} |", f"|---|{'---|' * len(told)}"]
    for fact in FIELDS_OF_FACT:
        rows.append(f"| {fact} | {' | '.join('yes' if about.tells(fact) else '-' for _, about in told)} |")
    return "\n".join(rows)


TABLES = {
    ROOT / "README.md": ("settings", settings_table),
    ROOT / "docs" / "operating.md": ("metrics", metrics_table),
    ROOT / "docs" / "findings.md": ("limits", limits_table),
    ROOT / "docs" / "incidents.md": ("constants", constants_table),
    ROOT / "docs" / "importing.md": ("formats", formats_table),
    ROOT / "docs" / "fields.md": ("fields", fields_table),
}


def with_table(page: Path) -> str:
    """The page with its table made anew between its marks."""
    name, table = TABLES[page]
    opened, closed = f"<!-- {name} -->", f"<!-- /{name} -->"
    return re.sub(f"{opened}.*?{closed}", lambda _: f"{opened}\n{table()}\n{closed}", page.read_text(), flags=re.DOTALL)


if __name__ == "__main__":
    for changed in TABLES:
        changed.write_text(with_table(changed))
