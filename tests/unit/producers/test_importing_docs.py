from __future__ import annotations

import re
from pathlib import Path

from producers.adapters.apinto_line import ApintoLine
from producers.adapters.detect import DETECTED
from producers.adapters.feedback_columns import COLUMN_NAMES

ROOT = Path(__file__).parents[3]
DOCS = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")


def test_column_table_is_the_one_in_the_code() -> None:
    table = DOCS.split("| field | column names |\n|---|---|\n")[1].split("\n\n")[0]
    rows = dict(line.strip("| ").split(" | ") for line in table.splitlines())
    assert rows == {field: ", ".join(names) for field, names in COLUMN_NAMES.items()}


def test_every_adapter_is_documented() -> None:
    for name in (*(adapter.name for adapter in DETECTED), ApintoLine.name):
        assert f"| {name} |" in DOCS


def test_every_reason_is_documented() -> None:
    pages = {"mail": "mail.md", "metrics": "signals.md", "ship": "shipping.md", "client": "client.md"}
    elsewhere = {*pages, "intake", "widget"}  # the last two have a test of their own
    everywhere = documented(DOCS.split("| reason | what it means |")[1].split("\n\n")[0])
    for folder in (ROOT / "producers", *(ROOT / "producers" / name for name in pages)):
        own = [file for file in folder.rglob("*.py") if folder.name in pages or not elsewhere & set(file.parts)]
        code = "".join(file.read_text(encoding="utf-8") for file in own)
        page = pages.get(folder.name)
        known = everywhere | (documented((ROOT / "docs" / page).read_text(encoding="utf-8")) if page else set())
        assert set(re.findall(r'(?:Rejected|Unwanted)\(\s*"(\w+)"', code)) <= known, folder.name


def documented(text: str) -> set[str]:
    """What looks like a reason."""
    return set(re.findall(r"\b[a-z_]+_[a-z_0-9]+\b", text))
