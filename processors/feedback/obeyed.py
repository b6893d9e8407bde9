"""What is remembered of a command that was obeyed, and how it is answered."""

from __future__ import annotations

from dataclasses import dataclass, field

import orjson

from contracts.audit import AuditEntry
from contracts.cloudevents import derived_id
from contracts.commands import Command
from contracts.event import Event
from processors.runtime.tables import TableSpec


@dataclass(slots=True)
class Obeyed:
    """A command that was obeyed, with what is needed to take it back."""

    action: str
    where: str
    feedback: list[str] = field(default_factory=list)
    issue: str = ""
    before: dict[str, str] | None = None
    after: dict[str, str] | None = None
    taken_back: bool = False


def _decode(value: bytes) -> Obeyed:
    return Obeyed(**orjson.loads(value))


OBEYED: TableSpec[Obeyed] = TableSpec("feedback_obeyed", encode=orjson.dumps, decode=_decode, capacity=5_000)


@dataclass(slots=True)
class Outcome:
    """What a command did: to whom, what was and what is, and what has to be told."""

    subject: str
    subject_id: str
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    told: list[Event] = field(default_factory=list)


def deed(command: str, number: int | None = None) -> str:
    """The name of what a command does, or of one thing of several: no other command's can be the same."""
    return f"{len(command)}:{command}" if number is None else f"{len(command)}:{command}/{number}"


def subject_of(command: Command) -> tuple[str, str]:
    """What a command is about: its kind, and its id."""
    if command.command:
        return "command", command.command
    if command.issue:
        return "known_issue", command.issue
    if command.feedback:
        return "feedback", ", ".join(command.feedback)
    return "group", command.group or ""


def answer_to(command: Command, done: Outcome, *, refusal: str | None = None) -> AuditEntry:
    """The entry that says what was done, or with a ``refusal`` why not."""
    return AuditEntry.model_validate(
        {
            "id": derived_id("audit", command.place, command.id),
            "occurred_at": command.occurred_at,
            "tenant": command.tenant,
            "project": command.project,
            "environment": command.environment,
            "subject": done.subject,
            "subject_id": done.subject_id[:300],
            "action": command.action,
            "actor": command.actor,
            "accepted": refusal is None,
            "command": command.id,
            "reason": command.reason,
            "refusal": refusal,
            "before": {name: said[:8_000] for name, said in done.before.items()},
            "after": {name: said[:8_000] for name, said in done.after.items()},
        }
    )
