"""The ``hypercare`` command: every error says what happened and what to do next."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from elasticsearch import ApiError, TransportError
from rich.markup import escape

from contracts.errors import HypercareError, Stop
from hypercare import doctor
from hypercare.commands import registered
from hypercare.commands.console import Json, Project, endpoints_of, err, moment, out
from hypercare.commands.imports import print_report
from hypercare.commands.incidents import print_incidents
from hypercare.demo import Demo, Input, run_demo
from hypercare.engines.console_progress import console_progress
from hypercare.engines.engine import Endpoints
from hypercare.first_look import first_look
from hypercare.incidents.ranked import rows
from hypercare.init_env import write_env
from hypercare.intake.beside import IntakeLine
from hypercare.print_story import held_against, truth_table
from hypercare.print_summary import print_summary
from hypercare.service import Service
from hypercare.settings import environment_of, read_settings
from hypercare.stages import STAGES, run
from hypercare.summary import SEARCH_FOR, summarise
from hypercare.supervisor import INTAKE, Supervisor
from processors.runtime import logs

app = typer.Typer(
    help="After a go-live: complaints and API calls become a short, explained list of what to fix next.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    cls=registered.Arranged,
)
registered.add_to(app)


def main() -> NoReturn:
    """Run the command; `Stop` becomes a message with its fix and an exit code."""
    try:
        app(standalone_mode=True)
    except Stop as stop:
        err.print(f"[bold red]{escape(stop.problem)}[/]")
        if stop.fix:
            err.print(f"→ {escape(stop.fix)}")
        sys.exit(stop.exit_code)
    except (ApiError, TransportError) as error:
        err.print(f"[bold red]Elasticsearch: {escape(str(error))}[/]\n→ see `hypercare doctor`")
        sys.exit(1)
    except HypercareError as error:
        err.print(f"[bold red]{escape(str(error))}[/]")
        sys.exit(1)
    except OSError as error:
        if error.filename is None:
            raise
        err.print(f"[bold red]{escape(str(error.filename))}: {escape(error.strerror or str(error))}[/]")
        err.print("→ name a file that is there, or whose folder is, and may be used")
        sys.exit(2)
    sys.exit(0)


@app.command()
def demo(
    log: Annotated[list[str] | None, typer.Option(help="a log of calls, gzip too; may be repeated")] = None,
    feedback_files: Annotated[
        list[str] | None, typer.Option("--feedback", help="a feedback file; may be repeated")
    ] = None,
    *,
    replay_at: Annotated[str, typer.Option(help="when the last event shall have happened: now or RFC 3339")] = "now",
    keep: Annotated[bool, typer.Option(help="leave everything running afterwards")] = False,
    project: Project = "demo",
) -> None:
    """Run the main job once: files, Kafka, Faust, Elasticsearch, and a summary of what was found."""
    inputs = [Input(path, "calls") for path in log or []] + [Input(path, "feedback") for path in feedback_files or []]
    target = moment(replay_at)
    settings = read_settings()
    service = Service(settings)
    progress = console_progress(out)
    choice = service.choose_engines()
    out.print(f"Engines: [bold]{choice.engines.name}[/], because {choice.reason}.")
    out.print(f"         To change: {choice.how_to_change.removesuffix('.')}.")
    if choice.engines.name == "embedded":
        looked = first_look(settings, progress, inputs, keep=keep, replay_at=target, project=project)
        _print_demo(looked.demo)
        out.rule("[bold]What this was[/]", align="left")
        out.print(*looked.words(), sep="\n", markup=False)
        return
    already = service.running()
    try:
        service.up(progress, choice)
        result = run_demo(service, progress, inputs, replay_at=target, project=project)
        _print_demo(result)
    finally:
        if not (keep or already):
            service.down(progress)
    _say_what_next(result, running=keep or already)


@app.command()
def up() -> None:
    """Start engines, topics, templates, stages and the intake in the background, and what stopped for a person."""
    service = Service(read_settings())
    started = service.up(console_progress(out))
    out.print(f"Engines: [bold]{started.choice.engines.name}[/], because {started.choice.reason}.")
    out.print("Already running." if started.already else "Running.")
    if started.again:
        out.print(f"Started again: {', '.join(started.again)}.")
    _say_endpoints(started.endpoints)
    _say_intake(started.intake)
    out.print("Next: [bold]hypercare status[/], [bold]hypercare import calls FILE[/], [bold]hypercare down[/]")


@app.command()
def down() -> None:
    """Stop stages and the intake, then the engines that were started here."""
    Service(read_settings()).down(console_progress(out))
    out.print("Stopped.")


@app.command("doctor")
def examine(*, as_json: Json = False) -> None:
    """Look for every part that is needed, and say how to mend what is missing."""
    findings = doctor.examine(read_settings().for_engines())
    if as_json:
        out.print_json(json.dumps([asdict(finding) for finding in findings], default=str))
    else:
        marks = {"ok": "[green]ok[/]", "optional": "[yellow]optional[/]"}
        for finding in findings:
            mark = marks.get(finding.state, f"[red]{finding.state}[/]")
            out.print(f"{mark:<20} [bold]{finding.part}[/]: {escape(finding.found)}")
            if finding.fix:
                out.print(f"           → {escape(finding.fix)}")
    if any(finding.state in {"missing", "broken"} for finding in findings):
        raise typer.Exit(1)


@app.command()
def summary(
    *,
    origin: Annotated[str, typer.Option(help="only what came from this CloudEvents source, a prefix")] = "",
    search: Annotated[str, typer.Option(help="text search over the feedback")] = SEARCH_FOR,
    as_json: Json = False,
) -> None:
    """Calls, feedback and dead letters as Elasticsearch knows them."""
    service = Service(read_settings())
    client = service.settings.access(endpoints_of(service).elasticsearch).client()
    try:
        found = summarise(client, origin=origin, search=search)
    finally:
        client.close()
    if as_json:
        out.print_json(json.dumps(asdict(found)))
    else:
        print_summary(out, found)


@app.command()
def init(*, force: Annotated[bool, typer.Option(help="make an existing file anew")] = False) -> None:
    """Write .env with generated passwords for docker compose."""
    out.print(f"Written: {write_env(Path.cwd(), force=force)}. Keep it to yourself. Next: docker compose up -d --wait")


@app.command(hidden=True)
def stage(name: str, *, parent: Annotated[int, typer.Option(hidden=True)] = 0) -> None:
    """Become the worker of a stage, in the foreground."""
    settings = read_settings()
    run(name, settings, endpoints_of(Service(settings)), parent_pid=parent)


@app.command(hidden=True)
def supervise() -> None:
    """Run every stage, and the intake, under supervision, in the foreground."""
    settings = read_settings()
    logs.set_up(settings.log_level, stage="supervisor")
    beside = [INTAKE] if settings.intake else []
    Supervisor([*STAGES, *beside], settings.home, {**os.environ, **environment_of(settings)}).run()


def _print_demo(result: Demo) -> None:
    out.print()
    for what, report in zip(result.inputs, result.reports, strict=True):
        out.print(f"[bold]{escape(Path(what.path).name)}[/] {report.read:,} read, {report.published:,} published")
        print_report(report)
    read = sum(report.read for report in result.reports)
    out.print(f"{read:,} lines imported in {result.import_s:.1f} s, {result.became} {result.drain_s:.1f} s later.")
    for reason, count in result.skipped.items():
        out.print(f"{count:,} left out by the stages since they started, because: {escape(reason)}.")
    out.print()
    if result.incidents:
        print_incidents(rows(result.incidents, result.replay_at), why=True)
    if result.story is not None:
        out.print(truth_table(held_against(result.story, result.incidents, result.replay_at)))
    print_summary(out, result.summary)


def _say_endpoints(endpoints: Endpoints) -> None:
    out.print(f"Kafka         {endpoints.kafka}")
    out.print(f"Elasticsearch {endpoints.elasticsearch}")


def _say_intake(line: IntakeLine) -> None:
    if line.state != "off":
        out.print(f"Intake        {line.address or line.state}")
        if line.next:
            out.print(f"              → {escape(line.next)}")


def _say_what_next(result: Demo, *, running: bool) -> None:
    out.rule("[bold]Explore further[/]", align="left")
    if not running:
        out.print("Everything is stopped, and the data are kept. To look around, start it and leave it running:")
        out.print("  [bold].venv/bin/hypercare up[/]   (or: make demo KEEP=1)")
    search = result.endpoints.elasticsearch + "/logs-hypercare.*/_search?pretty"
    for command in (
        ".venv/bin/hypercare summary --search 'payment AND safari'",
        ".venv/bin/hypercare dlq ls",
        ".venv/bin/hypercare status",
        f"curl '{search}&size=1&q=hypercare.outcome:timeout'",
        "make demo LOG=path/to/access.log FEEDBACK=path/to/feedback.csv",
        ".venv/bin/hypercare down",
    ):
        out.print(f"  {command}", soft_wrap=True)
