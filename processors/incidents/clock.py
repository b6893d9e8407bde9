"""What the passing of time does to incidents: they rest, are verified, end, decay, and their targets run out."""

from __future__ import annotations

import heapq

from processors.incidents import lifecycle
from processors.incidents.desk import Desk
from processors.incidents.memories import Memories
from processors.incidents.record import Record
from processors.incidents.targets import new_warnings, next_at
from processors.incidents.verify import ENDS_S, quiet_of

LOOK_S = 60.0
"""Each incident is looked at so often, at the least."""
AT_ONCE = 100
"""Incidents looked at in one tick: ten thousand of them must not hold up what comes."""
GOES_AWAY_S = 86_400.0
"""An incident without any evidence for a day has gone away by itself."""
CLOSES_S = 7 * 86_400.0
"""A resolved incident is closed after a week; until then it can come back as itself."""
FORGOTTEN_S = 30 * 86_400.0
"""What ended so long ago is forgotten here; the topic and the index keep it."""


class Clock:
    """It works on the incidents of a desk."""

    def __init__(self, desk: Desk, memories: Memories) -> None:
        self._desk, self._memories = desk, memories
        self._due: list[tuple[float, str]] = []
        self._queued: dict[str, float] = {}
        for record in desk.book:
            self._queue(record.incident, 0.0)

    def pass_time(self, now: float) -> None:
        """Look at those whose time has come."""
        touched, self._desk.touched = self._desk.touched, {}
        for name in touched:
            self._queue(name, now)
        for _ in range(AT_ONCE):
            if not self._due or self._due[0][0] > now:
                return
            at, name = heapq.heappop(self._due)
            if self._queued.get(name) != at:
                continue
            del self._queued[name]
            found = self._desk.book.get(name)
            sooner = self._look(found, now) if found is not None else now
            if self._desk.book.get(name) is not None:
                self._queue(name, min(now + LOOK_S, sooner))

    def _queue(self, name: str, at: float) -> None:
        self._queued[name] = at
        heapq.heappush(self._due, (at, name))

    def _look(self, record: Record, now: float) -> float:
        """See to what is due; return the next moment that changes something, if that is known."""
        if record.state in lifecycle.RESTS:
            if record.until and now >= record.until:
                self._desk.step(record, "come_back", now, reason="its rest is over")
        elif record.state in {"fix_deployed", "verifying"}:
            self._verify(record, now)
        elif record.over:
            self._forget(record, now)
        elif self._gone(record, now):
            self._end(record, "resolve", now, "it went away by itself: no evidence for a day")
        if record.state in lifecycle.RESTS and record.until:
            return record.until
        if not record.open:
            return now + LOOK_S
        look = self._desk.look_at(record, now)
        for warning in new_warnings(record, look.targets):
            self._desk.audit(record, f"target_{warning.partition(':')[2]}", now, reason=warning.partition(":")[0])
            self._desk.keep(record, urgent=True)
        if look.changed:
            self._desk.keep(record, urgent=True)
        return max(now, next_at(record, look.targets, self._desk.agreed(record.project).targets))

    def _verify(self, record: Record, now: float) -> None:
        """Wait until the signature has stayed away for long enough after the fix."""
        if record.state == "fix_deployed":
            if record.fix_release and not self._is_live(record):
                return
            self._desk.step(record, "verify", now, reason="the fix is live; its signature has to stay away")
        if record.verification is None:
            quiet = quiet_of(record)
            since = max(record.fixed_at or now, record.state_since - ENDS_S)
            record.verification = {"since": since, "quiet_s": quiet.seconds, "reason": quiet.reason}
            self._desk.keep(record, urgent=True)
        since = record.verification["since"]
        if _goes_on(record):
            self._regress_if_it_lasts(record, now)
            return
        signs = [proof.last_at for proof in record.proofs("finding")]
        if max([since, *signs]) + record.verification["quiet_s"] <= now:
            minutes = record.verification["quiet_s"] / 60
            self._end(record, "resolve", now, f"its signature stayed away for {minutes:.0f} minutes after the fix")

    def _regress_if_it_lasts(self, record: Record, now: float) -> None:
        if now > record.state_since + ENDS_S:
            reason = f"its finding is still open {ENDS_S / 60:.0f} minutes after it was called {record.state}"
            self._desk.step(record, "regress", now, reason=reason)

    def _is_live(self, record: Record) -> bool:
        """Whether the release that holds the fix has been deployed."""
        return any(
            one.release == record.fix_release and one.state == "succeeded"
            for one in self._memories.deployed(record.project)
        )

    def _gone(self, record: Record, now: float) -> bool:
        return (
            not record.lasts and now > max(record.last_evidence_at, record.opened_at, record.state_since) + GOES_AWAY_S
        )

    def _end(self, record: Record, change: str, now: float, reason: str) -> None:
        record.closed_reason = reason
        self._desk.step(record, change, now, reason=reason)
        self._memories.end(record, now)

    def _forget(self, record: Record, now: float) -> None:
        if record.state == "resolved" and _goes_on(record):
            self._regress_if_it_lasts(record, now)
        elif record.state == "resolved" and now > record.state_since + CLOSES_S:
            self._desk.step(record, "close", now, reason="resolved for a week")
            self._memories.end(record, now)
        elif now > record.state_since + FORGOTTEN_S:
            self._desk.book.drop(record)


def _goes_on(record: Record) -> bool:
    """Whether what is its cause is still found to be wrong."""
    return any(proof.active and proof.role == "cause" for proof in record.evidence.values())
