"""Which calls show an incident, and whose complaints belong to it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable

from processors.incidents.awaited import Awaited
from processors.incidents.calls import Call
from processors.incidents.complaint import Complaint
from processors.incidents.concern import BEFORE_S, concern_of, lasts_at, may_concern, span
from processors.incidents.desk import Desk
from processors.incidents.parts import counting, holder, part_of, put_there
from processors.incidents.people import People
from processors.incidents.record import Record
from processors.incidents.tally import Tally
from processors.incidents.waiting import Waiting

MASS, AGAINST_OTHERS = 0.2, 0.65
"""Probability of all calls of an incident together, and against that of others, from which a complaint is about it.

Of simulated complaints without a name (seeds 3 and 7) 21 of 36 have that, of those about anything else 1 of 14.
"""
ELSEWHERE = 0.4
"""Probability of calls of no incident from which a complaint does not follow its group."""
FEWEST_VOTES = 2
AGREEING, OF_GROUP = 0.6, 0.2
"""A group goes to an incident when the calls behind its complaints do: most of those known, and enough of the group."""


class Settling:
    """It works on the incidents, calls and complaints of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._tally, self.waiting = desk, Tally(desk), Waiting(desk)
        self._awaited = Awaited(desk.calls, desk.complaints)
        self.regrouped: dict[tuple[str, str], None] = {}
        """Groups whose complaints were looked at since this was last emptied."""

    def call(self, project: str, call: Call) -> None:
        """Count a new failing or slow call where it belongs, and the complaints that named it before it came."""
        for record in self._desk.book.concerned(project, call.dims, slow=call.slow, failed=call.failed):
            for one in counting(self._desk.book, record, call):
                if lasts_at(one, call.at):
                    self._tally.call(one, call)
        self.waiting.call(project, call)
        self.settle(project, self._awaited.come(project, call.call))

    def complaint(self, project: str, complaint: Complaint) -> None:
        """Put a new complaint, or what is known of one now, where it belongs."""
        self._awaited.note(project, complaint)
        self.settle(project, [complaint])

    def begin(self, record: Record) -> None:
        """Count the calls of the last while for a new incident; complaints about these, and only they, may be its."""
        shown = self._count_calls(record)
        self._settle_anew(record, lambda complaint: self._may_be_of(record, complaint, shown))

    def look_back(self, record: Record) -> None:
        """Count the calls of the last while anew: more is known of the cause of an incident."""
        self._count_calls(record)
        self._settle_anew(record, lambda complaint: bool(complaint.call or complaint.candidates))

    def _count_calls(self, record: Record) -> set[str]:
        """Ids of the remembered calls that show it."""
        desk, (since, until), shows = self._desk, span(record), concern_of(record, own=True)
        desk.book.put_users(record, People())
        record.samples, record.routes = [], {}
        shown = set()
        for call in desk.calls.of(record.project):
            if since <= call.at <= until and shows(call.dims, slow=call.slow, failed=call.failed):
                self._tally.call(record, call)
                shown.add(call.call)
        self.waiting.count(record)
        return shown

    def _settle_anew(self, record: Record, may_come: Callable[[Complaint], bool]) -> None:
        desk = self._desk
        own = desk.complaints.attached(record.incident)
        others = [
            one for one in desk.complaints.of(record.project) if one.incident != record.incident and may_come(one)
        ]
        self.settle(record.project, [*own, *others])
        self._tally.people(record, [one for one in desk.complaints.attached(record.incident) if not one.part])

    def _may_be_of(self, record: Record, complaint: Complaint, shown: Container[str]) -> bool:
        """Whether its call, or one that may be behind it, is of those, or is not remembered and like them."""
        if complaint.call is None:
            return any(call in shown for call, _ in complaint.candidates)
        if complaint.call in shown:
            return True
        forgotten = self._desk.calls.get(record.project, complaint.call) is None
        return forgotten and may_concern(record, complaint)

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
        opener = holder(desk.book, own, f"group:{group}") if own is not None else None
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
        return own if own is not None and opener is not None and not own.over and not opener.proofs("finding") else None

    def _put(self, project: str, complaint: Complaint) -> None:
        """Attach one complaint, or take it away from where it no longer belongs."""
        if complaint.by == "person" or self._is_forgotten(project, complaint):
            return
        record, by = self._decided(project, complaint.group), "group"
        if record is None:
            record, by = self._choose(project, complaint), "call"
        if record is None:
            home, by = self.home_of(project, complaint.group), "group"
            record = home if home is not None and self._follows(project, complaint, home) else None
        self.attach(project, complaint, record, by)

    def _is_forgotten(self, project: str, complaint: Complaint) -> bool:
        """Whether it went where the calls that may be behind it are, and none of these is remembered any more."""
        if complaint.by != "call" or complaint.call is not None or self._desk.book.get(complaint.incident) is None:
            return False
        return all(self._desk.calls.get(project, call) is None for call, _ in complaint.candidates)

    def _decided(self, project: str, group: str) -> Record | None:
        """The incident into which a person put its group."""
        own = self._desk.book.holding(project, f"group:{group}")
        return own if own is not None and put_there(self._desk.book, own, f"group:{group}") else None

    def _follows(self, project: str, complaint: Complaint, home: Record) -> bool:
        """Whether it goes where its group goes: not when it is likelier about a call that failed for another reason."""
        if complaint.at < home.onset - BEFORE_S:
            return False
        if not holder(self._desk.book, home, f"group:{complaint.group}").proofs("finding"):
            return complaint.complains or home.nature == "request"
        if not complaint.complains:
            return False
        mass = self._mass(project, complaint)
        elsewhere = sum(mass.values()) - mass.get(home.incident, 0.0)
        against = elsewhere >= ELSEWHERE and mass.get(home.incident, 0.0) < AGAINST_OTHERS * elsewhere
        return complaint.tie in {None, "anonymous"} and not against

    def attach(self, project: str, complaint: Complaint, record: Record | None, by: str) -> None:
        """Attach a complaint to an incident, or to none."""
        before = complaint.incident
        if before == (record.incident if record else "") and (not before or complaint.part or complaint.by == by):
            return
        book, left, from_part = self._desk.book, None, complaint.part
        if before:
            left = book.get(before)
        part = (
            part_of(book, self._desk.calls, record, complaint, by) if record is not None and left is not record else ""
        )
        self._desk.complaints.attach(project, complaint, record.incident if record else "", by, part)
        if left is not None and left is not record and left.state != "merged":  # that keeps what it had
            self._tally.leave(left, complaint, from_part)
        if record is not None and left is not record:
            self._tally.complaint(record, complaint)

    def _choose(self, project: str, complaint: Complaint) -> Record | None:
        """The incident that the call behind it shows: of several, the one that says most precisely which calls."""
        if complaint.call is None:
            return self._likeliest(project, complaint) if complaint.complains else None
        call = self._desk.calls.get(project, complaint.call)
        if call is not None:
            found = self._concerned(project, call)
            return found[0] if found else None
        known = tuple(complaint.known.items())
        touched = self._desk.book.touching(project, known) if known else []
        may = [record for record in touched if not record.over and may_concern(record, complaint)]
        return min(may, key=lambda record: (-len(record.cause), record.opened_at, record.incident), default=None)

    def _likeliest(self, project: str, complaint: Complaint) -> Record | None:
        """The incident that the calls which may be behind it speak for together, against those of none."""
        mass = self._mass(project, complaint)
        others = mass.pop("", 0.0)
        best = max(sorted(mass), key=lambda name: mass[name], default="")
        if not best or mass[best] < MASS or mass[best] < AGAINST_OTHERS * (others + sum(mass.values()) - mass[best]):
            return None
        return self._desk.book.get(best)

    def _mass(self, project: str, complaint: Complaint) -> dict[str, float]:
        """Probability by incident of the calls that may be behind it; an empty name stands for no incident."""
        mass: dict[str, float] = {}
        for name, probability in complaint.candidates:
            call = self._desk.calls.get(project, name)
            records = [] if call is None else self._concerned(project, call)
            at = records[0].incident if records else ""
            mass[at] = mass.get(at, 0.0) + probability
        return mass

    def _concerned(self, project: str, call: Call) -> list[Record]:
        """Incidents that a call shows, the one that says most precisely which calls first."""
        found = self._desk.book.concerned(project, call.dims, slow=call.slow, failed=call.failed)
        lasting = (record for record in found if lasts_at(record, call.at))
        return sorted(lasting, key=lambda record: (-len(record.cause), record.opened_at, record.incident))
