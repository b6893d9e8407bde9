"""``hypercare rebuild``: what a stage remembers, built anew from the topics."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from hypercare.commands.console import Json, endpoints_of, err, out
from hypercare.commands.skip import patience_s
from hypercare.rebuild import rebuild as build_anew
from hypercare.service import Service
from hypercare.settings import read_settings


def rebuild(
    stage: Annotated[str, typer.Argument(help="feedback, health or incidents; stop it first: `hypercare stop STAGE`")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    as_json: Json = False,
) -> None:
    """Throw away what a stopped stage remembers, and let it read all that Kafka still has again.

    For a state that cannot be read, or that was spoiled. What it tells again has the ids it had before, and revisions
    that begin anew; decisions of people are read again as well, where their topic still has them.
    """
    service = Service(read_settings())
    settings = service.settings
    if not yes:
        typer.confirm(f"Forget all that {stage} remembers, and build it anew?", abort=True)
    done = build_anew(
        endpoints_of(service).kafka,
        stage,
        prefix=settings.topic_prefix,
        patience_s=patience_s(service, stage),
        say=lambda text: err.print(escape(text)),
    )
    if as_json:
        out.print_json(json.dumps(asdict(done)))
        return
    for topic, count in done.records.items():
        out.print(f"{count:>12,} records of {escape(topic)} are read again")
    out.print(f"Next: [bold]hypercare restart {stage}[/], or `hypercare up` if nothing runs")
