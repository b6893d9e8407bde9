"""``hypercare incidents ack|assign|…``: the life of an incident, each step a command that is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from contracts.commands import Action
from contracts.errors import Stop
from hypercare.commands.console import Json, until
from hypercare.commands.deciding import Actor, Deciding, Named, Reason, Until, Version, Who

STEPS: tuple[tuple[str, Action, str], ...] = (
    ("ack", "acknowledge", "Say that somebody looks after it."),
    ("communicate", "communicate", "Say that those concerned were told; --reason: what they were told."),
    ("start", "start", "Say that somebody works on it."),
    ("resolve", "resolve", "Say that it is over."),
    ("close", "close", "Close it: nothing is left to do."),
    ("reopen", "reopen", "Open it again."),
)
"""Steps that need nothing but the incident: command, action, and what it says."""
ENDINGS: tuple[tuple[str, Action, str], ...] = (
    ("reject", "reject", "Say that it is no incident."),
    ("noise", "noise", "Say that it is noise; what repeats it counts for less."),
)
"""Steps that need a reason."""
Needed = Annotated[str, typer.Option(help="why, for whoever reads the audit")]


def add_to(app: typer.Typer) -> None:
    """Put every command of this page into ``app``."""
    for name, action, about in STEPS:
        app.command(name, help=about)(_step(action))
    for name, action, about in ENDINGS:
        app.command(name, help=about)(_ending(action))
    for command in (assign, comment, fix, defer, mute, override, workaround):
        app.command()(command)


def _step(action: Action) -> Callable[..., None]:
    def step(
        incident: Named, *, reason: Reason = "", actor: Actor = "", version: Version = None, as_json: Json = False
    ) -> None:
        _decide(action, incident, Who(reason, actor, version, as_json))

    return step


def _ending(action: Action) -> Callable[..., None]:
    def ending(
        incident: Named, *, reason: Needed, actor: Actor = "", version: Version = None, as_json: Json = False
    ) -> None:
        _decide(action, incident, Who(reason, actor, version, as_json))

    return ending


def assign(
    incident: Named,
    owner: Annotated[str, typer.Argument(help="who looks after it: a person or a team")],
    *,
    reason: Reason = "",
    actor: Actor = "",
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Say who looks after it."""
    _decide("assign", incident, Who(reason, actor, version, as_json), owner=owner)


def comment(
    incident: Named,
    text: Annotated[str, typer.Argument(help="what the audit shall keep")],
    *,
    actor: Actor = "",
    as_json: Json = False,
) -> None:
    """Put a note into its audit."""
    _decide("comment", incident, Who(text, actor, None, as_json))


def fix(
    incident: Named,
    *,
    release: Annotated[str, typer.Option(help="the release that will bring it; left out, it is deployed")] = "",
    reason: Reason = "",
    actor: Actor = "",
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Say that a fix is deployed, or will be with a release."""
    _decide("fix", incident, Who(reason, actor, version, as_json), release=release or None)


def defer(
    incident: Named,
    *,
    reason: Needed,
    until_: Annotated[str, typer.Option("--until", help="2h, 3d or RFC 3339; left out, until it is reopened")] = "",
    actor: Actor = "",
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Put it off."""
    _decide("defer", incident, Who(reason, actor, version, as_json), until=until(until_))


def mute(
    incident: Named,
    *,
    until_: Annotated[str, typer.Option("--until", help="how long, such as 2h or 3d, or RFC 3339")],
    reason: Needed,
    actor: Actor = "",
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Hear nothing of it until a time."""
    _decide("mute", incident, Who(reason, actor, version, as_json), until=until(until_))


def override(
    incident: Named,
    *,
    severity: Annotated[str, typer.Option(help="S1 to S4")] = "",
    priority: Annotated[str, typer.Option(help="P1 to P5")] = "",
    cvss: Annotated[float | None, typer.Option(help="CVSS of a weakness, 0 to 10")] = None,
    exploited: Annotated[
        bool | None, typer.Option("--exploited/--not-exploited", help="whether the weakness is abused")
    ] = None,
    reason: Needed,
    until_: Until = "",
    actor: Actor = "",
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Set severity, priority or the facts of a weakness; what was computed is kept beside it."""
    said = {"severity": severity or None, "priority": priority or None, "cvss": cvss, "exploited": exploited}
    if all(value is None for value in said.values()):
        raise Stop("Override what?", fix="give --severity, --priority, --cvss or --exploited", exit_code=2)
    _decide("override", incident, Who(reason, actor, version, as_json), until=until(until_), **said)


def workaround(
    incident: Named,
    text: Annotated[str, typer.Argument(help="what helps meanwhile")],
    *,
    reason: Reason = "",
    actor: Actor = "",
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Say what helps meanwhile."""
    _decide("workaround", incident, Who(reason, actor, version, as_json), workaround=text)


def _decide(action: Action, name: str, who: Who, **what: object) -> None:
    deciding = Deciding()
    deciding.decide(action, deciding.find(name), who, **what)
