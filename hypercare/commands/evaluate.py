"""``hypercare evaluate``: the product's own rules on files whose truth others know."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from hypercare.commands.console import Project, out
from hypercare.commands.evaluate_grouping import evaluate_duplicates, evaluate_group
from hypercare.engines.console_progress import console_progress
from hypercare.evaluate.adapt import RELABELS, adapt, mean
from hypercare.evaluate.calls import judge_calls
from hypercare.evaluate.classify import Classified, Progress, classify, find_security
from hypercare.evaluate.localise import localise_folder
from hypercare.evaluate.series import score_series_folder
from hypercare.reading_bar import reading_bar
from hypercare.settings import read_settings
from processors.feedback.category.learned import MOST
from producers.adapters.detect import adapter_named
from producers.files import source_name

app = typer.Typer(help="Run the rules on files of public data sets, to be scored.", no_args_is_help=True)


@app.callback()
def evaluate() -> None:
    """Run the rules on files of public data sets, to be scored."""


@app.command("calls")
def evaluate_calls(
    *,
    source: Annotated[str, typer.Option("--input", help="a log of calls, plain or packed, in order of time")],
    output: Annotated[Path, typer.Option("--output", help="file for the findings, one JSON object for each change")],
    signals: Annotated[str, typer.Option(help="a file of signals that came with them, such as deployments")] = "",
    project: Project = "default",
    log_format: Annotated[str, typer.Option("--format", help="name of the format; left out, it is detected")] = "",
) -> None:
    """Say what would have been found in the calls of a file, without Kafka and Elasticsearch."""
    adapter, projects = adapter_named(log_format) if log_format else None, read_settings().projects
    with reading_bar(console_progress(out), f"Judging {source_name(source)}", source) as bar:
        said = judge_calls(
            source, output, signals=signals, projects=projects, project=project, adapter=adapter, progress=bar.advance
        )
        bar.note = f"{said.calls:,} calls" + (f", {said.signals:,} signals" if signals else "")
    for finding in said.findings.values():
        out.print(f"{finding.state}, {finding.confidence:.0%} sure: {escape(finding.sentence)}")
    refused = ", ".join(f"{number:,} {reason}" for reason, number in said.refused.most_common()) or "none"
    out.print(f"{said.calls:,} calls judged, refused: {refused}; {len(said.findings)} findings in {output}")


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


app.command("duplicates")(evaluate_duplicates)
app.command("group")(evaluate_group)


class Task(StrEnum):
    """What is asked of a text."""

    CATEGORY = "category"
    SECURITY = "security"


@app.command("classify")
def evaluate_classify(
    *,
    source: Annotated[Path, typer.Option("--input", help="texts: CSV or JSON lines with id, text, title, label")],
    output: Annotated[Path, typer.Option("--output", help="file for what each text is about, one JSON object a line")],
    train: Annotated[Path | None, typer.Option(help="labelled texts, whose labels are taught first")] = None,
    task: Annotated[Task, typer.Option(help="category, or security: yes or no")] = Task.CATEGORY,
) -> None:
    """Say what each text of a file is about, in the product's categories or in labels that another file teaches."""
    run = classify if task is Task.CATEGORY else find_security

    def judge(progress: Progress) -> Classified:
        return run(source, output, train=train, progress=progress)

    said = _with_bar(f"Judging {source}", judge)
    scores = ", ".join(f"{name} {value:.3f}" for name, value in said.scores.items()) or "not scored, labels are missing"
    out.print(f"{said.texts:,} texts judged in {output}; {scores}")


@app.command("adapt")
def evaluate_adapt(
    *,
    source: Annotated[Path, typer.Option("--input", help="texts labelled bug, feature or other")],
    train: Annotated[Path, typer.Option(help="texts labelled so, whose first hundred are relabelled")],
    relabels: Annotated[int, typer.Option(min=1, max=MOST, help="how many")] = RELABELS,
) -> None:
    """Score another product's texts as they are understood at first, and after some relabels."""
    said = adapt(source, train, relabels=relabels)
    out.print(
        f"{said.texts:,} texts, macro-F1 of bug, feature and other: {mean(said.cold):.3f} cold, "
        f"{mean(said.warm):.3f} after {said.relabels} relabels"
    )


def _with_bar(what: str, judge: Callable[[Progress], Classified]) -> Classified:
    progress = console_progress(out)
    progress.begin(what, total=None, unit="seconds")
    became = "not finished"
    try:
        said = judge(progress.advance_to)
        became = f"{said.texts:,} texts"
    finally:
        progress.end(became)
    return said
