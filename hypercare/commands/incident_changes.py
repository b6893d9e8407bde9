"""``hypercare incidents merge|split|move|quiet|take-back``: what belongs together, what is expected, what was wrong."""

from __future__ import annotations

from typing import Annotated

import typer

from contracts.errors import Stop
from contracts.incidents import Incident
from hypercare.commanding import command_of
from hypercare.commands.console import Json, until
from hypercare.commands.deciding import Actor, Deciding, Named, Reason, Version, Who, tell
from hypercare.incidents.ranked import place_of

Evidence = Annotated[list[str], typer.Argument(help="ids of its evidence, as `show` prints them")]


def add_to(app: typer.Typer) -> None:
    """Put every command of this page into ``app``."""
    for command in (merge, split, move, quiet):
        app.command()(command)
    app.command("take-back")(take_back)


def merge(
    incident: Named,
    into: Annotated[str, typer.Argument(help="the incident that stays")],
    *,
    reason: Reason = "",
    actor: Actor = "",
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Say that two incidents are one."""
    deciding = Deciding()
    one = deciding.find(incident)
    target = _of_same_project(one, deciding.find(into))
    deciding.decide("merge", one, Who(reason, actor, version, as_json), into=target)


def _of_same_project(one: Incident, other: Incident) -> str:
    """The id of the other one; raise `Stop` where the two are of different projects."""
    if place_of(one) != place_of(other):
        raise Stop(
            f"{one.incident} is one of {place_of(one)}, {other.incident} one of {place_of(other)}: "
            "incidents of two projects are not merged, nor is evidence moved between them.",
            fix=f'name one in the other: hypercare incidents comment {one.incident} "see {other.incident}"',
            exit_code=1,
        )
    return other.incident


def split(
    incident: Named,
    evidence: Evidence,
    *,
    reason: Reason = "",
    actor: Actor = "",
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Take evidence out of an incident into one of its own."""
    deciding = Deciding()
    deciding.decide("split", deciding.find(incident), Who(reason, actor, version, as_json), evidence=evidence)


def move(
    incident: Named,
    evidence: Evidence,
    *,
    into: Annotated[str, typer.Option(help="the incident it belongs to")],
    reason: Reason = "",
    actor: Actor = "",
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Put evidence of an incident into another one."""
    deciding = Deciding()
    one, who = deciding.find(incident), Who(reason, actor, version, as_json)
    target = _of_same_project(one, deciding.find(into))
    deciding.decide("move", one, who, evidence=evidence, into=target)


def quiet(
    *,
    until_: Annotated[str, typer.Option("--until", help="how long, such as 2h, or RFC 3339")],
    reason: Annotated[str, typer.Option(help="what is done, such as a deployment")],
    service: Annotated[str, typer.Option(help="the service concerned; left out, the whole project")] = "",
    project: Annotated[str, typer.Option(help="project in which trouble is expected")] = "default",
    tenant: Annotated[str, typer.Option(help="tenant of the project")] = "default",
    environment: Annotated[str, typer.Option(help="environment of the project")] = "production",
    actor: Actor = "",
    as_json: Json = False,
) -> None:
    """Expect trouble until a time, because of planned work."""
    said = {"tenant": tenant, "project": project, "environment": environment, "service": service or None}
    command = command_of({**said, "action": "quiet", "actor": actor, "reason": reason, "until": until(until_)})
    tell(Deciding().send(command), Who(reason, actor, None, as_json))


def take_back(
    incident: Named,
    command: Annotated[str, typer.Argument(help="id of the command, as it was printed and stands in the audit")],
    *,
    reason: Reason = "",
    actor: Actor = "",
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Undo an earlier decision about an incident."""
    deciding = Deciding()
    deciding.decide("take_back", deciding.find(incident), Who(reason, actor, version, as_json), command=command)
