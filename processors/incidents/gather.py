"""Findings become incidents, or evidence of those that there are; so does whatever else is evidence."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.cloudevents import derived_id
from contracts.findings import Finding
from contracts.incidents import MOST_EVIDENCE, MOST_RELATED
from processors.incidents.attribution import Deployed, attributed
from processors.incidents.correlate import Place, Seen, common, now_one, place_of
from processors.incidents.desk import Desk
from processors.incidents.dimensions import Key, Relation, selects, spelled
from processors.incidents.evidence import nature_of, proof_of
from processors.incidents.memories import Memories
from processors.incidents.parts import mirror, origin_of
from processors.incidents.record import Proof, Record
from processors.incidents.regroup import Regrouping
from processors.incidents.settle import Settling
from processors.incidents.titles import best_finding
from processors.runtime import metrics
from processors.runtime.stage import Skipped

FEWEST_SEEN, ALIKE = 5, 0.95
"""Calls that were seen, and the part of them which the other cause selects too, for one to be a part of the other."""
KEEPS = 4 * MOST_EVIDENCE
"""Pieces of evidence that an incident keeps; of more, those that ended first make room."""


class Gathering:
    """It works on the incidents of a desk."""

    def __init__(self, desk: Desk, settling: Settling, memories: Memories, regrouping: Regrouping) -> None:
        self._desk, self._settling, self._memories, self._regrouping = desk, settling, memories, regrouping

    def finding(self, finding: Finding, now: float) -> None:
        """Take in what the health stage found, or how it went on with that."""
        project = finding.place
        proof = proof_of(finding, self._desk.agreed(project).limits.error_budget)
        record = self._desk.book.holding(project, proof.id)
        if record is None and finding.state == "closed":
            raise Skipped("closed_before_known")
        if record is not None and record.over and record.state != "merged" and not proof.active:
            record.evidence[proof.id] = proof.after(record.evidence[proof.id])
            self._desk.keep(record)
            return
        if record is None:
            record = self.place(project, proof, nature_of(finding.kind), now)
        else:
            self._update(record, proof, now)
        self._complete(record, finding, now)

    def place(self, project: str, proof: Proof, nature: str, now: float) -> Record:
        """Put evidence where it belongs."""
        found = place_of(proof, nature, self._desk.book.touching(project, proof.cause), self._seen(project, proof))
        proof.reason = found.reason
        if found.incident is None:
            return self.open(project, proof, nature, found, now)
        record = found.incident
        proof.role = "symptom" if found.how == "follows" else "cause"
        before = record.cause
        proof.origin = origin_of(self._desk.book, record, proof)
        record.evidence[proof.id] = proof
        record.onset = min(record.onset, proof.since)
        self._keep_few(record)
        if found.how == "returns":
            self._desk.step(record, "regress", now, reason=found.reason)
        elif proof.role == "cause" and not proof.origin:
            record.cause = common(record.own("finding"), record.cause)
        self._desk.audit(
            record, "widened" if record.cause != before else "evidence_added", now, reason=found.reason,
            before={"cause": spelled(before)}, after={"cause": spelled(record.cause), "evidence": proof.id},
        )  # fmt: skip
        self._settling.look_back(record)
        return record

    def _seen(self, project: str, proof: Proof) -> Seen:
        """How two causes lie to each other among the calls that failed or dragged since the evidence began."""

        def lie(one: Key, other: Key) -> Relation:
            calls = [call for call in self._desk.calls.of(project) if call.at >= proof.since]
            first = [call for call in calls if selects(one, call.dims)]
            second = [call for call in calls if selects(other, call.dims)]
            if len(first) >= FEWEST_SEEN and sum(selects(other, call.dims) for call in first) >= ALIKE * len(first):
                return "narrower"
            if len(second) >= FEWEST_SEEN and sum(selects(one, call.dims) for call in second) >= ALIKE * len(second):
                return "broader"
            return "overlapping"

        return lie

    def open(self, project: str, proof: Proof, nature: str, found: Place, now: float) -> Record:
        """Begin an incident with its first evidence."""
        record = Record(
            incident=f"inc-{derived_id(project, nature, proof.id)[:12]}",
            project=project,
            nature=nature,
            opened_at=now,
            noticed_at=proof.last_at,
            onset=proof.since,
            state_since=now,
            last_evidence_at=proof.last_at,
            cause=proof.cause,
            evidence={proof.id: proof},
            related=list(found.related)[:MOST_RELATED],
        )
        known = self._memories.known(record)
        record.noise = known.noise
        if known.incident and known.incident != record.incident:
            record.past = {
                "incident": known.incident, "title": known.title, "ended_at": known.ended_at, "ended": known.ended,
            }  # fmt: skip
        for name in found.related:
            other = self._desk.book.get(name)
            if other is not None and record.incident not in other.related:
                other.related = [*other.related, record.incident][-MOST_RELATED:]
                self._desk.keep(other)
        self._desk.keep(record, urgent=True)
        self._desk.audit(record, "opened", now, reason=found.reason, after={"evidence": proof.id})
        self.hush(record, now)
        self._settling.begin(record)
        return record

    def hush(self, record: Record, now: float) -> None:
        """Let a new incident rest whose trouble was expected."""
        quiet = self._memories.expected(record, record.onset)
        if quiet is not None and quiet.until > now:
            self._desk.step(record, "mute", now, reason=f"expected: {quiet.reason}", until=quiet.until)

    def _update(self, record: Record, proof: Proof, now: float) -> None:
        known = record.evidence.get(proof.id)
        record.evidence[proof.id] = proof.after(known)
        before = record.cause
        if proof.role == "cause" and not proof.origin:
            record.cause = common(record.own("finding"), record.cause)
        record.last_evidence_at = max(record.last_evidence_at, proof.last_at)
        record.onset = min(record.onset, proof.since)
        if record.cause != before:
            self._desk.audit(
                record, "cause_corrected", now, reason="more is known of the calls concerned",
                before={"cause": spelled(before)}, after={"cause": spelled(record.cause)},
            )  # fmt: skip
            self._settling.look_back(record)
            self._join_older(record, now)

    def _join_older(self, record: Record, now: float) -> None:
        """Let an incident whose cause turns out to be that of an older one be part of it, if nobody has touched it."""
        if record.over or record.state not in {"new", "triaged"} or not _untouched(record):
            return
        older = now_one(record, self._desk.book.touching(record.project, record.cause))
        if older is not None:
            self._regrouping.join(record, older, now, f"concerns the same calls: {spelled(record.cause)}")

    def _complete(self, record: Record, finding: Finding, now: float) -> None:
        """What follows from a finding that is evidence now."""
        mirror(self._desk.book, record, record.evidence[f"finding:{finding.finding}"], finding.blame)
        best = best_finding(record)
        if best is not None and best.id == f"finding:{finding.finding}":
            record.blame = finding.blame
        self._add_victims(record, finding.evidence.victims, now)
        self.attribute(record, finding)
        record.last_evidence_at = max(record.last_evidence_at, record.evidence[f"finding:{finding.finding}"].last_at)
        self._desk.keep(record, urgent=True)

    def follow_traces(self, now: float) -> None:
        """Services that were found to wait for a cause, by the traces of their calls, are its victims."""
        while found := self._settling.waiting.take():
            for name, service in found:
                record = self._desk.book.root(name)
                if record is not None and not record.over:
                    self._add_victims(record, (service,), now)

    def _add_victims(self, record: Record, services: Iterable[str], now: float) -> None:
        new = [service for service in services if service not in record.victims][: MOST_RELATED - len(record.victims)]
        if new:
            record.victims = [*record.victims, *new]
            self._desk.keep(record, urgent=True)
            self._settling.look_back(record)
            self._regrouping.take_symptoms(record, now)

    def attribute(self, record: Record, finding: Finding | None) -> None:
        """Say whether a release brought it, by all that is known of releases."""
        deployed = self._memories.deployed(record.project)
        if finding is not None:
            said = finding.evidence.deployments
            deployed += [Deployed(one.at.timestamp(), one.service or "", one.release, one.state) for one in said]
        record.attribution = attributed(record.cause, record.onset, [finding] if finding else [], deployed)
        self._desk.keep(record)

    @staticmethod
    def _keep_few(record: Record) -> None:
        if len(record.evidence) > KEEPS:
            oldest = min(record.evidence.values(), key=lambda proof: (proof.active, proof.last_at, proof.id))
            del record.evidence[oldest.id]
            metrics.EVICTED.labels("incident_evidence").inc()


def _untouched(record: Record) -> bool:
    return all(proof.by == "system" for proof in record.evidence.values())
