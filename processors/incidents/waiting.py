"""Which services wait for the one that is slow, by the traces of their calls."""

from __future__ import annotations

from processors.incidents.calls import Call
from processors.incidents.desk import Desk
from processors.incidents.dimensions import selects
from processors.incidents.evidence import SLOWNESS
from processors.incidents.record import Record

BEFORE_S = 120.0
FEWEST = 3
"""Calls of a service that were seen to wait before it is asked whether most of them do."""
MOSTLY = 0.5
"""Part of the slow calls of a service that are in the trace of a slow call of the cause: beyond, it waits for that."""
MOST_SERVICES, MOST_OF_TRACE = 50, 20


class Waiting:
    """A call that took at least as long as another one of its trace may have waited for it.

    The health stage names those who wait as soon as they are slow enough for an alarm of their own; by traces those are
    known, too, who are only somewhat slower.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._found: dict[tuple[str, str], None] = {}

    def call(self, project: str, call: Call) -> None:
        """Look at what a new slow call waited for, and at what waited for it."""
        if not call.slow or not call.trace_id:
            return
        for other in self._desk.calls.of_trace(project, call.trace_id)[-MOST_OF_TRACE:]:
            if other.call != call.call and call.total_ms is not None and other.total_ms is not None:
                longer, shorter = (call, other) if call.total_ms >= other.total_ms else (other, call)
                self._pair(project, longer, shorter)

    def take(self) -> list[tuple[str, str]]:
        """Incidents and services that were found to wait for their cause since the last call."""
        found, self._found = self._found, {}
        return list(found)

    def count(self, record: Record) -> None:
        """Count anew: more is known of the cause, or the calls came before it."""
        record.waits = {}
        if not _is_slow_service(record):
            return
        for call in list(self._desk.calls.slow_of(record.project)):
            if call.trace_id and selects(record.cause, call.dims):
                for other in self._desk.calls.of_trace(record.project, call.trace_id)[-MOST_OF_TRACE:]:
                    if _waits(other, call):
                        self._note(record, other, ask=False)
        for service, count in record.waits.items():
            if count >= FEWEST:
                self._ask(record, service)

    def _pair(self, project: str, longer: Call, shorter: Call) -> None:
        for record in self._desk.book.concerned(project, shorter.dims, slow=True, failed=shorter.failed):
            if _is_slow_service(record) and selects(record.cause, shorter.dims):
                self._note(record, longer, ask=True)
                self._desk.book.put(record)

    def _note(self, record: Record, waits: Call, *, ask: bool) -> None:
        service = waits.dims.get("upstream")
        if service is None or service in record.victims or selects(record.cause, waits.dims):
            return
        if waits.at < record.onset - BEFORE_S or dict(record.cause)["upstream"] == service:
            return
        if service not in record.waits and len(record.waits) >= MOST_SERVICES:
            return
        count = record.waits[service] = record.waits.get(service, 0) + 1
        doublings = count // FEWEST
        if ask and count % FEWEST == 0 and doublings & (doublings - 1) == 0:
            self._ask(record, service)

    def _ask(self, record: Record, service: str) -> None:
        """Whether most slow calls of a service wait; asked at three, six, twelve and so on of them that do."""
        calls = self._desk.calls
        slow = [
            call
            for call in calls.slow_of(record.project)
            if call.dims.get("upstream") == service and call.at >= record.onset - BEFORE_S
        ]
        waiting = sum(
            any(
                selects(record.cause, other.dims) and _waits(call, other)
                for other in calls.of_trace(record.project, call.trace_id)[-MOST_OF_TRACE:]
            )
            for call in slow
            if call.trace_id
        )
        if waiting >= FEWEST and waiting >= MOSTLY * len(slow):
            self._found[record.incident, service] = None


def _is_slow_service(record: Record) -> bool:
    """Whether it is about a service that is slow; others have no name that could be waited for."""
    return "upstream" in dict(record.cause) and any(proof.finding in SLOWNESS for proof in record.proofs("finding"))


def _waits(call: Call, other: Call) -> bool:
    """Whether a call may have waited for another one of its trace."""
    if call.call == other.call or call.total_ms is None or other.total_ms is None:
        return False
    return call.total_ms >= other.total_ms
