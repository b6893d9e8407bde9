"""Incidents become one, or several: by themselves while nobody has touched them, and as people say."""

from __future__ import annotations

from dataclasses import replace

from contracts.errors import Rejected
from contracts.incidents import MOST_RELATED
from processors.incidents.correlate import BEFORE_S, common
from processors.incidents.desk import Desk
from processors.incidents.dimensions import Key
from processors.incidents.evidence import SLOWNESS
from processors.incidents.lifecycle import step
from processors.incidents.parts import put_back, set_aside
from processors.incidents.people import People
from processors.incidents.record import Record
from processors.incidents.settle import Settling
from processors.incidents.tally import Tally


class Regrouping:
    """It works on the incidents of a desk."""

    def __init__(self, desk: Desk, settling: Settling) -> None:
        self._desk, self._settling, self._tally = desk, settling, Tally(desk)

    def join(self, record: Record, into: Record, now: float, reason: str) -> None:
        """Let the system make one of two incidents."""
        before = record.state
        self.merge(record, into, now, reason=reason, by="system")
        self._desk.audit(
            record, "merge", now, reason=reason,
            before={"state": before}, after={"state": record.state, "merged_into": into.incident},
        )  # fmt: skip
        self._desk.audit(into, "merged", now, reason=reason, after={"merged": record.incident})

    def take_symptoms(self, record: Record, now: float) -> None:
        """Let incidents of services that only wait for this one become symptoms of it."""
        for other in list(self._desk.book.of(record.project)):
            service = dict(other.cause).get("upstream")
            waits = other is not record and not other.over and service in record.victims and service is not None
            slow = {proof.finding for proof in other.proofs("finding")} <= SLOWNESS
            follows = not other.victims and other.onset >= record.onset - BEFORE_S
            if waits and slow and follows and other.state in {"new", "triaged"} and other.nature == record.nature:
                self.join(other, record, now, f"{service} waits for it")
                for name in other.evidence:
                    record.evidence[name].role = "symptom"
                record.cause = common(record.own("finding"), record.cause)
                self._desk.keep(record)

    def merge(self, record: Record, into: Record, now: float, *, reason: str, by: str, back: bool = False) -> None:
        """Make ``record`` a part of ``into``, which gets its evidence; it keeps its own, to be taken back.

        What comes ``back`` from a split may be read by others than the rest by now: few may read the whole then.
        """
        if record is into:
            raise Rejected("same_incident", f"{record.incident} is {into.incident}")
        if into.over:
            raise Rejected("wrong_state", f"{into.incident} is {into.state}; reopen it first")
        if record.project != into.project:
            raise Rejected("not_alike", "incidents of two projects are not merged")
        if record.restricted != into.restricted and not back:
            raise Rejected("not_alike", "what few may read is not merged with what everybody may")
        step(record, "merge", now)
        part = by != "system"
        lent = [victim for victim in record.victims if victim not in into.victims]
        into.victims = [*into.victims, *lent][:MOST_RELATED]
        into.lent = [*into.lent, *lent] if part else into.lent
        record.merged_into, record.aside = into.incident, set_aside(into) if part else None
        for name, proof in record.evidence.items():
            if name not in into.evidence:
                into.evidence[name] = replace(proof, reason=reason, by=by, origin=record.incident if part else "")
        into.onset = min(into.onset, record.onset)
        into.last_evidence_at = max(into.last_evidence_at, record.last_evidence_at)
        into.related = [name for name in into.related if name != record.incident]
        self._desk.keep(record, urgent=True)
        self._desk.keep(into, urgent=True)
        self._desk.regather(into, restricted=record.restricted)
        (self._lend if part else self._give)(record, into)

    def _lend(self, record: Record, into: Record) -> None:
        """Let it count for another what it goes on counting itself."""
        for cause in (record.cause, *record.also):
            if cause and cause != into.cause and cause not in into.also:
                into.also.append(cause)
        self._desk.keep(into)
        for complaint in self._desk.complaints.attached(record.incident):
            part = complaint.part or record.incident
            self._desk.complaints.attach(record.project, complaint, into.incident, complaint.by, part)
            self._tally.report(into, complaint)

    def _give(self, record: Record, into: Record) -> None:
        """Give another all that it has, for good."""
        for complaint in self._desk.complaints.attached(record.incident):
            self._settling.attach(record.project, complaint, into, complaint.by)
        self._settling.look_back(into)

    def unmerge(self, record: Record, now: float) -> None:
        """Take a merge back: both are what they would be without it, with what came since."""
        desk, wholes = self._desk, self._wholes(record)
        if not wholes:
            raise Rejected("not_merged", f"{record.incident} is part of no other")
        step(record, "unmerge", now)
        mine = {record.incident, *(part.incident for part in desk.book.parts(record))}
        came_with = set(mine)
        for whole in wholes:
            for name, proof in list(whole.evidence.items()):
                if proof.origin in mine or (proof.origin in came_with and name in record.evidence):
                    del whole.evidence[name]
                    inner = proof.origin if proof.origin in mine - {record.incident} else ""
                    record.evidence.setdefault(name, replace(proof, origin=inner))
            came_with.add(whole.incident)
            whole.also = [cause for cause in whole.also if cause not in {record.cause, *record.also}]
        asides = [record.aside, *(whole.aside for whole in wholes)]
        record.merged_into, record.aside = "", None
        desk.keep(record, urgent=True)
        self._bring_back(record, wholes, mine)
        calls = list(desk.calls.of(record.project))
        for whole, aside in zip(wholes, asides, strict=False):
            put_back(desk.book, whole, aside, calls, desk.complaints.attached(whole.incident))
            desk.regather(whole)
        desk.keep(wholes[-1], urgent=True)
        desk.regather(record)

    def _bring_back(self, record: Record, wholes: list[Record], mine: set[str]) -> None:
        """Let its complaints go with it, and prove their groups where they were and where they are now."""
        desk = self._desk
        moved = [one for one in desk.complaints.attached(wholes[-1].incident) if one.part in mine]
        for complaint in moved:
            part = "" if complaint.part == record.incident else complaint.part
            desk.complaints.attach(record.project, complaint, record.incident, complaint.by, part)
            for one in wholes:
                self._tally.unreport(one, complaint)
        for group in dict.fromkeys(one.group for one in moved):
            for one in (record, *wholes):
                self._tally.prove(one, group)
        self._settling.settle(record.project, [one for one in moved if one.by in {"", "group"}])

    def _wholes(self, record: Record) -> list[Record]:
        """What it is a part of, and what that is a part of, and so on."""
        found: list[Record] = []
        one = self._desk.book.get(record.merged_into) if record.merged_into else None
        while one is not None:
            found.append(one)
            one = self._desk.book.get(one.merged_into) if one.merged_into else None
        return found

    def split(self, record: Record, names: list[str], now: float, *, new: str, by: str) -> Record:
        """Take evidence out into an incident of its own."""
        self._check_there(record, names)
        proofs = [record.evidence[name] for name in names]
        made = Record(
            incident=new,
            project=record.project,
            nature=record.nature,
            opened_at=now,
            onset=min(proof.since for proof in proofs),
            state_since=now,
            last_evidence_at=max(proof.last_at for proof in proofs),
            blame=record.blame,
            restricted=record.restricted,
            related=[record.incident],
        )
        self.move(record, made, names, by=by, reason=f"split off {record.incident}")
        return made

    def move(self, record: Record, into: Record, names: list[str], *, by: str, reason: str, back: bool = False) -> None:
        """Put evidence into another incident; it stays there whatever comes. What comes ``back`` was there before."""
        self._check_there(record, names)
        if into.over or into.project != record.project or (into.nature != record.nature and not back):
            raise Rejected("not_alike", f"{into.incident} is {into.state}, or of another project or nature")
        for name in names:
            proof = record.evidence.pop(name)
            for part in self._desk.book.parts(record):
                if len(part.evidence) > 1:
                    part.evidence.pop(name, None)
            proof.reason, proof.by, proof.role, proof.origin = reason, by, "cause", ""
            into.evidence[name] = proof
        self._desk.regather(into, restricted=record.restricted)
        record.cause = common(record.own("finding"), record.cause)
        into.cause = _cause_of_findings(into)
        for complaint in self._desk.complaints.attached(record.incident):
            if f"group:{complaint.group}" in names:
                self._settling.attach(record.project, complaint, into, "person")
        self._part(record, into)

    def _part(self, one: Record, other: Record) -> None:
        """Count both anew after evidence went from one to the other."""
        for record in (one, other):
            self._desk.keep(record, urgent=True)
            self._desk.regather(record)
        complaints = [*self._desk.complaints.attached(one.incident), *self._desk.complaints.attached(other.incident)]
        for record in (one, other):
            self._desk.book.put_reporters(record, People())
        self._settling.settle(one.project, complaints)
        for record in (one, other):
            self._settling.look_back(record)

    @staticmethod
    def _check_there(record: Record, names: list[str]) -> None:
        absent = [name for name in names if name not in record.evidence]
        if absent:
            there = ", ".join(sorted(record.evidence)[:10])
            raise Rejected("unknown_evidence", f"{record.incident} has no evidence {absent[0]}; it has {there}")
        if len(set(names)) == len(record.evidence):
            raise Rejected("nothing_left", f"{record.incident} would have no evidence left")


def _cause_of_findings(record: Record) -> Key:
    findings = record.own("finding")
    return common(findings, findings[0].cause) if findings else record.cause
