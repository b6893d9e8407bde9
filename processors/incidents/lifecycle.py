"""The life of an incident: which change leads from which state to which, and what it leaves behind."""

from __future__ import annotations

from typing import NamedTuple

from contracts.errors import Rejected
from contracts.incidents import OPEN
from processors.incidents.record import Record

RESTS = frozenset({"deferred", "suppressed"})
ENDS = frozenset({"resolved", "closed", "rejected", "merged"})


class Step(NamedTuple):
    """From which states a change is allowed, and where it leads; empty for back to where it was."""

    states: frozenset[str]
    to: str


STEPS: dict[str, Step] = {
    "acknowledge": Step(frozenset({"new"}), "triaged"),
    "start": Step(frozenset({"new", "triaged", *RESTS}), "in_progress"),
    "fix": Step(frozenset({"new", "triaged", "in_progress"}), "fix_deployed"),
    "verify": Step(frozenset({"in_progress", "fix_deployed"}), "verifying"),
    "resolve": Step(OPEN | RESTS, "resolved"),
    "close": Step(frozenset({"resolved"}), "closed"),
    "reopen": Step(RESTS | {"resolved", "closed", "rejected"}, "triaged"),
    "defer": Step(OPEN | {"suppressed"}, "deferred"),
    "mute": Step(OPEN | {"deferred"}, "suppressed"),
    "reject": Step(OPEN | RESTS, "rejected"),
    "noise": Step(OPEN | RESTS, "rejected"),
    "merge": Step(OPEN | RESTS, "merged"),
    "unmerge": Step(frozenset({"merged"}), ""),
    "come_back": Step(RESTS, ""),
    "regress": Step(frozenset({"fix_deployed", "verifying", "resolved"}), "in_progress"),
}
"""``verify``, ``unmerge``, ``come_back`` and ``regress`` are the system's own; the others can be commanded."""


def step(record: Record, change: str, at: float, *, until: float = 0.0) -> None:
    """Change its state; raise `Rejected` where that does not lead from here. ``until`` is the end of a rest."""
    states, to = STEPS[change]
    if record.state not in states:
        allowed = ", ".join(sorted(states))
        raise Rejected("wrong_state", f"{change} needs one of {allowed}, and {record.incident} is {record.state}")
    before, record.state = record.state, to or record.back_to or "triaged"
    record.back_to = before if record.state in RESTS | {"merged"} else ""
    record.until = until if record.state in RESTS else 0.0
    record.state_since = at
    record.state_version += 1
    record.changed = True
    _leave_behind(record, change, at)


def _leave_behind(record: Record, change: str, at: float) -> None:
    if record.state != "new":
        record.acknowledged_at = record.acknowledged_at or at
    if record.state in {"fix_deployed", "verifying", "resolved", "closed"}:
        record.fixed_at = record.fixed_at or at
    if record.state == "resolved":
        record.resolved_at = at
    if change in {"regress", "reopen"}:
        record.resolved_at = 0.0
        record.fixed_at, record.verification, record.closed_reason, record.fix_release = 0.0, None, "", ""
        record.warned = [one for one in record.warned if not one.startswith("fix")]
    if change == "regress":
        record.regressed = True
    if record.state != "verifying":
        record.verification = None
