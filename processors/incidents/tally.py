"""What an incident counts: calls, people and reports, and the evidence that groups of reports are."""

from __future__ import annotations

from collections.abc import Iterable

from processors.incidents.calls import Call, sample_of
from processors.incidents.complaint import Complaint, GroupFacts
from processors.incidents.desk import Desk
from processors.incidents.facts import confidence_of_reports
from processors.incidents.memories import HIDDEN
from processors.incidents.record import Proof, Record

MOST_SAMPLES, MOST_MEMBERS, MOST_ROUTES, MOST_TITLE = 5, 500, 20, 120


class Tally:
    """It works on the incidents of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def call(self, record: Record, call: Call) -> None:
        """Count a call, and who made it."""
        changed = False
        if call.user:
            users = self._desk.book.users(record)
            if users.add(call.user):
                self._desk.book.put_users(record, users)
                changed = True
        if len(record.samples) < MOST_SAMPLES:
            record.samples.append(sample_of(call))
            changed = True
        route = call.dims.get("route")
        if route is not None and (route in record.routes or len(record.routes) < MOST_ROUTES):
            record.routes[route] = record.routes.get(route, 0) + 1
            changed = True
        if call.at > record.last_evidence_at:
            record.last_evidence_at = call.at
            changed = True
        if changed:
            self._desk.keep(record)

    def complaint(self, record: Record, complaint: Complaint) -> None:
        """Count a complaint that was attached."""
        record.feedback = [*record.feedback, complaint.id][-MOST_MEMBERS:]
        record.reports += 1
        record.severity_sum = round(record.severity_sum + complaint.severity, 4)
        if record.nature == "security":
            record.security = max(record.security, complaint.security)
        record.last_evidence_at = max(record.last_evidence_at, complaint.at)
        self.people(record, [complaint])
        self._prove(record, complaint.group)
        self._desk.keep(record)

    def leave(self, record: Record, complaint: Complaint) -> None:
        """Count a complaint no more."""
        self._desk.left[record.incident] = None
        if complaint.id in record.feedback:
            record.feedback.remove(complaint.id)
        record.reports = max(0, record.reports - 1)
        record.severity_sum = round(max(0.0, record.severity_sum - complaint.severity), 4)
        self._prove(record, complaint.group)
        self._desk.keep(record)

    def people(self, record: Record, complaints: Iterable[Complaint]) -> None:
        """Count who wrote complaints."""
        users, reporters = self._desk.book.users(record), self._desk.book.reporters(record)
        for complaint in complaints:
            reporters.add(complaint.reporter or complaint.id)
            users.add(complaint.reporter or complaint.id)
        self._desk.book.put_users(record, users)
        self._desk.book.put_reporters(record, reporters)

    def _prove(self, record: Record, group: str) -> None:
        """Bring the evidence of a group up to date; where none of it is left, that goes."""
        desk, name = self._desk, f"group:{group}"
        members = [one for one in desk.complaints.members(record.project, group) if one.incident == record.incident]
        if not members:
            if len(record.evidence) > 1:
                record.evidence.pop(name, None)
                desk.regather(record)
            return
        facts = desk.complaints.group(record.project, group)
        people = len({one.reporter or one.id for one in members})
        by_call = sum(one.by == "call" for one in members)
        known = record.evidence.get(name)
        before = desk.book.holding(record.project, name)
        if before is not None and before is not record and list(before.evidence) == [name]:
            desk.emptied[before.incident] = record.incident
        of = max(len(members), facts.reports if facts else 0)
        reason = f"the calls behind {by_call} of its {of} reports are calls of this incident"
        record.evidence[name] = Proof(
            kind="group",
            id=name,
            what=called(record, facts, members),
            reason=reason if by_call or known is None or known.by != "system" else known.reason,
            since=min(one.at for one in members),
            last_at=max(one.at for one in members),
            by=known.by if known else "system",
            active=False,
            confidence=round(confidence_of_reports(people), 4),
            count=len(members),
            people=people,
        )


def called(record: Record, facts: GroupFacts | None, members: list[Complaint]) -> str:
    """What people call it, unless that may speak of a weakness in an incident that everybody may read."""
    hidden = any(one.restricted for one in members) or (facts is not None and facts.restricted)
    if hidden and not record.restricted:
        return HIDDEN
    return facts.title if facts else members[0].text[:MOST_TITLE]
