"""``hypercare evaluate duplicates`` and ``group``: how well reports of the same problem are brought together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hypercare.commands.console import out
from hypercare.evaluate.duplicates import rank_file
from hypercare.evaluate.group import group_file

Source = Annotated[Path, typer.Option("--input", help="CSV or JSON lines with id, text and, if there is one, title")]


def evaluate_duplicates(
    *,
    source: Source,
    output: Annotated[Path, typer.Option("--output", help="file for the rankings, one JSON object a report")],
) -> None:
    """Rank for each report of a file all others by how likely they are its duplicate."""
    count = rank_file(source, output)
    out.print(f"{count:,} reports ranked in {output}")


def evaluate_group(
    *,
    source: Source,
    output: Annotated[Path, typer.Option("--output", help="file for the groups, one JSON object a report")],
) -> None:
    """Put the reports of a file into groups, one pass in its order; with a column `label`, say how well."""
    said = group_file(source, output)
    out.print(f"{said.reports:,} reports in {said.groups:,} groups, in {output}")
    if said.nmi is not None:
        out.print(f"NMI {said.nmi:.4f}  AMI {said.ami:.4f}")
