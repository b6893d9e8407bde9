"""By when something has to be done about an incident, and what to warn of before it is too late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

from contracts.incidents import TimeTarget
from contracts.scoring import SeverityLevel, Targets
from processors.incidents.record import Record

What = Literal["acknowledge", "communicate", "fix"]
WHATS: tuple[What, ...] = ("acknowledge", "communicate", "fix")


def targets_of(record: Record, severity: SeverityLevel, agreed: Targets, now: float) -> tuple[TimeTarget, ...]:
    """The targets of its severity, counted from the opening, and how each stands at ``now``."""
    target = agreed.of(severity)
    met = {"acknowledge": record.acknowledged_at, "communicate": record.communicated_at, "fix": record.fixed_at}
    found = []
    for what in WHATS:
        minutes: float | None = getattr(target, what)
        if minutes is None:
            continue
        due, done = record.opened_at + 60 * minutes, met[what]
        state: Literal["waiting", "soon", "late", "met"]
        if done:
            state = "met" if done <= due else "late"
        elif now > due:
            state = "late"
        else:
            state = "soon" if now >= record.opened_at + agreed.warn * 60 * minutes else "waiting"
        found.append(TimeTarget(what=what, due_at=moment(due), met_at=moment(done) if done else None, state=state))
    return tuple(found)


def new_warnings(record: Record, targets: tuple[TimeTarget, ...]) -> Iterator[str]:
    """What was not warned of yet, as ``acknowledge:soon``; notes it. One that is done needs no warning."""
    for target in targets:
        said = f"{target.what}:{target.state}"
        if target.state in {"soon", "late"} and target.met_at is None and said not in record.warned:
            record.warned.append(said)
            yield said


def next_at(record: Record, targets: tuple[TimeTarget, ...], agreed: Targets) -> float:
    """When the state of a target changes next, in seconds since 1970; infinity where none will."""
    moments = [float("inf")]
    for target in targets:
        due = target.due_at.timestamp()
        if target.state == "waiting":
            moments.append(record.opened_at + agreed.warn * (due - record.opened_at))
        elif target.state == "soon":
            moments.append(due)
    return min(moments)


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as a moment; milliseconds are enough, and read well."""
    return datetime.fromtimestamp(round(seconds, 3), UTC)
