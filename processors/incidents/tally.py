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
            self._keep(record)

    def _keep(self, record: Record) -> None:
        """Keep what changed; of a part the whole is told."""
        whole = self._desk.book.root(record.incident)
        if whole is not None and whole is not record:
            self._desk.book.put(record)
        self._desk.keep(whole or record)

    def complaint(self, record: Record, complaint: Complaint) -> None:
        """Count a complaint that was attached, at its part and at every whole of that."""
        counted = self._counted(record, complaint.part)
        self.people(counted[0], [complaint])
        for one in counted:
            self.report(one, complaint)
            self.prove(one, complaint.group)
            self._keep(one)

    @staticmethod
    def report(record: Record, complaint: Complaint) -> None:
        """Count what it says, but not who wrote it."""
        record.feedback = [*record.feedback, complaint.id][-MOST_MEMBERS:]
        record.reports += 1
        record.anonymous += not complaint.reporter
        record.severity_sum = round(record.severity_sum + complaint.severity, 4)
        if record.nature == "security":
            record.security = max(record.security, complaint.security)
        record.last_evidence_at = max(record.last_evidence_at, complaint.at)

    @staticmethod
    def unreport(record: Record, complaint: Complaint) -> None:
        """Count no more what it says."""
        if complaint.id in record.feedback:
            record.feedback.remove(complaint.id)
        record.reports = max(0, record.reports - 1)
        record.anonymous = max(0, record.anonymous - (not complaint.reporter))
        record.severity_sum = round(max(0.0, record.severity_sum - complaint.severity), 4)

    def leave(self, record: Record, complaint: Complaint, part: str = "") -> None:
        """Count a complaint no more that was one of an incident, and of a part of it."""
        counted = self._counted(record, part)
        self._desk.left[counted[0].incident] = None
        for one in counted:
            self.unreport(one, complaint)
            self.prove(one, complaint.group)
            self._keep(one)

    def _counted(self, record: Record, part: str) -> list[Record]:
        """The part, what that is a part of, and so on up to the incident itself."""
        found, one = [], self._desk.book.get(part) if part else None
        while one is not None and one is not record:
            found.append(one)
            one = self._desk.book.get(one.merged_into)
        return [*found, record] if one is record else [record]

    def people(self, record: Record, complaints: Iterable[Complaint]) -> None:
        """Count who wrote complaints; whoever gives no name is affected as well, and no reporter that is known."""
        users, reporters = self._desk.book.users(record), self._desk.book.reporters(record)
        for complaint in complaints:
            if complaint.reporter:
                reporters.add(complaint.reporter)
            users.add(complaint.reporter or complaint.id)
        self._desk.book.put_users(record, users)
        self._desk.book.put_reporters(record, reporters)

    def prove(self, record: Record, group: str) -> None:
        """Bring the evidence of a group up to date; where none of it is left, that goes."""
        desk, name = self._desk, f"group:{group}"
        members = self._members(record, group)
        if not members:
            if len(record.evidence) > 1:
                record.evidence.pop(name, None)
                desk.regather(record)
            return
        facts = desk.complaints.group(record.project, group)
        people = {one.reporter for one in members if one.reporter}
        writers = len(people) + sum(not one.reporter for one in members)
        by_call = sum(one.by == "call" for one in members)
        known = record.evidence.get(name)
        before = desk.book.holding(record.project, name)
        if before is not None and not record.merged_into and before is not record and list(before.evidence) == [name]:
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
            confidence=round(confidence_of_reports(writers), 4),
            count=len(members),
            people=len(people),
            origin=self._origin(record, members),
        )

    def _members(self, record: Record, group: str) -> list[Complaint]:
        """The complaints of a group that belong to an incident; of a part, those that belong to that or its parts."""
        found = self._desk.complaints.members(record.project, group)
        if not record.merged_into:
            return [one for one in found if one.incident == record.incident]
        parts = {record.incident, *(part.incident for part in self._desk.book.parts(record))}
        return [one for one in found if one.part in parts]

    def _origin(self, record: Record, members: list[Complaint]) -> str:
        """The part that all of them belong to, if they do: the direct one."""
        for part in self._desk.book.parts(record):
            if part.merged_into == record.incident:
                of = {part.incident, *(one.incident for one in self._desk.book.parts(part))}
                if all(one.part in of for one in members):
                    return part.incident
        return ""


def called(record: Record, facts: GroupFacts | None, members: list[Complaint]) -> str:
    """What people call it, unless that may speak of a weakness in an incident that everybody may read."""
    hidden = any(one.restricted for one in members) or (facts is not None and facts.restricted)
    if hidden and not record.restricted:
        return HIDDEN
    if facts is not None:
        return facts.title
    return min(members, key=lambda one: (one.at, one.id)).text[:MOST_TITLE]
