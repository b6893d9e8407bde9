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
AT_ONCE = 200
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

    def pass_time(self, now: float) -> None:
        """Look at those whose time has come."""
        touched, self._desk.touched = self._desk.touched, {}
        for name in touched:
            self._queue(name, now)
        if not self._queued:
            for record in self._desk.book:
                self._queue(record.incident, now)
        for _ in range(AT_ONCE):
            if not self._due or self._due[0][0] > now:
                return
            at, name = heapq.heappop(self._due)
            if self._queued.get(name) != at:
                continue
            del self._queued[name]
            found = self._desk.book.get(name)
            if found is not None:
                self._look(found, now)
            if found is not None and self._desk.book.get(name) is not None:
                self._queue(name, min(now + LOOK_S, self._sooner(found, now)))

    def _queue(self, name: str, at: float) -> None:
        self._queued[name] = at
        heapq.heappush(self._due, (at, name))

    def _look(self, record: Record, now: float) -> None:
        if record.state in lifecycle.RESTS:
            if record.until and now >= record.until:
                self._desk.step(record, "come_back", now, reason="its rest is over")
        elif record.state in {"fix_deployed", "verifying"}:
            self._verify(record, now)
        elif record.over:
            self._forget(record, now)
            return
        elif self._gone(record, now):
            self._end(record, "resolve", now, "it went away by itself: no evidence for a day")
        if record.open:
            targets = self._desk.targets(record, now)
            for warning in new_warnings(record, targets):
                self._desk.audit(record, f"target_{warning.partition(':')[2]}", now, reason=warning.partition(":")[0])
                self._desk.keep(record, urgent=True)
            if self._desk.look_again(record, now):
                self._desk.keep(record, urgent=True)

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
        active = [proof for proof in record.evidence.values() if proof.active and proof.role == "cause"]
        since = record.verification["since"]
        if active:
            if now > record.state_since + ENDS_S:
                self._desk.step(record, "regress", now, reason=f"it lasts {ENDS_S / 60:.0f} minutes after the fix")
            return
        signs = [proof.last_at for proof in record.proofs("finding")]
        if max([since, *signs]) + record.verification["quiet_s"] <= now:
            minutes = record.verification["quiet_s"] / 60
            self._end(record, "resolve", now, f"its signature stayed away for {minutes:.0f} minutes after the fix")

    def _is_live(self, record: Record) -> bool:
        """Whether the release that holds the fix has been deployed."""
        return any(
            one.release == record.fix_release and one.state == "succeeded"
            for one in self._memories.deployed(record.project)
        )

    def _gone(self, record: Record, now: float) -> bool:
        active = any(proof.active for proof in record.evidence.values())
        return not active and now > max(record.last_evidence_at, record.opened_at, record.state_since) + GOES_AWAY_S

    def _end(self, record: Record, change: str, now: float, reason: str) -> None:
        record.closed_reason = reason
        self._desk.step(record, change, now, reason=reason)
        self._memories.end(record, now)

    def _forget(self, record: Record, now: float) -> None:
        if record.state == "resolved" and now > record.state_since + CLOSES_S:
            self._desk.step(record, "close", now, reason="resolved for a week")
            self._memories.end(record, now)
        elif now > record.state_since + FORGOTTEN_S:
            self._desk.book.drop(record)

    def _sooner(self, record: Record, now: float) -> float:
        """The next moment that changes something, if that comes before the next look."""
        if record.state in lifecycle.RESTS and record.until:
            return record.until
        if not record.open:
            return now + LOOK_S
        return max(now, next_at(record, self._desk.targets(record, now), self._desk.agreed(record.project).targets))
