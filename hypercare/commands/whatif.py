"""``hypercare whatif``: how other constants would rank the list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from contracts.incidents import Incident
from contracts.scoring import Scoring
from hypercare.commands.console import Json, kafka_of, out
from hypercare.incidents.ranked import Which
from hypercare.incidents.told import read_now
from hypercare.incidents.whatif import Moved, changes_of, ranked_otherwise, with_changes
from hypercare.service import Service
from hypercare.settings import Settings, read_settings


def whatif(
    *,
    constants: Annotated[
        list[str] | None, typer.Option("--set", help="a constant, such as reach=.5; may be repeated")
    ] = None,
    project: Annotated[str, typer.Option(help="only of this project; left out, of all")] = "",
    tenant: Annotated[str, typer.Option(help="only of this tenant")] = "",
    as_json: Json = False,
) -> None:
    """Rank the open incidents by other constants, from the facts stored with them; nothing is changed."""
    changes = changes_of(constants or ())
    service = Service(read_settings())
    told = read_now(kafka_of(service), prefix=service.settings.topic_prefix)

    def scoring(incident: Incident) -> Scoring:
        return with_changes(scoring_of(service.settings, incident), changes)

    if not told.incidents:
        with_changes(Scoring(), changes)
    moved = ranked_otherwise(told.incidents, scoring, Which(tenant=tenant, project=project))
    if as_json:
        out.print_json(json.dumps([asdict(one) for one in moved]))
    elif moved:
        out.print(_table(moved))
        out.print("Nothing was changed. To keep them: `scoring` of the project in hypercare.toml, docs/incidents.md")
    else:
        out.print("No incident is open.")


def scoring_of(settings: Settings, incident: Incident) -> Scoring:
    """The constants agreed for the project of an incident."""
    name = f"{incident.tenant}/{incident.project}/{incident.environment}"
    return next((agreed.scoring for agreed in settings.projects if agreed.name == name), Scoring())


def _table(moved: Sequence[Moved]) -> Table:
    table = Table(title="What to fix next, by these constants", title_justify="left", title_style="bold")
    table.box, table.pad_edge = SIMPLE_HEAD, False
    for name in ("", "was", "prio", "was", "score", "was"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("incident", no_wrap=True)
    table.add_column("what and where", overflow="fold", ratio=1)
    for one in moved:
        gone = one.rank_now - one.rank_then
        arrow = f" {'↑' if gone > 0 else '↓'}{abs(gone)}" if gone else ""
        table.add_row(
            f"{one.rank_then}",
            f"{one.rank_now}{arrow}",
            one.priority_then,
            one.priority_now,
            f"{one.score_then:.0f}",
            f"{one.score_now:.0f}",
            escape(one.incident),
            escape(one.title),
        )
    return table
