"""Which incidents few may read: those that only people speak of, while one of their groups is restricted."""

from __future__ import annotations

from processors.incidents.complaint import Complaint
from processors.incidents.desk import Desk
from processors.incidents.memories import HIDDEN
from processors.incidents.record import Record
from processors.incidents.ripe import nature_of_group
from processors.incidents.tally import called

MAY_SPEAK = "one of its reports may speak of a weakness"
SPEAKS_NOT = "none of its reports speaks of a weakness, as people judged them or moved them"


class Restricting:
    """It works on the incidents of a desk.

    A report of a weakness does not hide a malfunction that findings or alerts show: there only its own words are left
    out. Where a restricted group came by a person's decision, it hides whatever it came to.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def settle(self, record: Record, now: float, *, whole: bool = False) -> bool:
        """Restrict an incident, or lift that, as its groups are now; whether that changed anything.

        ``whole`` says that a person brought a restricted group here: then it hides findings as well.
        """
        hidden = self._is_hidden(record)
        if record.restricted == hidden or (hidden and not whole and not _is_of_people(record)):
            return False
        record.restricted = hidden
        self._change_nature(record)
        for name in list(record.evidence):
            self.entitle(record, name.removeprefix("group:"))
        self._desk.audit(
            record, "restrict" if hidden else "lift_restriction", now,
            reason=MAY_SPEAK if hidden else SPEAKS_NOT,
            before={"restricted": str(not hidden)}, after={"restricted": str(hidden)},
        )  # fmt: skip
        self._desk.keep(record, urgent=True)
        self.settle_parts(record, now)
        return True

    def settle_parts(self, record: Record, now: float) -> None:
        """Do so with what was merged into it, which keeps its own evidence."""
        book = self._desk.book
        for other in book.of(record.project):
            if other.merged_into == record.incident:
                self.settle(other, now)
                self.settle_parts(other, now)

    def settle_changed(self, now: float) -> None:
        """Do so with incidents whose evidence went or came."""
        changed, self._desk.regathered = self._desk.regathered, {}
        for name, whole in changed.items():
            record = self._desk.book.get(name)
            if record is not None:
                self.settle(record, now, whole=whole)

    def entitle(self, record: Record, group: str, members: list[Complaint] | None = None) -> None:
        """Call a group as its reports and the incident allow; ``members`` are those that are remembered, if known."""
        desk, proof = self._desk, record.evidence.get(f"group:{group}")
        if proof is None:
            return
        facts = desk.complaints.group(record.project, group)
        members = desk.complaints.members(record.project, group) if members is None else members
        if facts is None and not members:
            return
        what = called(record, facts, members)
        if what != proof.what:
            urgent = HIDDEN in {what, proof.what}
            proof.what = what
            desk.keep(record, urgent=urgent)

    def complaint(self, project: str, before: Complaint | None, complaint: Complaint) -> None:
        """Have words told, or told no more, when few may read a complaint that all could, or the other way."""
        if before is None or not (before.restricted or complaint.restricted):
            return
        if (before.restricted, before.group) == (complaint.restricted, complaint.group):
            return
        book = self._desk.book
        for group in dict.fromkeys((before.group, complaint.group)):
            holding = book.holding(project, f"group:{group}")
            if holding is not None:
                self.entitle(holding, group)
        record = book.get(complaint.incident) if complaint.incident else None
        if record is not None:
            self._weigh(record)
            self._desk.keep(record, urgent=True)

    def _weigh(self, record: Record) -> None:
        """How likely a weakness is, by the reports that few may read."""
        if record.restricted and record.nature == "security":
            attached = self._desk.complaints.attached(record.incident)
            record.security = max((one.security for one in attached if one.restricted), default=record.security)

    def _is_hidden(self, record: Record) -> bool:
        """Whether one of its groups is restricted; one that is known no more lifts nothing, and hides nothing."""
        groups = [self._desk.complaints.group(record.project, name) for name in _groups(record)]
        return any(record.restricted if facts is None else facts.restricted for facts in groups)

    def _change_nature(self, record: Record) -> None:
        """Let an incident that only people speak of be about what they speak of now."""
        if not _is_of_people(record):
            return
        groups = sorted(record.evidence.values(), key=lambda proof: (-proof.count, proof.id))
        complaints = self._desk.complaints
        found = (complaints.group(record.project, proof.id.removeprefix("group:")) for proof in groups)
        biggest = next((facts for facts in found if facts is not None), None)
        if record.restricted:
            record.nature = "security"
            self._weigh(record)
        elif biggest is not None:
            record.nature, record.security = nature_of_group(biggest), 0.0


def _is_of_people(record: Record) -> bool:
    """Whether nothing but groups of reports shows it."""
    return all(proof.kind == "group" for proof in record.evidence.values())


def _groups(record: Record) -> list[str]:
    return [name.removeprefix("group:") for name, proof in record.evidence.items() if proof.kind == "group"]
