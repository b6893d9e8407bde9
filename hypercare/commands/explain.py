"""``hypercare explain``: the whole reasoning about one piece of feedback."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.markup import escape

from contracts.errors import Stop
from hypercare.commands.console import Json, endpoints_of, out
from hypercare.documents_by_id import newest_first
from hypercare.explain_feedback import explained
from hypercare.service import Service
from hypercare.settings import read_settings

INDICES = "hypercare-feedback.restricted-*,hypercare-feedback-*"
GROUPS = "hypercare-groups.restricted-*,hypercare-groups-*"
"""Whoever may not read restricted words gets what everybody may read."""


def explain(
    feedback: Annotated[str, typer.Argument(metavar="FEEDBACK_ID", help="id of a piece of feedback")],
    *,
    as_json: Json = False,
) -> None:
    """Print what was decided about a piece of feedback, and what each decision rests on."""
    service = Service(read_settings())
    client = service.settings.access(endpoints_of(service).elasticsearch).client()
    try:
        found = newest_first(client, INDICES, feedback)
        named = found[0]["hypercare"].get("group", {}).get("id", "") if found else ""
        groups = newest_first(client, GROUPS, named)
    finally:
        client.close()
    if not found:
        raise Stop(
            f"There is no feedback {feedback!r} in Elasticsearch.",
            fix=f"see where it is: hypercare trace {feedback}",
            exit_code=1,
        )
    if as_json:
        out.print_json(json.dumps({"feedback": found[0], "group": groups[0] if groups else None}))
        return
    for heading, line in explained(found[0], groups[0] if groups else None):
        out.print(f"[bold]{heading:<14}[/] {escape(line)}")
