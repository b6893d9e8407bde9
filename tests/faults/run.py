"""`make faults`: every fault on real engines, one row each, and a table at the end."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from hypercare.engines.engine import Endpoints
from tests.conftest import RunningEngines, running_engines
from tests.faults.row import Entry, Ground
from tests.faults.system import System
from tests.faults.table import ROWS


def ground_for(engines: RunningEngines, home: Path, seed: int, *, full: bool) -> Ground:
    """What a row stands on."""

    @contextmanager
    def system(
        *,
        through: Endpoints | None = None,
        settings: Mapping[str, str] | None = None,
        kafka: str = "",
        prepare: Callable[[Sequence[str]], None] | None = None,
    ) -> Iterator[System]:
        used = RunningEngines(Endpoints(kafka, engines.endpoints.elasticsearch)) if kafka else engines
        made = System(used, home, seed, through, settings or {}, prepare)
        try:
            yield made
        finally:
            made.close()

    return Ground(engines, home, seed, full, system)


def order(number: str) -> tuple[int, str]:
    """Rows by number, then by letter."""
    digits = "".join(c for c in number if c.isdigit())
    return int(digits), number


def run_row(entry: Entry, engines: RunningEngines, seed: int, *, full: bool) -> dict[str, Any]:
    """Run one row; whatever it raises is its problem."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hypercare-faults-") as home:
        try:
            verdict = entry.run(ground_for(engines, Path(home), seed, full=full))
        except Exception as error:  # noqa: BLE001 - the other rows still count
            traceback.print_exc()
            return {
                "row": entry.number,
                "fault": entry.fault,
                "seed": seed,
                "problems": [str(error)[:200] or repr(error)],
            }
    audit = verdict.audit
    return {
        "row": entry.number,
        "fault": entry.fault,
        "seed": seed,
        "events": audit.events,
        "missing": audit.missing,
        "missing_announced": verdict.missing,
        "duplicate_documents": audit.duplicates,
        "repeats": audit.repeats,
        "recovered_s": round(verdict.recovered_s, 1),
        "took_s": round(time.monotonic() - began, 1),
        "problems": verdict.problems(),
    }


def show(rows: list[dict[str, Any]]) -> None:
    """The table."""
    table = Table(title="Faults", title_justify="left")
    for name, right in (("", True), ("fault", False), ("events", True), ("missing", True), ("documents twice", True)):
        table.add_column(name, justify="right" if right else "left")
    for name in ("work repeated", "recovered after"):
        table.add_column(name, justify="right")
    table.add_column("")
    for row in rows:
        cells = [str(row.get(name, "")) for name in ("events", "missing", "duplicate_documents", "repeats")]
        seconds = f"{row['recovered_s']} s" if "recovered_s" in row else ""
        table.add_row(row["row"], row["fault"], *cells, seconds, "; ".join(row["problems"]) or "ok")
    Console(width=180).print(table)


def main() -> int:
    """Run what was asked for; 1 if the promise was broken anywhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20260615)
    parser.add_argument("--rows", default="", help="numbers, separated by commas; default all")
    parser.add_argument("--short", action="store_true", help="the short forms, as tests run them")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    wanted = given.rows.split(",") if given.rows else sorted(ROWS, key=order)
    unknown = [number for number in wanted if number not in ROWS]
    if unknown:
        parser.error(f"there is no row {', '.join(unknown)}; there are {', '.join(sorted(ROWS, key=order))}")
    rows = []
    with running_engines() as engines:
        for number in wanted:
            print(f"{number:>4}  {ROWS[number].fault} …", flush=True)  # noqa: T201
            rows.append(run_row(ROWS[number], engines, given.seed, full=not given.short))
            print(f"      {'; '.join(rows[-1]['problems']) or 'ok'}", flush=True)  # noqa: T201
    show(rows)
    if given.out:
        given.out.write_text(json.dumps({"seed": given.seed, "rows": rows}, indent=1))
    return int(any(row["problems"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
