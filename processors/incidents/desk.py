"""Where incidents are changed: every change is audited, ranked anew and told."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from contracts.agreements import Agreements, Project
from contracts.audit import AuditEntry
from contracts.cloudevents import derived_id
from contracts.commands import Command
from contracts.event import Event
from contracts.incidents import TimeTarget
from contracts.scoring import PRIORITIES, Priority
from processors.incidents import lifecycle
from processors.incidents.behind import behind
from processors.incidents.book import Book
from processors.incidents.calls import Calls
from processors.incidents.chain import linked
from processors.incidents.complaints import Complaints
from processors.incidents.people import People, hashed
from processors.incidents.record import Record
from processors.incidents.targets import moment, targets_of
from processors.incidents.tell import decided, incident_of, score_now
from processors.incidents.titles import title_of
from processors.runtime.tables import State

EVERY_S = 5.0
"""Numbers that only grow are told so often at the most; what changes the list is told at once."""
WORTH_TELLING = 1.0
"""Points by which the order has to change before time alone is a reason to tell an incident again."""
AT_ONCE = 50
"""Incidents that are told at one tick because their time has come."""
SYSTEM = "system"
LONGEST = 8_000


class Look(NamedTuple):
    """What a look at an incident shows."""

    targets: tuple[TimeTarget, ...]
    changed: bool


class Desk:
    """The incidents of one partition with all they rest on; what is to be told collects until it is taken."""

    def __init__(self, state: State, agreements: Agreements) -> None:
        self.book, self.calls, self.complaints = Book(state), Calls(state), Complaints(state)
        self._agreements = agreements
        self._told: list[Event] = []
        self._urgent: dict[str, None] = {}
        self.touched: dict[str, None] = {}
        """Incidents that changed since the clock looked at them last."""
        self.left: dict[str, None] = {}
        """Incidents that complaints were taken away from: who reports them is counted anew."""
        self.regathered: dict[str, bool] = {}
        """Incidents whose evidence went or came, and whether a person brought what few may read (see `restrict`)."""
        self.emptied: dict[str, str] = {}
        """Incidents whose only evidence, a group, went to another one."""

    def agreed(self, project: str) -> Project:
        """What was agreed for a project."""
        return self._agreements.of(project)

    def keep(self, record: Record, *, urgent: bool = False) -> None:
        """Note that an incident changed; ``urgent`` when it has to be told at once."""
        record.changed = True
        self.book.put(record)
        self.touched[record.incident] = None
        if urgent:
            self._urgent[record.incident] = None

    def regather(self, record: Record, *, restricted: bool = False) -> None:
        """Note that evidence of an incident went or came, perhaps from one that few may read."""
        self.regathered[record.incident] = restricted or self.regathered.get(record.incident, False)

    def audit(
        self,
        record: Record,
        action: str,
        now: float,
        *,
        reason: str = "",
        before: dict[str, str] | None = None,
        after: dict[str, str] | None = None,
        command: Command | None = None,
        refusal: str | None = None,
    ) -> AuditEntry:
        """Add an entry to the chain of an incident."""
        tenant, project, environment = record.project.split("/", 2)
        entry = AuditEntry.model_validate(
            {
                "id": derived_id("audit", record.incident, record.sequence),
                "occurred_at": command.occurred_at if command else moment(now),
                "tenant": tenant,
                "project": project,
                "environment": environment,
                "subject": "incident",
                "subject_id": record.incident,
                "action": action,
                "actor": command.actor if command else SYSTEM,
                "accepted": refusal is None,
                "command": command.id if command else None,
                "reason": (command.reason if command else reason[:LONGEST]) or None,
                "refusal": refusal,
                "before": {name: said[:LONGEST] for name, said in (before or {}).items()},
                "after": {name: said[:LONGEST] for name, said in (after or {}).items()},
                "incident": record.incident,
                "restricted": record.restricted,
            }
        )
        entry = linked(entry, record.sequence, record.chain)
        record.sequence += 1
        record.chain = entry.link.hash if entry.link else ""
        self._told.append(entry)
        self.keep(record)
        return entry

    def answer(self, entry: AuditEntry) -> None:
        """Tell an answer that stands in no chain."""
        self._told.append(entry)

    def step(self, record: Record, change: str, now: float, *, reason: str, until: float = 0.0) -> None:
        """Let the system itself change the state of an incident."""
        before = record.state
        lifecycle.step(record, change, now, until=until)
        self.audit(record, change, now, reason=reason, before={"state": before}, after={"state": record.state})
        self.keep(record, urgent=True)

    def tell_due(self, now: float) -> None:
        """Tell incidents of which something that is not urgent changed, when their time has come: some at a time."""
        due = (name for name in self.book.untold if now >= self._told_at(name) + EVERY_S)
        for name in list(islice(due, AT_ONCE)):
            self._urgent[name] = None

    def take_told(self, now: float) -> list[Event]:
        """What was told since the last call, incidents with an urgent change last."""
        self._count_reporters_anew()
        urgent, self._urgent = self._urgent, {}
        for name in urgent:
            record = self.book.get(name)
            if record is not None and record.changed:
                self._tell(record, now)
        told, self._told = self._told, []
        return told

    def _told_at(self, name: str) -> float:
        record = self.book.get(name)
        return record.told_at if record is not None else 0.0

    def _count_reporters_anew(self) -> None:
        left, self.left = self.left, {}
        for name in left:
            record = self.book.get(name)
            if record is not None:
                whole = self.book.root(name) or record
                part = "" if whole is record else name
                attached = (one for one in self.complaints.attached(whole.incident) if one.part == part)
                people = (one.reporter for one in attached if one.reporter)
                self.book.put_reporters(record, People(hashed(person) for person in people))

    def _tell(self, record: Record, now: float) -> None:
        agreed = self.agreed(record.project)
        score = score_now(record, self.book, self.complaints, agreed, now)
        severity, priority = decided(record, score, now)
        self._note_priority(record, priority, now)
        groups = record.own("group") or record.proofs("group")
        biggest = max(groups, key=lambda proof: (proof.count, proof.id), default=None)
        facts = self.complaints.group(record.project, biggest.id.partition(":")[2]) if biggest else None
        shown = facts if record.restricted or facts is None or not facts.restricted else None
        record.title = title_of(record, shown)
        record.revision += 1
        record.said, record.told_at, record.changed = [priority, severity, score.order], now, False
        self.book.put(record)
        linked = behind(record, self.complaints, self.calls)
        told = incident_of(record, self.book, self.complaints, agreed=agreed, score=score, linked=linked, now=now)
        self._told.append(told)

    def _note_priority(self, record: Record, priority: Priority, now: float) -> None:
        if record.said and record.said[0] != priority and record.open:
            rises = PRIORITIES.index(priority) < PRIORITIES.index(record.said[0])
            self.audit(
                record, "priority_rises" if rises else "priority_falls", now, reason="computed from what is known now",
                before={"priority": record.said[0]}, after={"priority": priority},
            )  # fmt: skip

    def look_at(self, record: Record, now: float) -> Look:
        """How its time targets stand, and whether time alone changed the score so that it should be told."""
        agreed = self.agreed(record.project)
        score = score_now(record, self.book, self.complaints, agreed, now)
        severity, priority = decided(record, score, now)
        changed = bool(record.said) and (
            [priority, severity] != record.said[:2] or abs(score.order - record.said[2]) >= WORTH_TELLING
        )
        return Look(targets_of(record, severity, agreed.targets, now), changed)
