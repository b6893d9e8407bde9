"""Groups of feedback: evidence of what their calls show, or incidents by themselves."""

from __future__ import annotations

from contracts.groups import FeedbackGroup
from processors.incidents.complaint import GroupFacts, facts_of
from processors.incidents.correlate import Place
from processors.incidents.desk import Desk
from processors.incidents.facts import confidence_of_reports
from processors.incidents.gather import Gathering
from processors.incidents.record import Proof, Record
from processors.incidents.regroup import Regrouping
from processors.incidents.restrict import Restricting
from processors.incidents.ripe import WAIT_S, is_ripe, nature_of_group
from processors.incidents.settle import Settling


def who(people: int, anonymous: int) -> str:
    """Who reported something: ``6 people and 4 without a name``."""
    said = [f"{people:,} {'person' if people == 1 else 'people'}"] if people or not anonymous else []
    return " and ".join([*said, f"{anonymous:,} without a name"] if anonymous else said)


class Grouped:
    """It works on the incidents of a desk."""

    def __init__(
        self, desk: Desk, settling: Settling, gathering: Gathering, regrouping: Regrouping, restricting: Restricting
    ) -> None:
        self._desk, self._settling, self._gathering, self._regrouping = desk, settling, gathering, regrouping
        self._restricting = restricting
        self._waiting = {
            (project, facts.group): facts.ripe_at
            for project, facts in desk.complaints.groups()
            if facts.ripe_at and desk.book.holding(project, f"group:{facts.group}") is None
        }

    def group(self, group: FeedbackGroup, now: float) -> None:
        """Take in a group as it is now; the time for an incident of its own begins when enough people report it."""
        project, facts = group.place, facts_of(group)
        known = self._desk.complaints.group(project, facts.group)
        if known is not None and known.group == facts.group:
            facts.ripe_at = known.ripe_at
        before = self._desk.complaints.told_last(project, facts.group)
        members = self._desk.complaints.members(project, facts.group)
        ripe = is_ripe(facts, max((one.security for one in members), default=0.0))
        if ripe and not facts.ripe_at:
            facts.ripe_at = facts.last_at
            self._waiting[project, facts.group] = facts.ripe_at
        if not ripe:
            facts.ripe_at = 0.0
            self._waiting.pop((project, facts.group), None)
        self._desk.complaints.put_group(project, facts)
        record = self._desk.book.holding(project, f"group:{facts.group}")
        if record is not None:
            self._restricting.entitle(record, facts.group, members)
            self._desk.keep(record)
            turned = before is not None and before.restricted != facts.restricted
            if not self._restricting.settle(record, now) and turned:
                self._restricting.settle_parts(record, now)
        self._settling.group(project, facts.group)

    def open_ripe(self, now: float) -> None:
        """Open incidents for groups that were ripe for long enough without telemetry showing the same."""
        for (project, name), ripe_at in list(self._waiting.items()):
            if now < ripe_at + WAIT_S:
                continue
            del self._waiting[project, name]
            facts = self._desk.complaints.group(project, name)
            if facts is None or facts.group != name or self._desk.book.holding(project, f"group:{name}") is not None:
                continue
            if self._settling.home_of(project, name) is None:
                self._open_group(project, facts, now)

    def _open_group(self, project: str, facts: GroupFacts, now: float) -> None:
        proof = Proof(
            kind="group",
            id=f"group:{facts.group}",
            what=facts.title,
            reason=f"{who(facts.reporters, facts.anonymous)} report the same",
            since=facts.first_at,
            last_at=facts.last_at,
            active=False,
            confidence=round(confidence_of_reports(facts.people), 4),
            count=facts.reports,
            people=facts.reporters,
        )
        record = self._gathering.open(project, proof, nature_of_group(facts), Place("opens", proof.reason), now)
        record.restricted = facts.restricted
        self._desk.keep(record, urgent=True)
        self._settling.group(project, facts.group)

    def follow_calls(self) -> None:
        """Let incidents that people opened become those that the calls behind their complaints show."""
        groups, self._settling.regrouped = self._settling.regrouped, {}
        for project, group in groups:
            own = self._desk.book.holding(project, f"group:{group}")
            home = self._settling.home_of(project, group)
            if own is not None and home is not None:
                self._follow(own, home)
        emptied, self._desk.emptied = self._desk.emptied, {}
        for name, into in emptied.items():
            own, home = self._desk.book.get(name), self._desk.book.root(into)
            if own is not None and home is not None:
                self._follow(own, home)

    def _follow(self, own: Record, home: Record) -> None:
        """Make an incident that nobody has touched, and that only one group speaks of, a part of another."""
        if own.nature != home.nature or own.restricted != home.restricted:
            return
        if own is home or home.over or own.proofs("finding") or own.state not in {"new", "triaged"}:
            return
        if any(proof.by != "system" for proof in own.evidence.values()) or len(own.proofs("group")) > 1:
            return
        self._regrouping.join(own, home, home.last_evidence_at, "the calls behind its complaints are calls of this one")
