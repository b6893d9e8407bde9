"""``hypercare evaluate``: the product's own rules on files whose truth others know."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hypercare.commands.console import out
from hypercare.evaluate.localise import localise_folder
from hypercare.evaluate.series import score_series_folder

app = typer.Typer(help="Run the rules on files of public data sets, to be scored.", no_args_is_help=True)


@app.callback()
def evaluate() -> None:
    """Run the rules on files of public data sets, to be scored."""


@app.command("localise")
def evaluate_localise(
    *,
    source: Annotated[Path, typer.Option("--input", help="folder of incidents: CASE.csv[.gz] and causes.ndjson")],
    output: Annotated[Path, typer.Option("--output", help="file for the ranked answers, one JSON object a line")],
) -> None:
    """Name the attribute values behind each incident of a folder."""
    count = localise_folder(source, output)
    out.print(f"{count} incidents answered in {output}")


@app.command("series")
def evaluate_series(
    *,
    source: Annotated[Path, typer.Option("--input", help="folder of series: CSV files with timestamp and value")],
    output: Annotated[Path, typer.Option("--output", help="folder for the scores, one file for each series")],
) -> None:
    """Say how unusual each value of each series of a folder is."""
    score_series_folder(source, output)
    out.print(f"scores are in {output}")
