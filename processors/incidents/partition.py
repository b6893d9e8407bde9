"""What works on the incidents of one partition."""

from __future__ import annotations

from contracts.agreements import Agreements
from contracts.commands import Command
from contracts.event import Event
from contracts.feedback import EnrichedFeedback
from contracts.findings import Finding
from contracts.groups import FeedbackGroup
from contracts.signals import Signal
from contracts.symptoms import Symptom
from processors.incidents.clock import Clock
from processors.incidents.complaint import complaint_of
from processors.incidents.desk import Desk
from processors.incidents.gather import Gathering
from processors.incidents.grouped import Grouped
from processors.incidents.memories import Memories
from processors.incidents.notice import Noticing
from processors.incidents.obey import Obeying
from processors.incidents.regroup import Regrouping
from processors.incidents.restrict import Restricting
from processors.incidents.settle import Settling
from processors.runtime.stage import Skipped
from processors.runtime.tables import State


class Partition:
    """It only indexes what the state holds. Times are in seconds since 1970."""

    def __init__(self, state: State, agreements: Agreements) -> None:
        self.desk, self.memories = Desk(state, agreements), Memories(state)
        self._settling = Settling(self.desk)
        regrouping = Regrouping(self.desk, self._settling)
        self._gathering = Gathering(self.desk, self._settling, self.memories, regrouping)
        self._restricting = Restricting(self.desk)
        self._grouped = Grouped(self.desk, self._settling, self._gathering, regrouping, self._restricting)
        self._noticing = Noticing(self.desk, self._gathering, self.memories)
        self._obeying = Obeying(self.desk, self.memories, regrouping)
        self._clock = Clock(self.desk, self.memories)

    def symptom(self, symptom: Symptom, now: float) -> list[Event]:
        """Take in a failing or slow call."""
        call = self.desk.calls.add(symptom.place, symptom)
        if call is None:
            raise Skipped("repeat")
        self._settling.call(symptom.place, call)
        return self._told(now)

    def feedback(self, feedback: EnrichedFeedback, now: float) -> list[Event]:
        """Take in a piece of feedback, or what is known of it now."""
        complaint = complaint_of(feedback)
        if complaint is None:
            raise Skipped("not_understood")
        before = self.desk.complaints.get(feedback.place, complaint.id)
        self.desk.complaints.put(feedback.place, complaint)
        self._settling.complaint(feedback.place, complaint)
        self._restricting.complaint(feedback.place, before, complaint)
        return self._told(now)

    def group(self, group: FeedbackGroup, now: float) -> list[Event]:
        """Take in a group as it is now."""
        self._grouped.group(group, now)
        return self._told(now)

    def finding(self, finding: Finding, now: float) -> list[Event]:
        """Take in what the health stage found."""
        self._gathering.finding(finding, now)
        return self._told(now)

    def signal(self, signal: Signal, now: float) -> list[Event]:
        """Take in a release or an alert."""
        if signal.kind == "deployment":
            self._noticing.deployment(signal, now)
        else:
            self._noticing.alert(signal, now)
        return self._told(now)

    def command(self, command: Command, now: float) -> list[Event]:
        """Obey a command, or refuse it."""
        self._obeying.obey(command, now)
        return self._told(now)

    def pass_time(self, now: float) -> list[Event]:
        """Let time pass."""
        self._grouped.open_ripe(now)
        self._clock.pass_time(now)
        self._gathering.follow_traces(now)
        self._restricting.settle_changed(now)
        self._grouped.follow_calls()
        self._restricting.settle_changed(now)
        self.desk.tell_due(now)
        return self.desk.take_told(now)

    def _told(self, now: float) -> list[Event]:
        self._gathering.follow_traces(now)
        self._restricting.settle_changed(now)
        self._grouped.follow_calls()
        self._restricting.settle_changed(now)
        return self.desk.take_told(now)
