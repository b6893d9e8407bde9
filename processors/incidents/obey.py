"""What people and systems command about incidents: each is answered once, and most can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from contracts.audit import AuditEntry
from contracts.cloudevents import derived_id, rfc3339
from contracts.commands import Command
from contracts.errors import Rejected
from processors.incidents.deeds import FREE, Deeds, elsewhere, values_of
from processors.incidents.desk import Desk
from processors.incidents.memories import Memories, Obeyed, Quiet
from processors.incidents.record import Record
from processors.incidents.regroup import Regrouping
from processors.runtime.stage import Skipped


class Obeying:
    """The commands of one partition's projects."""

    def __init__(self, desk: Desk, memories: Memories, regrouping: Regrouping) -> None:
        self._desk, self._memories = desk, memories
        self._deeds = Deeds(desk, memories, regrouping)

    def obey(self, command: Command, now: float) -> None:
        """Do it, or say why not; the answer is an audit entry. Raise `Skipped` for one that was answered before."""
        project = command.place
        if f"{project}|{command.id}" in self._memories.obeyed:
            raise Skipped("repeat")
        record = self._desk.book.get(command.incident) if command.incident else None
        try:
            if command.action == "quiet":
                self._quiet(project, command, now)
                return
            self._change(_known(record, project, command), command, now)
        except Rejected as refused:
            self._refuse(record, project, command, f"{refused.reason}: {refused.detail}", now)

    def _change(self, record: Record, command: Command, now: float) -> None:
        if command.action not in FREE and command.state_version != record.state_version:
            said = "none" if command.state_version is None else str(command.state_version)
            raise Rejected(
                "changed_meanwhile",
                f"{record.incident} is {record.state}, at state_version {record.state_version}; the command saw {said}",
            )
        before, version, acknowledged = values_of(record), record.state_version, record.acknowledged_at
        other = self._deeds.do(record, command, now)
        if command.action not in FREE and record.state_version == version:
            record.state_version += 1
        after = values_of(record)
        note = Obeyed(command.action, record.incident, other, before, record.state_version, list(command.evidence))
        note.acknowledged_at = 0.0 if acknowledged else record.acknowledged_at
        self._memories.obeyed[f"{record.project}|{command.id}"] = note
        changed = {name: (_said(before[name]), _said(after[name])) for name in after if before[name] != after[name]}
        changed |= {name: (_moment(before[name]), _moment(after[name])) for name in changed.keys() & {"until"}}
        told = {name: pair[1] for name, pair in changed.items()} | ({"incident": other} if other else {})
        self._desk.audit(
            record, command.action, now, command=command,
            before={name: pair[0] for name, pair in changed.items()}, after=told,
        )  # fmt: skip
        self._desk.keep(record, urgent=True)

    def _quiet(self, project: str, command: Command, now: float) -> None:
        until = command.until.timestamp() if command.until else 0.0
        self._memories.expect(project, Quiet(until, now, command.service or "", command.reason or ""))
        self._memories.obeyed[f"{project}|{command.id}"] = Obeyed("quiet", "", "", {}, 0)
        until_said = datetime.fromtimestamp(until, UTC).isoformat()
        after = {"quiet_until": until_said, "service": command.service or "every one"}
        self._desk.answer(_outside(command, accepted=True, after=after))

    def _refuse(self, record: Record | None, project: str, command: Command, refusal: str, now: float) -> None:
        if record is not None and record.project == project:
            state = {"state": record.state, "state_version": str(record.state_version)}
            self._desk.audit(record, command.action, now, command=command, refusal=refusal, before=state)
        else:
            self._desk.answer(_outside(command, accepted=False, refusal=refusal))
        self._memories.obeyed[f"{project}|{command.id}"] = Obeyed("refused", command.incident or "", "", {}, 0)


def _said(value: Any) -> str:
    """A value in words; of what a person set instead of the computed ones, only that."""
    if isinstance(value, dict):
        return " ".join(str(value[name]) for name in ("severity", "priority") if value.get(name))
    return "" if value is None else str(value)


def _moment(seconds: float) -> str:
    return rfc3339(datetime.fromtimestamp(seconds, UTC)) if seconds else ""


def _known(record: Record | None, project: str, command: Command) -> Record:
    if record is None or record.project != project:
        raise Rejected("unknown_incident", elsewhere(record, project, command.incident or ""))
    return record


def _outside(
    command: Command, *, accepted: bool, refusal: str | None = None, after: dict[str, str] | None = None
) -> AuditEntry:
    """The answer to a command that concerns no incident there is."""
    return AuditEntry.model_validate(
        {
            "id": derived_id("audit", command.tenant, command.project, command.environment, command.id),
            "occurred_at": command.occurred_at,
            "tenant": command.tenant,
            "project": command.project,
            "environment": command.environment,
            "subject": "incident" if command.incident else "project",
            "subject_id": command.incident or command.project,
            "action": command.action,
            "actor": command.actor,
            "accepted": accepted,
            "command": command.id,
            "reason": command.reason,
            "refusal": refusal,
            "after": after or {},
        }
    )
