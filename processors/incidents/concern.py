"""Which calls show an incident."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Protocol

from processors.incidents.complaint import Complaint
from processors.incidents.dimensions import may_select, selects
from processors.incidents.evidence import FAILURES, SLOWNESS
from processors.incidents.record import Record

BEFORE_S = 120.0
"""The onset is known to a window or two, and clocks differ."""


class Concern(Protocol):
    """Whether a call shows an incident."""

    def __call__(self, call: Mapping[str, str], *, slow: bool, failed: bool) -> bool:
        """``slow`` and ``failed`` say how it ended."""
        ...


def concerns(record: Record, call: Mapping[str, str], *, slow: bool, failed: bool) -> bool:
    """Whether a call shows the incident: as one of the cause's, or as one that waits for it."""
    return concern_of(record)(call, slow=slow, failed=failed)


def concern_of(record: Record, *, own: bool = False) -> Concern:
    """Tells of any call whether it shows the incident as it is now; ``own`` leaves out what came with a part."""
    findings = record.own("finding") if own else record.proofs("finding")
    kinds = {proof.finding for proof in findings}
    victims = frozenset(record.victims) if kinds & SLOWNESS else frozenset[str]()
    victims = victims.difference(record.lent) if own else victims
    by_calls = _shown_by_calls(record, kinds)
    causes = () if not by_calls else (record.cause,) if own else (record.cause, *record.also)

    def shows(call: Mapping[str, str], *, slow: bool, failed: bool) -> bool:
        if slow and call.get("upstream") in victims:
            return True
        return any(selects(cause, call) for cause in causes) and ends_fit(kinds, slow=slow, failed=failed)

    return shows


def ends_fit(kinds: set[str], *, slow: bool, failed: bool) -> bool:
    """Whether a call that ended so may show findings of these kinds; any may where there is none."""
    return (failed and bool(kinds & FAILURES)) or (slow and bool(kinds & SLOWNESS)) or not kinds


def by_calls(record: Record) -> bool:
    """Whether calls can show it: a group of feedback without a cause names none."""
    return _shown_by_calls(record, {proof.finding for proof in record.proofs("finding")})


def _shown_by_calls(record: Record, kinds: set[str]) -> bool:
    return bool(kinds & (FAILURES | SLOWNESS)) if kinds else bool(record.cause)


def may_concern(record: Record, complaint: Complaint, *, own: bool = False) -> bool:
    """Whether the call behind a complaint may be one of these, when only what the link says is known."""
    if complaint.at < record.onset - BEFORE_S:
        return False
    kinds = {proof.finding for proof in (record.own("finding") if own else record.proofs("finding"))}
    victims = set(record.victims).difference(record.lent if own else ())
    if complaint.slow and kinds & SLOWNESS and complaint.known.get("upstream") in victims:
        return True
    fits = ends_fit(kinds, slow=complaint.slow, failed=complaint.failed)
    causes = (record.cause,) if own else (record.cause, *record.also)
    return fits and any(may_select(cause, complaint.known) for cause in causes)


def lasts_at(record: Record, at: float) -> bool:
    """Whether a call at that time may show it."""
    since, until = span(record)
    return since <= at <= until


def span(record: Record) -> tuple[float, float]:
    """From when until when a call may show it: after its findings are over, only what is usual still fails."""
    findings = [*record.proofs("finding"), *record.proofs("alert")]
    ends = [proof.last_at for proof in findings if not proof.active]
    over = bool(ends) and len(ends) == len(findings)
    return record.onset - BEFORE_S, max(ends) + BEFORE_S if over else inf
