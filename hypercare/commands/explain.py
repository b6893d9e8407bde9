"""``hypercare explain``: the arithmetic of an incident's score, or the reasoning about a piece of feedback."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.markup import escape

from contracts.errors import Stop
from contracts.incidents import Incident
from hypercare.commands.console import Json, endpoints_of, kafka_of, out
from hypercare.commands.whatif import scoring_of
from hypercare.documents_by_id import AWAY, newest_first
from hypercare.explain_feedback import explained
from hypercare.incidents.above import why
from hypercare.incidents.arithmetic import arithmetic
from hypercare.incidents.find import beginning_with, find
from hypercare.incidents.told import read_now
from hypercare.service import Service
from hypercare.settings import read_settings

INDICES = "hypercare-feedback.restricted-*,hypercare-feedback-*"
GROUPS = "hypercare-groups.restricted-*,hypercare-groups-*"
"""Whoever may not read restricted words gets what everybody may read."""


def explain(
    name: Annotated[str, typer.Argument(metavar="INCIDENT|FEEDBACK_ID", help="an incident, or a piece of feedback")],
    *,
    vs: Annotated[str, typer.Option("--vs", metavar="INCIDENT", help="why does it stand above this one?")] = "",
    as_json: Json = False,
) -> None:
    """Print how the score of an incident came about, or what was decided about a piece of feedback, and why."""
    service = Service(read_settings())
    incidents = read_now(kafka_of(service), prefix=service.settings.topic_prefix).incidents
    if vs:
        _compare(find(incidents, name), find(incidents, vs), as_json=as_json)
        return
    meant = beginning_with(incidents, name)
    if not any(one.incident == name for one in meant):
        found = _feedback(service, name, needed=not meant)
        if found is not None:
            _print_feedback(*found, as_json=as_json)
            return
    _print_incident(service, find(incidents, name), as_json=as_json)


def _compare(one: Incident, other: Incident, *, as_json: bool) -> None:
    sentences = list(why(one, other))
    if as_json:
        out.print_json(json.dumps({"incident": one.incident, "vs": other.incident, "why": sentences}))
    for sentence in () if as_json else sentences:
        out.print(escape(sentence))


def _print_incident(service: Service, incident: Incident, *, as_json: bool) -> None:
    if as_json:
        said = incident.score.model_dump(mode="json")
        override = incident.override and incident.override.model_dump(mode="json")
        out.print_json(json.dumps({"incident": incident.incident, "score": said, "override": override}))
        return
    for heading, line in arithmetic(incident, scoring_of(service.settings, incident)):
        out.print(f"[bold]{heading:<11}[/] {escape(line)}")


Document = dict[str, Any]


def _feedback(service: Service, name: str, *, needed: bool) -> tuple[Document, Document | None] | None:
    """A piece of feedback with its group; raise `Stop` when it is ``needed`` and not there."""
    try:
        client = service.settings.access(endpoints_of(service).elasticsearch).client()
        try:
            found = newest_first(client, INDICES, name)
            named = found[0]["hypercare"].get("group", {}).get("id", "") if found else ""
            groups = newest_first(client, GROUPS, named)
        finally:
            client.close()
    except (AWAY, Stop):
        if needed:
            raise
        return None
    if found:
        return found[0], groups[0] if groups else None
    if needed:
        raise Stop(
            f"There is no incident and no feedback {name!r}.",
            fix=f"see `hypercare incidents list --all`, or where it is: hypercare trace {name}",
            exit_code=1,
        )
    return None


def _print_feedback(document: Document, group: Document | None, *, as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps({"feedback": document, "group": group}))
        return
    for heading, line in explained(document, group):
        out.print(f"[bold]{heading:<14}[/] {escape(line)}")
