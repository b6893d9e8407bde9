"""Complaints that name calls which are not known yet: topics are not read in the order in which they were written."""

from __future__ import annotations

from processors.incidents.calls import Calls
from processors.incidents.complaint import Complaint
from processors.incidents.complaints import Complaints
from processors.runtime import metrics

MOST = 50_000
"""Calls that are waited for; of more, those that were named first are given up, which is counted."""


class Awaited:
    """It only indexes what the state holds. Calls that were forgotten are waited for in vain, which does no harm."""

    def __init__(self, calls: Calls, complaints: Complaints) -> None:
        self._calls, self._complaints = calls, complaints
        self._by_call: dict[tuple[str, str], list[str]] = {}
        for project, complaint in sorted(complaints.all(), key=lambda row: (row[1].at, row[1].id)):
            self.note(project, complaint)

    def note(self, project: str, complaint: Complaint) -> None:
        """Wait for the calls that a complaint names and that are not known."""
        named = [complaint.call] if complaint.call else [call for call, _ in complaint.candidates]
        for call in named:
            if self._calls.get(project, call) is None:
                waiting = self._by_call.setdefault((project, call), [])
                if complaint.id not in waiting:
                    waiting.append(complaint.id)
        while len(self._by_call) > MOST:
            del self._by_call[next(iter(self._by_call))]
            metrics.CAPPED.labels("awaited_calls").inc()

    def come(self, project: str, call: str) -> list[Complaint]:
        """The complaints that named a call which is known now."""
        found = (self._complaints.get(project, name) for name in self._by_call.pop((project, call), ()))
        return [complaint for complaint in found if complaint is not None]
