"""``hypercare incidents log``: what happened to an incident, from the first entry of its audit to the last."""

from __future__ import annotations

import typer
from rich.markup import escape

from hypercare.commands.console import Json, kafka_of, out
from hypercare.commands.deciding import Named
from hypercare.incidents.audit_chain import history
from hypercare.incidents.find import find
from hypercare.incidents.logged import logged
from hypercare.incidents.told import read_now
from hypercare.service import Service
from hypercare.settings import read_settings


def add_to(app: typer.Typer) -> None:
    """Put the command of this page into ``app``."""
    app.command()(log)


def log(incident: Named, *, as_json: Json = False) -> None:
    """Print every entry of its audit: when, who, what, why, what it changed, and which command it was."""
    service = Service(read_settings())
    kafka, prefix = kafka_of(service), service.settings.topic_prefix
    found = find(read_now(kafka, prefix=prefix).incidents, incident)
    entries = history(kafka, found.incident, prefix=prefix)
    if as_json:
        said = ",".join(entry.model_dump_json(exclude_none=True) for entry in entries)
        out.print_json(f'{{"incident":"{found.incident}","entries":[{said}]}}')
        return
    if not entries:
        out.print(f"The audit has no entry of {escape(found.incident)}: it keeps them for a year.")
    elif entries[0].link is not None and entries[0].link.sequence:
        out.print(f"[yellow]Begins at entry {entries[0].link.sequence}: earlier ones were deleted by age.[/]")
    for heading, line in logged(entries):
        out.print(f"[bold]{heading:<26}[/] {escape(line)}")
    if any(entry.command and entry.accepted for entry in entries):
        out.print(f"To take one back: hypercare incidents take-back {escape(found.incident)} COMMAND")
