"""``hypercare audit``: who changed what, and whether anybody changed the record of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from contracts.errors import Stop
from hypercare.commands.console import Json, kafka_of, out
from hypercare.incidents.audit_chain import verify_topic
from hypercare.masked import masked_line
from hypercare.service import Service
from hypercare.settings import read_settings

app = typer.Typer(help="The audit: who changed what, when and why.", no_args_is_help=True)
MOST_PRINTED = 20


@app.callback()
def audit() -> None:
    """The audit: who changed what, when and why."""


@app.command()
def verify(
    *,
    incident: Annotated[str, typer.Option(help="only the chain of this incident, by its whole id")] = "",
    as_json: Json = False,
) -> None:
    """Check that no audit entry of an incident was changed, taken out or slipped in; exit code 1 if one was."""
    service = Service(read_settings())
    found = verify_topic(kafka_of(service), prefix=service.settings.topic_prefix, incident=incident)
    if incident and not found.entries:
        raise Stop(f"The audit has no entry of {incident!r}.", fix="see `hypercare incidents list --all`", exit_code=1)
    if as_json:
        out.print_json(json.dumps(asdict(found)))
    else:
        out.print(f"{found.entries:,} entries of {found.incidents:,} incidents; {found.others:,} others, not chained.")
        for name, sequence in list(found.begins.items())[:MOST_PRINTED]:
            gone = "earlier ones were deleted with the oldest of the topic"
            out.print(f"{escape(masked_line(name))} begins at entry {sequence}: {gone}.")
        if len(found.begins) > MOST_PRINTED:
            out.print(f"… and {len(found.begins) - MOST_PRINTED:,} more begin late.")
        for broke in found.breaks:
            out.print(f"[bold red]{escape(broke.place)}[/]  {escape(masked_line(broke.problem))}")
        out.print("Not whole." if found.breaks else "Whole: each entry follows from the one before.")
    if found.breaks:
        raise typer.Exit(1)
