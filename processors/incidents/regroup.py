"""Incidents become one, or several: by themselves while nobody has touched them, and as people say."""

from __future__ import annotations

from dataclasses import replace

from contracts.errors import Rejected
from contracts.incidents import MOST_RELATED
from processors.incidents.correlate import BEFORE_S, common
from processors.incidents.desk import Desk
from processors.incidents.dimensions import Key, relation
from processors.incidents.evidence import SLOWNESS
from processors.incidents.lifecycle import step
from processors.incidents.people import People
from processors.incidents.record import Record
from processors.incidents.settle import Settling


class Regrouping:
    """It works on the incidents of a desk."""

    def __init__(self, desk: Desk, settling: Settling) -> None:
        self._desk, self._settling = desk, settling

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
                record.cause = common(record.proofs("finding"), record.cause)
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
        record.merged_into = into.incident
        for name, proof in record.evidence.items():
            if name not in into.evidence:
                into.evidence[name] = replace(proof, reason=reason, by=by)
        for cause in (record.cause, *record.also):
            if cause and cause != into.cause and cause not in into.also and by != "system":
                into.also.append(cause)
        into.victims = list(dict.fromkeys([*into.victims, *record.victims]))[:MOST_RELATED]
        into.onset = min(into.onset, record.onset)
        into.last_evidence_at = max(into.last_evidence_at, record.last_evidence_at)
        into.related = [name for name in into.related if name != record.incident]
        self._desk.keep(record, urgent=True)
        self._desk.keep(into, urgent=True)
        self._desk.regather(into, restricted=record.restricted)
        for complaint in self._desk.complaints.attached(record.incident):
            self._settling.attach(record.project, complaint, into, complaint.by)
        self._settling.look_back(into)

    def unmerge(self, record: Record, now: float) -> None:
        """Take a merge back: its evidence as it is now, and what came since that concerns only its calls."""
        into = self._desk.book.root(record.incident)
        if not record.merged_into or into is None:
            raise Rejected("not_merged", f"{record.incident} is part of no other")
        parent = self._desk.book.get(record.merged_into)
        step(record, "unmerge", now)
        record.merged_into, record.reports, record.severity_sum, record.feedback = "", 0, 0.0, []
        for name in list(into.evidence):
            proof = into.evidence[name]
            own = name in record.evidence or (
                bool(record.cause)
                and relation(proof.cause, record.cause) in {"equal", "narrower"}
                and relation(proof.cause, into.cause) not in {"equal", "narrower"}
            )
            if own and len(into.evidence) > 1:
                known = record.evidence.get(name)
                record.evidence[name] = proof.after(known)
                del into.evidence[name]
        for one in (into, parent):
            if one is not None:
                one.also = [cause for cause in one.also if cause not in {record.cause, *record.also}]
        into.cause = common(into.proofs("finding"), into.cause)
        self._part(into, record)

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
            proof.reason, proof.by, proof.role = reason, by, "cause"
            into.evidence[name] = proof
        self._desk.regather(into, restricted=record.restricted)
        record.cause = common(record.proofs("finding"), record.cause)
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
    findings = record.proofs("finding")
    return common(findings, findings[0].cause) if findings else record.cause
