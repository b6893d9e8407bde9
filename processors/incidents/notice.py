"""Alerts of other systems, and releases: evidence, or what an incident is put down to."""

from __future__ import annotations

from contracts.signals import Signal
from processors.incidents.attribution import Deployed
from processors.incidents.desk import Desk
from processors.incidents.evidence import proof_of_alert
from processors.incidents.gather import Gathering
from processors.incidents.memories import Memories, Quiet
from processors.incidents.record import Record
from processors.incidents.targets import moment
from processors.runtime.stage import Skipped

LONGEST_WINDOW_S = 8 * 3_600.0
"""A planned release rests incidents for a night's work at the longest, whatever it says: longer is for `quiet`."""


class Noticing:
    """It works on the incidents of a desk."""

    def __init__(self, desk: Desk, gathering: Gathering, memories: Memories) -> None:
        self._desk, self._gathering, self._memories = desk, gathering, memories

    def alert(self, signal: Signal, now: float) -> None:
        """Take in an alert of another system; one that is resolved without having been known says nothing."""
        project = signal.place
        proof = proof_of_alert(signal)
        record = self._desk.book.holding(project, proof.id)
        if record is None and not proof.active:
            raise Skipped("alert_resolved_before_known")
        if record is None or (record.over and proof.active):
            record = self._gathering.place(project, proof, "malfunction", now)
        else:
            record.evidence[proof.id] = proof.after(record.evidence[proof.id])
            record.last_evidence_at = max(record.last_evidence_at, proof.last_at)
        self._desk.keep(record, urgent=True)

    def deployment(self, signal: Signal, now: float) -> None:
        """Remember a release; fixes that wait for it are deployed, incidents that were there before it are older."""
        if signal.deployment is None:
            raise ValueError("a signal without a deployment")
        project, said = signal.place, signal.deployment
        deployed = Deployed(signal.occurred_at.timestamp(), signal.service or "", said.release, said.state)
        self._memories.deploy(project, deployed)
        self._open_window(project, signal)
        for record in self._desk.book.of(project):
            if record.over:
                continue
            if record.state == "new" and record.onset >= deployed.at:  # it came late, and was planned
                self._gathering.hush(record, now)
            if said.state == "succeeded" and _mends(deployed, record):
                if record.state == "in_progress":
                    self._desk.step(record, "fix", now, reason=f"release {said.release} went live")
                record.fix_release = record.fix_release or said.release
                record.fixed_at = deployed.at
            if record.attribution and (record.attribution["verdict"] == "unrelated" or record.attribution["at"]):
                self._gathering.attribute(record, None)  # a release side by side has no time, and stays to blame

    def _open_window(self, project: str, signal: Signal) -> None:
        """Expect trouble while a planned release goes live; what a person said of a longer time stays."""
        said, began = signal.deployment, signal.occurred_at.timestamp()
        if said is None or said.quiet_until is None or said.quiet_until.timestamp() <= began:
            return
        until = min(said.quiet_until.timestamp(), began + LONGEST_WINDOW_S)
        about = f" of {signal.service}" if signal.service else ""
        reason = f"release {said.release}{about} was planned until {moment(until):%Y-%m-%d %H:%M} UTC"
        self._memories.expect_at_least(project, Quiet(until, began, signal.service or "", reason))


def _mends(deployed: Deployed, record: Record) -> bool:
    """Whether a release may be the fix that an incident waits for."""
    if record.fix_release:
        return record.fix_release == deployed.release and record.state in {"in_progress", "fix_deployed"}
    services = {value for attribute, value in record.cause if attribute == "upstream"}
    return record.state == "in_progress" and bool(deployed.service) and deployed.service in services
