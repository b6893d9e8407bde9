"""Which calls show an incident, and whose complaints belong to it."""

from __future__ import annotations

from collections.abc import Iterable

from processors.incidents.book import concerns
from processors.incidents.calls import Call, sample_of
from processors.incidents.complaint import Complaint
from processors.incidents.desk import Desk
from processors.incidents.dimensions import may_select
from processors.incidents.evidence import SLOWNESS
from processors.incidents.facts import confidence_of_reports
from processors.incidents.people import People
from processors.incidents.record import Proof, Record

BEFORE_S = 120.0
"""The onset is known to a window or two, and clocks differ."""
MOST_SAMPLES, MOST_MEMBERS, MOST_ROUTES = 5, 500, 20
FEWEST_VOTES = 2
AGREEING, OF_GROUP = 0.6, 0.2
"""A group goes to an incident when the calls behind its complaints do: most of those known, and enough of the group."""


class Settling:
    """It works on the incidents, calls and complaints of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.regrouped: dict[tuple[str, str], None] = {}
        """Groups whose complaints were looked at since this was last emptied."""

    def call(self, project: str, call: Call) -> None:
        """Count a new failing or slow call where it belongs; complaints that came before it follow."""
        for record in self._desk.book.concerned(project, call.dims, slow=call.slow, failed=call.failed):
            if _lasts_at(record, call.at):
                self._count(record, call)

    def look_back(self, record: Record) -> None:
        """Count the calls of the last while anew: the incident is new, or more is known of its cause."""
        desk = self._desk
        desk.book.put_users(record, People())
        record.samples, record.routes = [], {}
        for call in desk.calls.of(record.project):
            if _lasts_at(record, call.at) and concerns(record, call.dims, slow=call.slow, failed=call.failed):
                self._count(record, call)
        own = desk.complaints.attached(record.incident)
        others = [one for one in desk.complaints.of(record.project) if one.call and one.by in {"", "group"}]
        self.settle(record.project, [*own, *others])
        self._count_people(record, desk.complaints.attached(record.incident))

    def settle(self, project: str, complaints: Iterable[Complaint]) -> None:
        """Put complaints where they belong now; groups whose complaints say so follow as a whole."""
        groups: dict[str, None] = {}
        for complaint in complaints:
            self._put(project, complaint)
            groups[complaint.group] = None
        for group in groups:
            self.group(project, group)

    def group(self, project: str, group: str) -> None:
        """Let what its complaints have in common decide for those that have no call of their own."""
        self.regrouped[project, group] = None
        home = self.home_of(project, group)
        for complaint in self._desk.complaints.members(project, group):
            if complaint.by in {"", "group"} and complaint.incident != (home.incident if home else ""):
                self._put(project, complaint)

    def home_of(self, project: str, group: str) -> Record | None:
        """The incident that a group belongs to: as a person decided, as its calls say, or the one it opened."""
        desk = self._desk
        decided = self._decided(project, group)
        if decided is not None:
            return decided
        own = desk.book.holding(project, f"group:{group}")
        votes = desk.complaints.votes(project, group)
        best = max(sorted(votes), key=lambda name: votes[name], default=None)
        if best is not None:
            count, known = votes[best], sum(votes.values())
            if (
                count >= FEWEST_VOTES
                and count >= AGREEING * known
                and count >= OF_GROUP * desk.complaints.size(project, group)
            ):
                return desk.book.root(best)
        return own if own is not None and not own.proofs("finding") and not own.over else None

    def _put(self, project: str, complaint: Complaint) -> None:
        """Attach one complaint, or take it away from where it no longer belongs."""
        if complaint.by == "person":
            return
        record, by = self._decided(project, complaint.group), "group"
        if record is None:
            record, by = self._choose(project, complaint), "call"
        if record is None and complaint.complains:
            home, by = self.home_of(project, complaint.group), "group"
            record = home if home is not None and _follows(complaint, home) else None
        self.attach(project, complaint, record, by)

    def _decided(self, project: str, group: str) -> Record | None:
        """The incident into which a person put its group."""
        own = self._desk.book.holding(project, f"group:{group}")
        return own if own is not None and own.evidence[f"group:{group}"].by != "system" else None

    def attach(self, project: str, complaint: Complaint, record: Record | None, by: str) -> None:
        """Attach a complaint to an incident, or to none."""
        before = complaint.incident
        if before == (record.incident if record else "") and (not before or complaint.by == by):
            return
        left = self._desk.book.get(before) if before else None
        self._desk.complaints.attach(project, complaint, record.incident if record else "", by)
        if left is not None and left is not record and left.state != "merged":  # that keeps what it had
            self._uncount(left, complaint)
        if record is not None and left is not record:
            self._count_complaint(record, complaint)

    def _choose(self, project: str, complaint: Complaint) -> Record | None:
        """The incident that the call behind it shows: of several, the one that says most precisely which calls."""
        if complaint.call is None:
            return None
        book = self._desk.book
        call = self._desk.calls.get(project, complaint.call)
        if call is not None:
            found = [
                record
                for record in book.concerned(project, call.dims, slow=call.slow, failed=call.failed)
                if _lasts_at(record, call.at)
            ]
        else:
            found = [record for record in book.of(project) if not record.over and self._may_concern(record, complaint)]
        return min(found, key=lambda record: (-len(record.cause), record.opened_at, record.incident), default=None)

    @staticmethod
    def _may_concern(record: Record, complaint: Complaint) -> bool:
        """Whether the call behind it may be one of these, when only what the link says is known."""
        if complaint.at < record.onset - BEFORE_S:
            return False
        kinds = {proof.finding for proof in record.proofs("finding")}
        waits = bool(kinds & SLOWNESS) and complaint.slow
        if waits and complaint.known.get("upstream") in record.victims:
            return True
        fits = not kinds or waits or (complaint.failed and bool(kinds - SLOWNESS))
        return fits and any(may_select(cause, complaint.known) for cause in (record.cause, *record.also))

    def _count(self, record: Record, call: Call) -> None:
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

    def _count_complaint(self, record: Record, complaint: Complaint) -> None:
        record.feedback = [*record.feedback, complaint.id][-MOST_MEMBERS:]
        record.reports += 1
        record.severity_sum = round(record.severity_sum + complaint.severity, 4)
        if record.nature == "security":
            record.security = max(record.security, complaint.security)
        record.restricted = record.restricted or complaint.restricted
        record.last_evidence_at = max(record.last_evidence_at, complaint.at)
        self._count_people(record, [complaint])
        self._prove(record, complaint.group)
        self._desk.keep(record)

    def _uncount(self, record: Record, complaint: Complaint) -> None:
        if complaint.id in record.feedback:
            record.feedback.remove(complaint.id)
        record.reports = max(0, record.reports - 1)
        record.severity_sum = round(max(0.0, record.severity_sum - complaint.severity), 4)
        self._prove(record, complaint.group)
        self._desk.keep(record)

    def _count_people(self, record: Record, complaints: Iterable[Complaint]) -> None:
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
            return
        facts = desk.complaints.group(record.project, group)
        people = len({one.reporter or one.id for one in members})
        by_call = sum(one.by == "call" for one in members)
        known = record.evidence.get(name)
        of = max(len(members), facts.reports if facts else 0)
        reason = f"the calls behind {by_call} of its {of} reports are calls of this incident"
        record.evidence[name] = Proof(
            kind="group",
            id=name,
            what=facts.title if facts else members[0].text[:120],
            reason=reason if by_call or known is None or known.by != "system" else known.reason,
            since=min(one.at for one in members),
            last_at=max(one.at for one in members),
            by=known.by if known else "system",
            active=False,
            confidence=round(confidence_of_reports(people), 4),
            count=len(members),
            people=people,
        )


def _follows(complaint: Complaint, home: Record) -> bool:
    """Whether it goes where its group goes: not when it is surely about a call that failed for another reason."""
    elsewhere = complaint.tie not in {None, "anonymous"} and bool(home.proofs("finding"))
    return complaint.at >= home.onset - BEFORE_S and not elsewhere


def _lasts_at(record: Record, at: float) -> bool:
    """Whether a call at that time may show it: after its findings are over, only what is usual still fails."""
    findings = [*record.proofs("finding"), *record.proofs("alert")]
    ends = [proof.last_at for proof in findings if not proof.active]
    over = len(ends) == len(findings) and bool(ends) and at > max(ends) + BEFORE_S
    return at >= record.onset - BEFORE_S and not over
