"""Reports of programmers that nobody here wrote: hardly any is advertising, automatic, a letter, or names people."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.errors import Rejected
from contracts.feedback import Feedback
from processors.feedback.cleaning.clean import clean
from processors.feedback.refuse import EMPTY, OVERSIZE, refuse

DATA = Path(__file__).parents[5] / "shared" / "data"
NOW = datetime(2026, 6, 15, tzinfo=UTC)
EVERY = 5
"""One of so many: the whole takes seven seconds."""


def reports() -> Iterator[Feedback]:
    for name, columns in (
        ("duplicates/hadoop_bugs.csv.gz", ("Summary", "Description")),
        ("security/derby.csv.gz", ("summary",)),
        ("security/wicket.csv.gz", ("summary",)),
    ):
        with gzip.open(DATA / name, "rt", newline="") as file:
            for at, row in enumerate(csv.DictReader(file)):
                text = "\n".join(row[column] or "" for column in columns)
                if at % EVERY == 0 and text.strip():
                    yield Feedback(id=str(at), occurred_at=NOW, text=text[:100_000])


def test_bug_reports_are_left_alone() -> None:
    if not DATA.is_dir():
        pytest.skip("../shared/data is not here")
    found: Counter[str] = Counter()
    for report in reports():
        found["reports"] += 1
        try:
            refuse(report)
        except Rejected as refused:
            found["refused"] += refused.reason not in {EMPTY, OVERSIZE}
            continue
        cleaned = clean(report)
        found.update({f"with {kind}": 1 for kind in cleaned.masked})
        found["cut"] += bool(cleaned.notes)
    assert found["reports"] > 800
    assert found["refused"] == 0
    assert found["cut"] <= 0.005 * found["reports"]
    for kind in ("name", "phone", "card", "account"):
        assert found[f"with {kind}"] <= 0.01 * found["reports"]
    assert found["with secret"] <= 0.05 * found["reports"]
