"""``hypercare import``: files into Kafka."""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Annotated, Any, get_args

import typer
from rich.markup import escape

from contracts.errors import Stop
from contracts.feedback import Channel
from hypercare.commands.console import Project, endpoints_of, moment, out
from hypercare.commands.table_look import options_of, show_first_rows
from hypercare.demo import Input, import_with_bar
from hypercare.engines.console_progress import console_progress
from hypercare.service import Service
from hypercare.settings import read_settings
from producers.adapters.detect import adapter_named
from producers.importing import ImportReport
from producers.replay import Pace
from producers.tables.as_csv import readable

app = typer.Typer(help="Read files into Kafka.", no_args_is_help=True)

Files = Annotated[list[str], typer.Argument(help="plain or packed; - is the standard input")]
ReplayAt = Annotated[str, typer.Option(help="move times so that the last is then: 'now' or RFC 3339")]
Speed = Annotated[
    float, typer.Option(help="play the file as if it happened now, so many times as fast; 0: do not", min=0)
]
KeepTimes = Annotated[bool, typer.Option("--keep-times", help="old times are meant; do not clamp them")]
Tenant = Annotated[str, typer.Option(help="tenant the events belong to")]


@app.command("calls")
def import_calls(
    files: Files,
    *,
    replay_at: ReplayAt = "",
    keep_times: KeepTimes = False,
    speed: Speed = 0,
    tenant: Tenant = "default",
    project: Project = "default",
    log_format: Annotated[str, typer.Option("--format", help="name of the format; left out, it is detected")] = "",
) -> None:
    """Import gateway or web server logs."""
    _import(
        [Input(file, "calls") for file in files],
        replay_at=moment(replay_at),
        keep_times=keep_times,
        pace=_pace(speed),
        tenant=tenant,
        project=project,
        adapter=adapter_named(log_format) if log_format else None,
    )


@app.command("feedback")
def import_feedback(
    files: Files,
    *,
    replay_at: ReplayAt = "",
    keep_times: KeepTimes = False,
    speed: Speed = 0,
    tenant: Tenant = "default",
    project: Project = "default",
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="field=column, such as text=Description; may be repeated")
    ] = None,
    channel: Annotated[str, typer.Option(help="channel of rows that name none, such as ticket or email")] = "",
    date_format: Annotated[str, typer.Option(help="strptime format of the times")] = "",
    timezone: Annotated[str, typer.Option(help="zone of times without an offset; UTC if left out")] = "",
    sheet: Annotated[str, typer.Option(help="sheet of an XLSX workbook; left out, its first")] = "",
    saved: Annotated[str, typer.Option("--mapping", help="file that --save-mapping wrote")] = "",
    save_to: Annotated[str, typer.Option("--save-mapping", help="keep how the table is read in this file")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show how the first rows are understood, and end")] = False,
) -> None:
    """Import feedback from a table (CSV, JSON lines, XLSX), or in our own contract."""
    if channel and channel not in get_args(Channel):
        raise Stop(
            f"There is no channel {channel!r}.", fix=f"choose one of {', '.join(get_args(Channel))}", exit_code=2
        )
    table = options_of(saved, _pairs(mapping or []), date_format=date_format, timezone=timezone, channel=channel)
    with ExitStack() as opened:
        inputs = [Input(opened.enter_context(readable(file, sheet)), "feedback") for file in files]
        if dry_run or save_to:
            show_first_rows([what.path for what in inputs], table, save_to, tenant=tenant, project=project)
        if dry_run:
            return
        _import(
            inputs,
            replay_at=moment(replay_at),
            keep_times=keep_times,
            pace=_pace(speed),
            tenant=tenant,
            project=project,
            table=table,
        )


@app.command("signals")
def import_signals(
    files: Files,
    *,
    replay_at: ReplayAt = "",
    keep_times: KeepTimes = False,
    tenant: Tenant = "default",
    project: Project = "default",
) -> None:
    """Import deployments, alerts, log-ins and the like, in our own contract."""
    _import(
        [Input(file, "signals") for file in files],
        replay_at=moment(replay_at),
        keep_times=keep_times,
        tenant=tenant,
        project=project,
    )


def print_report(report: ImportReport) -> None:
    """Say what became of a file: assumptions first, then what could not be read and why."""
    for decided in report.decided:
        out.print(f"  {escape(decided)}")
    if report.rejected:
        reasons = ", ".join(f"{reason} {n:,}" for reason, n in report.reasons.most_common())
        kept = "line is a dead letter" if report.rejected == 1 else "lines are dead letters"
        out.print(f"  {report.rejected:,} {kept}: {escape(reasons)}")
        for line, reason, detail in report.first_rejections[:3]:
            out.print(f"    line {line}: {escape(reason)} {escape(detail[:120])}")


def _import(inputs: list[Input], **how: Any) -> None:
    service = Service(read_settings())
    endpoints = endpoints_of(service)
    origin = f"urn:hypercare:import:{int(time.time())}"
    for what in inputs:
        progress = console_progress(out)
        print_report(import_with_bar(service.settings, endpoints, progress, what, origin=origin, **how))
    out.print(f"See what came of it: [bold]hypercare summary --origin {origin}[/]")


def _pace(speed: float) -> Pace | None:
    return Pace(speed, lambda: datetime.now(UTC), time.sleep) if speed else None


def _pairs(mapping: list[str]) -> dict[str, str]:
    pairs = dict(pair.split("=", 1) for pair in mapping if "=" in pair)
    if len(pairs) != len(mapping):
        raise Stop(
            "--map takes field=column, each field once.",
            fix="for instance --map text=Description",
            exit_code=2,
        )
    return pairs
