"""``hypercare feedback``: what a person decides about feedback and its groups; each can be taken back."""

from __future__ import annotations

import json
from typing import Annotated, Any, get_args

import typer
from rich.markup import escape

from contracts.commands import Action
from contracts.errors import Stop
from contracts.understanding import CategoryName
from hypercare.commanding import command_of, give
from hypercare.commands.console import Json, Project, endpoints_of, out
from hypercare.service import Service
from hypercare.settings import read_settings

app = typer.Typer(help="Decide about feedback and groups; each decision can be taken back.", no_args_is_help=True)

Ids = Annotated[list[str], typer.Argument(help="ids of feedback")]
Reason = Annotated[str, typer.Option(help="why, for whoever reads the audit")]
Actor = Annotated[str, typer.Option(help="who decides; left out, the name you are logged in with")]
Tenant = Annotated[str, typer.Option(help="tenant of the project")]
Environment = Annotated[str, typer.Option(help="environment of the feedback")]


@app.callback()
def feedback() -> None:
    """Decide about feedback and groups; each decision can be taken back."""


@app.command()
def relabel(
    ids: Ids,
    category: Annotated[str, typer.Option(help=f"one of {', '.join(get_args(CategoryName))}")],
    *,
    reason: Reason = "",
    actor: Actor = "",
    tenant: Tenant = "default",
    project: Project = "default",
    environment: Environment = "production",
    as_json: Json = False,
) -> None:
    """Say what feedback is about; what comes later is judged accordingly."""
    what = {"feedback": ids, "category": category}
    _give("relabel", what, (tenant, project, environment), reason=reason, actor=actor, as_json=as_json)


@app.command()
def merge(
    group: Annotated[str, typer.Argument(help="group that becomes part of another")],
    into: Annotated[str, typer.Argument(help="group that stays")],
    *,
    reason: Reason = "",
    actor: Actor = "",
    tenant: Tenant = "default",
    project: Project = "default",
    environment: Environment = "production",
    as_json: Json = False,
) -> None:
    """Say that two groups are one problem."""
    what = {"group": group, "into": into}
    _give("merge_groups", what, (tenant, project, environment), reason=reason, actor=actor, as_json=as_json)


@app.command()
def split(
    group: Annotated[str, typer.Argument(help="group they are in")],
    ids: Ids,
    *,
    title: Annotated[str, typer.Option(help="title of the new group")] = "",
    reason: Reason = "",
    actor: Actor = "",
    tenant: Tenant = "default",
    project: Project = "default",
    environment: Environment = "production",
    as_json: Json = False,
) -> None:
    """Take feedback out of a group into one of its own."""
    what = {"group": group, "feedback": ids, "title": title or None}
    _give("split_group", what, (tenant, project, environment), reason=reason, actor=actor, as_json=as_json)


@app.command()
def move(
    ids: Ids,
    into: Annotated[str, typer.Option(help="group they belong to")],
    *,
    reason: Reason = "",
    actor: Actor = "",
    tenant: Tenant = "default",
    project: Project = "default",
    environment: Environment = "production",
    as_json: Json = False,
) -> None:
    """Put feedback into another group."""
    what = {"feedback": ids, "into": into}
    _give("move_feedback", what, (tenant, project, environment), reason=reason, actor=actor, as_json=as_json)


@app.command()
def rename(
    group: str,
    title: str,
    *,
    reason: Reason = "",
    actor: Actor = "",
    tenant: Tenant = "default",
    project: Project = "default",
    environment: Environment = "production",
    as_json: Json = False,
) -> None:
    """Give a group a title that stays."""
    what = {"group": group, "title": title}
    _give("rename_group", what, (tenant, project, environment), reason=reason, actor=actor, as_json=as_json)


@app.command()
def know(
    issue: Annotated[str, typer.Argument(help="id of the known problem, such as a ticket's")],
    title: Annotated[str, typer.Argument(help="what users are told it is")],
    *,
    text: Annotated[str, typer.Option(help="how people describe it, to recognise more of it")] = "",
    group: Annotated[str, typer.Option(help="group of feedback that reports it")] = "",
    workaround: Annotated[str, typer.Option(help="what helps meanwhile")] = "",
    reason: Reason = "",
    actor: Actor = "",
    tenant: Tenant = "default",
    project: Project = "default",
    environment: Environment = "production",
    as_json: Json = False,
) -> None:
    """Make a known problem: feedback that reports it is linked to it and counted."""
    what = {
        "issue": issue, "title": title, "text": text or None, "group": group or None, "workaround": workaround or None,
    }  # fmt: skip
    _give("know_issue", what, (tenant, project, environment), reason=reason, actor=actor, as_json=as_json)


@app.command("forget-issue")
def forget_issue(
    issue: str,
    *,
    reason: Reason = "",
    actor: Actor = "",
    tenant: Tenant = "default",
    project: Project = "default",
    environment: Environment = "production",
    as_json: Json = False,
) -> None:
    """End a known problem; its feedback is told again without it."""
    _give("forget_issue", {"issue": issue}, (tenant, project, environment), reason=reason, actor=actor, as_json=as_json)


@app.command("take-back")
def take_back(
    command: Annotated[str, typer.Argument(help="id of the command, as it was printed and stands in the audit")],
    *,
    reason: Reason = "",
    actor: Actor = "",
    tenant: Tenant = "default",
    project: Project = "default",
    environment: Environment = "production",
    as_json: Json = False,
) -> None:
    """Undo an earlier decision."""
    _give(
        "take_back", {"command": command}, (tenant, project, environment), reason=reason, actor=actor, as_json=as_json
    )


def _give(
    action: Action, what: dict[str, Any], place: tuple[str, str, str], *, reason: str, actor: str, as_json: bool
) -> None:
    tenant, project, environment = place
    command = command_of(
        {
            "tenant": tenant,
            "project": project,
            "environment": environment,
            "action": action,
            "actor": actor,
            "reason": reason or None,
            **what,
        }
    )
    service = Service(read_settings())
    answer = give(endpoints_of(service).kafka, command, prefix=service.settings.topic_prefix)
    if as_json:
        out.print_json(answer.model_dump_json(exclude_none=True))
    elif answer.accepted:
        changed = json.dumps(answer.after, ensure_ascii=False) if answer.after else "nothing had to change"
        out.print(f"Done: {escape(answer.subject)} {escape(answer.subject_id)}, {escape(changed)}")
        out.print(f"To undo it: hypercare feedback take-back {command.id} --project {project}")
    if not answer.accepted:
        raise Stop(f"Not done: {answer.refusal}", fix="", exit_code=1)
