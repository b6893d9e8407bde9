"""``hypercare skip``: past one record that stops a stage."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from hypercare.commands.console import Json, endpoints_of, err, out
from hypercare.service import IDLE, Service
from hypercare.settings import read_settings
from hypercare.skip import Wish
from hypercare.skip import skip as move_past
from hypercare.topic_reader import Place

FORGOTTEN_AFTER_S = 5.0
"""How much later than its session time-out the broker forgets a member."""


def skip(
    stage: Annotated[str, typer.Argument(help="stage that the record stops; stop it first: `hypercare stop STAGE`")],
    *,
    topic: Annotated[str, typer.Option(help="topic of the record, as the stage's log names it")],
    partition: Annotated[int, typer.Option(help="its partition", min=0)],
    offset: Annotated[int, typer.Option(help="its offset", min=0)],
    first: Annotated[
        int | None,
        typer.Option("--from", help="offset where the stage stands, if that is before the record: all go", min=0),
    ] = None,
    as_json: Json = False,
) -> None:
    """Move a stopped stage past one record, which is kept as a dead letter first (reason skipped_by_person)."""
    service = Service(read_settings())
    settings = service.settings
    prefixed = topic if topic.startswith(settings.topic_prefix) else settings.topic_prefix + topic
    report = move_past(
        endpoints_of(service).kafka,
        Wish(stage, Place(prefixed, partition, offset), first),
        prefix=settings.topic_prefix,
        patience_s=patience_s(service, stage),
        say=lambda text: err.print(escape(text)),
    )
    if as_json:
        out.print_json(json.dumps(asdict(report)))
        return
    for place in report.kept[-3:]:
        out.print(f"Kept at {escape(place)}")
    if len(report.kept) > 1:
        out.print(f"{len(report.kept)} records were passed over. The good ones come back with:")
        out.print("  [bold]hypercare dlq replay --reason skipped_along[/]")
    out.print(f"{stage} goes on at offset {report.goes_on_at} of {escape(topic)}/{partition}.")
    out.print(f"Next: [bold]hypercare restart {stage}[/], or `hypercare up` if nothing runs")


def patience_s(service: Service, stage: str) -> float:
    """Seconds for the broker to forget the members of a stage that has ended; none for one that is kept alive."""
    kept_alive = any(state.stage == stage and state.state not in IDLE for state in service.stages())
    return 0.0 if kept_alive else service.settings.session_timeout_s + FORGOTTEN_AFTER_S
