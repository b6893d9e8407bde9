"""``hypercare incidents``: what to fix next, as the topic tells it; Elasticsearch is not asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, get_args

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from contracts.errors import Stop
from contracts.incidents import IncidentState
from hypercare.commands import incident_changes, incident_life, incident_log
from hypercare.commands.console import PAST, Json, kafka_of, moment, out, since
from hypercare.incidents.audit_chain import history
from hypercare.incidents.find import find
from hypercare.incidents.logged import comment_line, comments_of
from hypercare.incidents.ranked import Row, Which, age, clock, ranked, rows
from hypercare.incidents.shown import shown
from hypercare.incidents.told import Told, read_at, read_now
from hypercare.masked import masked_line
from hypercare.service import Service
from hypercare.settings import read_settings

app = typer.Typer(help="Incidents: what to fix next, why, and what is done about it.", no_args_is_help=True)

Tenant = Annotated[str, typer.Option(help="only of this tenant")]
OfProject = Annotated[str, typer.Option("--project", help="only of this project; left out, of all")]
Environment = Annotated[str, typer.Option(help="only of this environment")]
State = Annotated[list[str] | None, typer.Option(help="only in this state; may be repeated")]
Every = Annotated[bool, typer.Option("--all", help="also those that rest or are over")]
Since = Annotated[
    str, typer.Option("--since", help=f"only those that showed themselves since {PAST}; open ones, or with --all any")
]
Why = Annotated[bool, typer.Option("--why", help="below each, the sentence that says why it stands there")]


@app.command("list")
def list_(
    *,
    project: OfProject = "",
    tenant: Tenant = "",
    environment: Environment = "",
    state: State = None,
    since_: Since = "",
    every: Every = False,
    why: Why = False,
    as_json: Json = False,
) -> None:
    """List what is open, the most urgent first."""
    which = replace(_which(tenant, project, environment, state, every=every), since=since(since_))
    service = Service(read_settings())
    told = read_now(kafka_of(service), prefix=service.settings.topic_prefix)
    _print(told, which, datetime.now(UTC), why=why, as_json=as_json)


@app.command("at")
def at_(
    time: Annotated[str, typer.Argument(help="RFC 3339, such as 2026-06-15T09:00:00Z")],
    *,
    by_kafka: Annotated[
        bool, typer.Option("--told", help="by Kafka's time: what subscribers had been told, not what had happened")
    ] = False,
    project: OfProject = "",
    tenant: Tenant = "",
    environment: Environment = "",
    state: State = None,
    every: Every = False,
    why: Why = False,
    as_json: Json = False,
) -> None:
    """List what was open at a moment of the past, from the revisions that the topic keeps for thirty days."""
    which = _which(tenant, project, environment, state, every=every)
    when = moment(time)
    if when is None:
        raise Stop("At what time?", fix="write it like 2026-06-15T09:00:00Z", exit_code=2)
    service = Service(read_settings())
    told = read_at(kafka_of(service), when, prefix=service.settings.topic_prefix, by_kafka=by_kafka)
    _print(told, which, when, why=why, as_json=as_json)


@app.command()
def show(
    incident: Annotated[str, typer.Argument(help="id of an incident, or its beginning")], *, as_json: Json = False
) -> None:
    """Print everything that is known of one incident."""
    service = Service(read_settings())
    kafka, prefix = kafka_of(service), service.settings.topic_prefix
    found = find(read_now(kafka, prefix=prefix).incidents, incident)
    comments = comments_of(history(kafka, found.incident, prefix=prefix))
    if as_json:
        said = [entry.model_dump(mode="json", exclude_none=True) for entry in comments]
        out.print_json(json.dumps({**found.model_dump(mode="json", exclude_none=True), "comments": said}))
        return
    for heading, line in shown(found, [comment_line(entry) for entry in comments]):
        out.print(f"[bold]{heading:<11}[/] {escape(line)}")


def _which(tenant: str, project: str, environment: str, state: list[str] | None, *, every: bool) -> Which:
    if unknown := [one for one in state or () if one not in get_args(IncidentState)]:
        raise Stop(
            f"There is no state {', '.join(map(repr, unknown))}.",
            fix=f"choose from {', '.join(get_args(IncidentState))}",
            exit_code=2,
        )
    return Which(tenant, project, environment, tuple(state or ()), every)


def _print(told: Told, which: Which, when: datetime, *, why: bool, as_json: bool) -> None:
    listed = rows(ranked(told.incidents, which), when)
    if as_json:
        said = {"at": when.isoformat(), "unreadable": told.unreadable, "forgotten": told.forgotten}
        out.print_json(json.dumps({**said, "incidents": [asdict(row) for row in listed]}))
        return
    if listed:
        print_incidents(listed, why=why)
    else:
        out.print(f"No incident like that at {clock(when)}; {len(told.incidents):,} in all (--all lists them).")
    if told.forgotten:
        out.print(
            f"[yellow]{len(told.forgotten):,} more were open or over by then: only later revisions are kept of "
            f"{escape(masked_line(', '.join(told.forgotten[:5])))}{' …' if len(told.forgotten) > 5 else ''}.[/]"  # noqa: PLR2004
        )
    if told.unreadable:
        out.print(f"[yellow]{told.unreadable:,} records of the topic are no incidents and were left out.[/]")
    if listed:
        out.print("Everything of one: [bold]hypercare incidents show INCIDENT[/]; the arithmetic: hypercare explain")


def print_incidents(listed: Sequence[Row], *, why: bool = False) -> None:
    """The list as a table, and below it why each stands where it stands."""
    out.print(incident_table(listed))
    for row in listed if why else ():
        out.print(f"{row.rank or '-':>3}  {escape(row.sentence)}")
    if not all(row.users for row in listed):
        out.print("- users: the calls name no user, so their number is not known")
    if any(row.overridden for row in listed):
        out.print("* set by a person; show tells who and why")


def incident_table(listed: Sequence[Row]) -> Table:
    """One incident a row; the project is named where there are several."""
    table = Table(
        title="What to fix next",
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        padding=(0, 1),
        pad_edge=False,
    )
    several = len({row.project for row in listed}) > 1
    table.add_column("", justify="right", no_wrap=True)
    for name in ("incident", *(["project"] if several else []), "prio"):
        table.add_column(name, no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("what and where", overflow="fold", ratio=1, min_width=20)
    for name in ("users", "reports", "age"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("owner", overflow="fold", min_width=8)
    for row in listed:
        table.add_row(
            str(row.rank or "-"),
            escape(row.incident),
            *([escape(row.project)] if several else []),
            f"{row.priority} {row.severity}{'*' if row.overridden else ''}",
            f"{row.score:.0f}",
            "\n".join((row.state, *row.flags)),
            escape("\n".join(filter(None, (row.title, "" if row.cause in row.title else row.cause)))),
            f"{row.users:,}" if row.users else "-",
            f"{row.reports:,}",
            age(row.age_s),
            escape(row.owner or "-"),
        )
    return table


incident_log.add_to(app)
incident_life.add_to(app)
incident_changes.add_to(app)
