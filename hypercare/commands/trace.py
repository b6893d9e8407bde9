"""``hypercare trace``: where one event is, and why."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from hypercare.commands.console import PAST, Json, endpoints_of, err, out, since_ms
from hypercare.event_view import when
from hypercare.masked import masked_line
from hypercare.service import Service
from hypercare.settings import read_settings
from hypercare.trace import MAX_PER_PARTITION, Looked, gather
from hypercare.trace_story import Story, tell

SINCE = "1h"


def trace(
    event_id: Annotated[str, typer.Argument(help="id of the event, as `tap` or Elasticsearch shows it")],
    *,
    since: Annotated[str, typer.Option(help=f"how far back to look in Kafka: {PAST}")] = SINCE,
    as_json: Json = False,
) -> None:
    """Follow one event: topics, dead letters, documents, incidents, what was decided at each, and what is missing."""
    service = Service(read_settings())
    endpoints = endpoints_of(service)
    back_to = since_ms(since) or since_ms(SINCE)
    began = time.monotonic()
    client = service.settings.access(endpoints.elasticsearch).client()
    try:
        evidence, looked = gather(
            endpoints.kafka,
            client,
            event_id,
            since_ms=back_to,
            prefix=service.settings.topic_prefix,
            sampling=service.settings.sampling(),
            say=err.print,
        )
    finally:
        client.close()
    story = tell(evidence)
    if as_json:
        out.print_json(json.dumps({"id": event_id, **asdict(story), "since": when(back_to), "looked": asdict(looked)}))
    else:
        _print(event_id, story)
        _print_looked(looked, when(back_to), time.monotonic() - began, found=bool(story.hops))
    if not story.hops:
        raise typer.Exit(1)


def _print(event_id: str, story: Story) -> None:
    if not story.hops:
        out.print(f"[bold]Nothing found of {escape(masked_line(event_id))}.[/]")
        return
    for hop in story.hops:
        out.print(f"{hop.kind:<12} {hop.at:<25} {escape(hop.place)}  [bold]{escape(masked_line(hop.decision))}[/]")
    for missing in story.missing:
        out.print(f"[yellow]{escape(missing[:1].upper() + missing[1:])}.[/]")
    if not story.missing:
        out.print("Nothing is missing.")
    for command in story.next:
        out.print(f"→ [bold]{escape(masked_line(command))}[/]")


def _print_looked(looked: Looked, since: str, seconds: float, *, found: bool) -> None:
    out.print(
        f"Looked at {looked.records:,} records since {since} by Kafka's time and at Elasticsearch: {seconds:.1f} s."
    )
    if looked.cut:
        names = ", ".join(looked.cut)
        out.print(f"Only the newest {MAX_PER_PARTITION:,} of each partition were looked at in {names}.")
    if not found:
        out.print(f"Topics: {escape(', '.join(looked.topics))}. Indices: {looked.indices}.")
        out.print("→ look further back with --since 1d; is the id right? `hypercare tap gateway --last 20 --no-follow`")
