"""The table of webhooks in docs/intake.md and the OpenAPI document: ``python -m producers.intake.documented``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from producers.intake.app import document_of_paths
from producers.intake.hooks.every import HOOKS
from producers.intake.openapi import FILE

PAGE: Final = Path(__file__).parents[2] / "docs" / "intake.md"


def hooks_table() -> str:
    """Every webhook, how it is proved, and how to set it up."""
    rows = ["| name | what sends it | proof | set up |", "|---|---|---|---|"]
    for name, hook in HOOKS.items():
        proof = "signature or token" if hook.check else "token"
        rows.append(f"| `{name}` | {hook.title} | {proof} | {hook.set_up} |")
    return "\n".join(rows)


def with_table(text: str) -> str:
    """The page with its table made anew."""
    table = f"<!-- hooks -->\n{hooks_table()}\n<!-- /hooks -->"
    return re.sub(r"<!-- hooks -->.*?<!-- /hooks -->", lambda _: table, text, flags=re.DOTALL)


def main() -> None:
    """Write both."""
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    FILE.write_text(json.dumps(document_of_paths(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
