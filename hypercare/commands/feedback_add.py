"""``hypercare feedback add``: what somebody said, typed in by hand."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from math import nan
from typing import Annotated, Any, get_args

import typer
from pydantic import ValidationError
from rich.markup import escape

from contracts.cloudevents import derived_id, rfc3339, said_of
from contracts.errors import Rejected, Stop
from contracts.feedback import BOUNDS, Channel, Feedback
from contracts.limits import MAX_TEXT_CHARS
from contracts.pseudonyms import pseudonym_of_person
from hypercare.commands.console import Project, kafka_of, moment, out
from hypercare.service import Service
from hypercare.settings import read_settings
from producers.publisher import Publisher

SOURCE = "urn:hypercare:by-hand"


def add(
    text: Annotated[str, typer.Argument(help="what was said; left out or -, it is read from the standard input")] = "-",
    *,
    title: Annotated[str, typer.Option(help="in a few words")] = "",
    rating: Annotated[str, typer.Option(help="a number on a scale: 4/stars, 7/nps, 3/csat, 2/ces")] = "",
    route: Annotated[str, typer.Option(help="route it is about, such as /checkout/{id}")] = "",
    screen: Annotated[str, typer.Option(help="page it is about")] = "",
    channel: Annotated[str, typer.Option(help=f"one of {', '.join(get_args(Channel))}")] = "hotline",
    reporter: Annotated[
        str, typer.Option(help="id or address of who said it; only a keyed pseudonym leaves this machine")
    ] = "",
    ticket: Annotated[str, typer.Option(help="its id in another system")] = "",
    happened_at: Annotated[str, typer.Option("--at", help="when: RFC 3339; left out, now")] = "",
    tenant: Annotated[str, typer.Option(help="tenant of the project")] = "default",
    project: Project = "default",
    environment: Annotated[str, typer.Option(help="environment it is about")] = "production",
) -> None:
    """Add one piece of feedback, as the hotline heard it. Given twice with the same --at, it is there once."""
    service = Service(read_settings())
    now = datetime.now(UTC)
    said = sys.stdin.read(MAX_TEXT_CHARS + 1) if text == "-" else text
    if not said.strip():
        raise Stop("There is no text.", fix='hypercare feedback add "The pay button does nothing"', exit_code=2)
    known = reporter.strip()
    fields: dict[str, Any] = {
        "occurred_at": moment(happened_at) or now,
        "received_at": now,
        "tenant": tenant,
        "project": project,
        "environment": environment,
        "channel": channel,
        "text": said.strip(),
        "title": title or None,
        "rating": rating_of(rating),
        "source": {"system": "by hand", "id": ticket or None},
        "context": {"route": route or None, "screen": screen or None},
        "reporter": {"pseudonym": pseudonym_of_person(known, service.settings.pseudonym_secret()) if known else None},
    }
    event = feedback_of(fields)
    try:
        with Publisher(kafka_of(service), source=SOURCE, topic_prefix=service.settings.topic_prefix) as publisher:
            publisher.publish(event)
    except Rejected as rejected:
        raise Stop(f"It cannot be taken: {rejected}", fix="shorten it", exit_code=2) from None
    out.print(f"Added: {event.id}")
    out.print(f"See what is made of it: [bold]hypercare explain {escape(event.id)}[/]")


def feedback_of(fields: dict[str, Any]) -> Feedback:
    """Feedback with an id from what is said and when; raise `Stop` naming the field that does not fit."""
    who = fields["reporter"]["pseudonym"]
    place = (fields["tenant"], fields["project"], fields["environment"])
    identity = derived_id("by hand", *place, rfc3339(fields["occurred_at"]), fields["channel"], who, fields["text"])
    try:
        return Feedback.model_validate({"id": identity, **fields})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise Stop(
            f"It cannot be taken: {said_of(first)}", fix="see `hypercare feedback add --help`", exit_code=2
        ) from None


def rating_of(text: str) -> dict[str, Any] | None:
    """Number and scale from ``4/stars``."""
    if not text:
        return None
    number, _, scale = text.partition("/")
    low, high = BOUNDS.get(scale, (0, -1))
    try:
        value = float(number)
    except ValueError:
        value = nan
    if not low <= value <= high:
        scales = ", ".join(f"{name} {least} to {most}" for name, (least, most) in BOUNDS.items())
        raise Stop(f"{text!r} is no rating.", fix=f"a number on a scale, such as 4/stars: {scales}", exit_code=2)
    return {"scale": scale, "value": value}
