"""What each command does to an incident, and how it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.cloudevents import derived_id
from contracts.commands import Command
from contracts.errors import Rejected
from processors.incidents.desk import Desk
from processors.incidents.lifecycle import step
from processors.incidents.memories import Memories, Obeyed
from processors.incidents.record import Record
from processors.incidents.regroup import Regrouping

FREE = frozenset({"comment", "communicate"})
"""Actions that change nothing anybody else may be changing: they need not name the version they saw."""
VALUES = ("owner", "workaround", "override", "cvss", "exploited", "fix_release", "until")


def values_of(record: Record) -> dict[str, Any]:
    """What commands can change."""
    return {"state": record.state, **{name: getattr(record, name) for name in VALUES}}


class Deeds:
    """Each raises `Rejected` before it changes anything."""

    def __init__(self, desk: Desk, memories: Memories, regrouping: Regrouping) -> None:
        self._desk, self._memories, self._regrouping = desk, memories, regrouping

    def do(self, record: Record, command: Command, now: float) -> str:
        """Do it; return the other incident that is concerned, if there is one."""
        deeds: dict[str, Callable[[Record, Command, float], str]] = {
            "acknowledge": self._acknowledge,
            "assign": self._assign,
            "comment": self._comment,
            "communicate": self._communicate,
            "workaround": self._workaround,
            "override": self._override,
            "merge": self._merge,
            "split": self._split,
            "move": self._move,
            "take_back": self._take_back,
        }
        return deeds.get(command.action, self._state)(record, command, now)

    def _state(self, record: Record, command: Command, now: float) -> str:
        """Every action that is a step of the life."""
        until = command.until.timestamp() if command.until else 0.0
        if until and until <= now:
            raise Rejected("over", "until is in the past")
        step(record, command.action, now, until=until)
        record.closed_reason = (command.reason or "") if record.over else ""
        if command.action == "fix":
            record.fix_release = command.release or ""
        if record.over:
            if command.action == "noise":
                self._memories.mark_noise(record, +1)
            self._memories.end(record, now)
        return ""

    def _acknowledge(self, record: Record, command: Command, now: float) -> str:
        if record.state != "new" and record.open:
            raise Rejected("wrong_state", f"{record.incident} is {record.state}: somebody has acknowledged it")
        return self._state(record, command, now)

    def _assign(self, record: Record, command: Command, now: float) -> str:
        self._not_over(record)
        record.owner = command.owner or ""
        if record.state == "new":
            step(record, "acknowledge", now)
        return ""

    def _comment(self, _: Record, command: Command, now: float) -> str:  # noqa: ARG002 - it only stands in the audit
        return ""

    def _communicate(self, record: Record, _: Command, now: float) -> str:
        record.communicated_at = record.communicated_at or now
        return ""

    def _workaround(self, record: Record, command: Command, _: float) -> str:
        record.workaround = command.workaround or ""
        return ""

    def _override(self, record: Record, command: Command, now: float) -> str:
        self._not_over(record)
        if command.severity is None and command.priority is None and command.cvss is None and command.exploited is None:
            raise Rejected("nothing_said", "override needs severity, priority, cvss or exploited")
        if command.until is not None and command.until.timestamp() <= now:
            raise Rejected("over", "until is in the past")
        if command.severity or command.priority:
            record.override = {
                "severity": command.severity,
                "priority": command.priority,
                "actor": command.actor,
                "reason": command.reason,
                "at": command.occurred_at.timestamp(),
                "until": command.until.timestamp() if command.until else 0.0,
            }
        record.cvss = record.cvss if command.cvss is None else command.cvss
        record.exploited = record.exploited if command.exploited is None else command.exploited
        return ""

    def _merge(self, record: Record, command: Command, now: float) -> str:
        into = self._other(record, command.into)
        reason = command.reason or f"merged by {command.actor}"
        self._regrouping.merge(record, into, now, reason=reason, by=command.actor)
        self._desk.audit(into, "merged", now, reason=reason, after={"merged": record.incident})
        return into.incident

    def _split(self, record: Record, command: Command, now: float) -> str:
        self._not_over(record)
        name = f"inc-{derived_id('split', record.project, command.id)[:12]}"
        made = self._regrouping.split(record, list(command.evidence), now, new=name, by=command.actor)
        self._desk.audit(made, "opened", now, reason=f"split off {record.incident} by {command.actor}")
        record.related = [*record.related, name][-20:]
        return name

    def _move(self, record: Record, command: Command, now: float) -> str:
        self._not_over(record)
        into = self._other(record, command.into)
        reason = command.reason or f"moved by {command.actor}"
        self._regrouping.move(record, into, list(command.evidence), by=command.actor, reason=reason)
        self._desk.audit(into, "evidence_added", now, reason=reason, after={"evidence": ", ".join(command.evidence)})
        return into.incident

    def _take_back(self, record: Record, command: Command, now: float) -> str:
        key = f"{record.project}|{command.command}"
        known = self._memories.obeyed.get(key)
        if known is None or known.incident != record.incident or known.action in {"take_back", *FREE}:
            raise Rejected("unknown_command", f"{record.incident} knows no command {command.command} to take back")
        if known.taken_back:
            raise Rejected("taken_back", f"{command.command} was taken back already")
        if known.action == "merge":
            self._regrouping.unmerge(record, now)
            record.until = known.before["until"]
        elif known.action in {"split", "move"}:
            self._gather_again(record, known, now)
        else:
            self._restore(record, known, now)
        if known.acknowledged_at and record.acknowledged_at == known.acknowledged_at:
            record.acknowledged_at = 0.0
        known.taken_back = True
        self._memories.obeyed.touch(key)
        return str(known.other)

    def _gather_again(self, record: Record, known: Obeyed, now: float) -> None:
        """Bring back what was split off or moved."""
        other = self._desk.book.root(known.other)
        if other is None or other.over:
            raise Rejected("wrong_state", f"{known.other} is over; what was moved there stays")
        if known.action == "split":
            self._regrouping.merge(other, record, now, reason="the split was taken back", by="system", back=True)
            self._desk.audit(other, "merge", now, reason="the split was taken back", after={"state": other.state})
            return
        names = [name for name in known.evidence if name in other.evidence]
        self._regrouping.move(other, record, names, by="system", reason="the move was taken back", back=True)

    def _restore(self, record: Record, known: Obeyed, now: float) -> None:
        """Put back the values that the command changed, and the state if nothing has changed that since."""
        if known.before["state"] != record.state:
            if known.state_version != record.state_version:
                raise Rejected("changed_meanwhile", f"{record.incident} has gone on since; command the state you want")
            if known.action == "noise":
                self._memories.mark_noise(record, -1)
            record.state, record.state_since, record.back_to = known.before["state"], now, ""
            record.closed_reason = ""
            _forget_the_end(record, now)
        for name in VALUES:
            setattr(record, name, known.before[name])

    def _other(self, record: Record, name: str | None) -> Record:
        other = self._desk.book.root(name or "")
        if other is None or other.project != record.project:
            raise Rejected("unknown_incident", elsewhere(other, record.project, name or ""))
        return other

    @staticmethod
    def _not_over(record: Record) -> None:
        if record.over:
            raise Rejected("wrong_state", f"{record.incident} is {record.state}; reopen it first")


def elsewhere(other: Record | None, project: str, name: str) -> str:
    """That a project has no such incident, and which has, if it is one of the same tenant."""
    said = f"{project} has no incident {name}"
    if other is None or other.project.partition("/")[0] != project.partition("/")[0]:
        return said
    return f"{said}; it is one of {other.project}, and a command is for incidents of one project"


def _forget_the_end(record: Record, now: float) -> None:
    """Let the times of its end follow a state that was put back."""
    ended = record.state in {"resolved", "closed"}
    record.resolved_at = (record.resolved_at or now) if ended else 0.0
    if not ended and record.state not in {"fix_deployed", "verifying"}:
        record.fixed_at = 0.0
