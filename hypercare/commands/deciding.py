"""One decision about an incident: read how it stands, send the command with the version seen, print the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.markup import escape

from contracts.audit import AuditEntry
from contracts.commands import Action, Command
from contracts.errors import Stop
from contracts.incidents import Incident
from hypercare.commanding import command_of, give
from hypercare.commands.console import kafka_of, out
from hypercare.incidents.find import find
from hypercare.incidents.logged import changes
from hypercare.incidents.ranked import clock
from hypercare.incidents.told import read_now
from hypercare.masked import masked_line
from hypercare.service import Service
from hypercare.settings import read_settings

Named = Annotated[str, typer.Argument(metavar="INCIDENT", help="id of an incident, or its beginning")]
Reason = Annotated[str, typer.Option(help="why, for whoever reads the audit")]
Actor = Annotated[str, typer.Option(help="who decides; left out, the name you are logged in with")]
Version = Annotated[
    int | None, typer.Option("--state-version", help="the one you saw; left out, the one it has now", min=0)
]
Until = Annotated[str, typer.Option(help="how long, such as 2h or 3d, or an RFC 3339 time")]
ANYWAY: frozenset[Action] = frozenset({"comment"})
"""What may be said of an incident whatever its state has become meanwhile."""

FINAL: frozenset[Action] = frozenset({"take_back", "comment", "communicate"})
"""What cannot be taken back."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who decides and why, what they saw, and how they want the answer."""

    reason: str
    actor: str
    version: int | None
    as_json: bool


class Deciding:
    """The incidents as they are now, and the way to the stage that answers for them."""

    def __init__(self) -> None:
        service = Service(read_settings())
        self._kafka, self._prefix = kafka_of(service), service.settings.topic_prefix
        self._known = self._read()

    def find(self, name: str) -> Incident:
        """The incident that is meant."""
        return find(self._known, name)

    def decide(self, action: Action, incident: Incident, who: Who, **what: Any) -> None:
        """Send a decision about an incident and print what came of it; raise `Stop` when it was refused."""
        seen = incident.state_version if who.version is None else who.version
        command = command_of(
            {
                "tenant": incident.tenant,
                "project": incident.project,
                "environment": incident.environment,
                "action": action,
                "actor": who.actor,
                "reason": who.reason or None,
                "incident": incident.incident,
                "state_version": None if action in ANYWAY else seen,
                **what,
            }
        )
        answer = self.send(command)
        if not answer.accepted:
            now = find(self._read(), incident.incident)
            stands = f"It is {now.state} since {clock(now.state_since)}, state version {now.state_version}"
            owner = f", owned by {masked_line(now.owner)}" if now.owner else ""
            tell(answer, who, f"{stands}{owner}.", f"look again: hypercare incidents show {now.incident}")
        tell(answer, who)
        if not who.as_json and action not in FINAL:
            out.print(f"To undo it: hypercare incidents take-back {escape(incident.incident)} {command.id}")

    def _read(self) -> tuple[Incident, ...]:
        return read_now(self._kafka, prefix=self._prefix).incidents

    def send(self, command: Command) -> AuditEntry:
        """Send any command and return the answer."""
        return give(self._kafka, command, prefix=self._prefix)


def tell(answer: AuditEntry, who: Who, stands: str = "", fix: str = "") -> None:
    """Print an answer; raise `Stop`, with how things stand, when the command was refused."""
    if who.as_json:
        out.print_json(answer.model_dump_json(exclude_none=True))
    elif answer.accepted:
        if answer.action == "comment":
            out.print(f"Noted for {escape(answer.subject_id)}: command {escape(answer.command or '')}")
            out.print(f"To read all notes: hypercare incidents log {escape(answer.subject_id)}")
            return
        out.print(f"Done: {escape(answer.action)}, {escape(answer.subject)} {escape(answer.subject_id)}")
        for line in changes(answer) or ["nothing had to change"]:
            out.print(f"  {escape(line)}")
    if not answer.accepted:
        refusal = masked_line(answer.refusal or "no reason was given").rstrip(".")
        raise Stop(f"Not done: {refusal}." + (f"\n{stands}" if stands else ""), fix=fix, exit_code=1)
