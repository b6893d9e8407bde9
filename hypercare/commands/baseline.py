"""``hypercare baseline``: how it was before the go-live, brought in from a log or a file, or saved to one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from contracts.errors import Stop
from hypercare.baseline_of_log import read_baseline
from hypercare.baseline_of_state import profiles, remembered
from hypercare.commands.console import Project, endpoints_of, out
from hypercare.engines.console_progress import console_progress
from hypercare.reading_bar import reading_bar
from hypercare.service import Service
from hypercare.settings import read_settings
from producers.adapters.adapter import Place
from producers.files import source_name
from producers.publisher import Publisher

app = typer.Typer(help="How it was before the go-live, to compare with.", no_args_is_help=True)

Tenant = Annotated[str, typer.Option(help="tenant the project belongs to")]
Environment = Annotated[str, typer.Option(help="environment that is compared")]


@app.command("import")
def import_baseline(
    file: Annotated[str, typer.Argument(help="a log of the old system's calls, gzip too, or a saved profile")],
    *,
    project: Project = "default",
    tenant: Tenant = "default",
    environment: Environment = "production",
    output: Annotated[Path | None, typer.Option(help="write the profile to this file instead of Kafka")] = None,
) -> None:
    """Read how each route was, for the health stage to compare with."""
    place = Place(source_name(file), 0, tenant, project, environment)
    with reading_bar(console_progress(out), f"Reading {place.source}", file) as bar:
        read = read_baseline(file, place, progress=bar.advance)
        bar.note = f"{read.lines:,} lines"
    out.print(f"  {escape(read.reason)}")
    for reason, count in read.reasons.most_common():
        out.print(f"  {count:,} of {read.lines:,} lines left out: {escape(reason)}")
    if not read.routes:
        raise Stop(f"{file} holds no route.", fix="see the reasons above")
    if output is not None:
        output.write_bytes(b"".join(route.encode() + b"\n" for route in read.routes))
    else:
        service = Service(read_settings())
        source, prefix = f"urn:hypercare:baseline:{source_name(file)}", service.settings.topic_prefix
        with Publisher(endpoints_of(service).kafka, source=source, topic_prefix=prefix) as publisher:
            for route in read.routes:
                publisher.publish(route, backfill=True)
    calls, failed = sum(route.calls for route in read.routes), sum(route.failed for route in read.routes)
    out.print(f"{len(read.routes):,} routes of {calls:,} calls, {failed:,} failed, to {output or 'Kafka'}")


@app.command("export")
def export_baseline(
    output: Annotated[Path, typer.Argument(help="file for the profile, one route a line")],
    *,
    project: Project = "default",
    tenant: Tenant = "default",
    environment: Environment = "production",
) -> None:
    """Save what is usual for a project now, to compare a later go-live with."""
    service = Service(read_settings())
    stored = remembered(endpoints_of(service).kafka, service.settings.topic_prefix)
    routes = list(profiles(stored, f"{tenant}/{project}/{environment}"))
    if not routes:
        raise Stop(
            f"Nothing is known of {tenant}/{project}/{environment} yet.",
            fix="check the names; a route is known five minutes after its first call",
        )
    output.write_bytes(b"".join(route.encode() + b"\n" for route in routes))
    out.print(f"{len(routes):,} routes to {output}")
