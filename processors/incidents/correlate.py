"""To which incident a piece of evidence belongs, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from processors.incidents.dimensions import Key, Relation, relation, spelled
from processors.incidents.evidence import SLOWNESS, SUMMARIES
from processors.incidents.record import Proof, Record

RECENT_S = 1_800.0
"""Evidence of the same trouble comes within half an hour: a finding needs minutes, a broader one has more to see."""
RETURNS_S = 7 * 86_400.0
"""What comes back within a week of its end is the same incident; later it is a new one that names the old."""
How = Literal["joins", "widens", "follows", "returns", "opens"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where evidence goes: into ``incident``, as cause or symptom, for a ``reason``; or into a new one."""

    how: How
    reason: str
    incident: Record | None = None
    related: tuple[str, ...] = ()


def place_of(proof: Proof, nature: str, known: Iterable[Record]) -> Place:
    """The best place among the incidents of its project: equal first, then narrower, what it follows from, broader.

    Equal or narrower evidence joins; broader and recent evidence widens; what overlaps stays apart and is related.
    """
    alike = [record for record in known if record.nature == nature and not record.merged_into]
    live = [record for record in alike if not record.over]
    found = (
        _equal_or_narrower(proof, live)
        or _summary(proof, live)
        or _victim(proof, live)
        or _broader(proof, live)
        or _return(proof, alike)
    )
    if found is not None:
        return found
    related = tuple(record.incident for record in live if "overlapping" in _relations(proof, record))
    return Place("opens", "no incident concerns the same calls", related=related)


def _equal_or_narrower(proof: Proof, live: list[Record]) -> Place | None:
    for wanted, said in (("equal", "the same calls"), ("narrower", "some of the same calls")):
        for record in live:
            by_calls = bool(record.cause) or bool(record.proofs("finding"))
            if by_calls and wanted in _relations(proof, record) and _near(proof, record):
                return Place("joins", f"concerns {said}: {spelled(proof.cause)}", record)
    return None


def _summary(proof: Proof, live: list[Record]) -> Place | None:
    """What a fault adds up to in a larger whole belongs to the fault."""
    if proof.finding not in SUMMARIES:
        return None
    inside = [
        record for record in live if record.cause and "broader" in _relations(proof, record) and _near(proof, record)
    ]
    best = max(inside, key=_weight, default=None)
    if best is None:
        return None
    return Place("follows", f"adds up from {spelled(best.cause)}, which is part of {spelled(proof.cause)}", best)


def _victim(proof: Proof, live: list[Record]) -> Place | None:
    """A service that is slow only because it waits for another one."""
    service = dict(proof.cause).get("upstream")
    if service is None or proof.finding not in SLOWNESS:
        return None
    for record in live:
        if service in record.victims and _near(proof, record):
            return Place("follows", f"{service} waits for {spelled(record.cause)}", record)
    return None


def _broader(proof: Proof, live: list[Record]) -> Place | None:
    if not proof.cause or proof.finding in SUMMARIES:
        return None
    for record in live:
        if "broader" in _relations(proof, record) and _near(proof, record) and record.proofs("finding"):
            return Place("widens", f"concerns more of the same calls, lately: {spelled(proof.cause)}", record)
    return None


def _return(proof: Proof, alike: list[Record]) -> Place | None:
    """What had ended and comes back as it was."""
    gone = [
        record
        for record in alike
        if record.state == "resolved"
        and record.cause == proof.cause
        and record.cause
        and 0 <= proof.last_at - record.state_since <= RETURNS_S
    ]
    last = max(gone, key=lambda record: record.state_since, default=None)
    return None if last is None else Place("returns", f"is back: {spelled(proof.cause)}", last)


def _relations(proof: Proof, record: Record) -> list[Relation]:
    """How the calls lie to those of the incident, and to those of what people said is the same."""
    return [relation(proof.cause, cause) for cause in (record.cause, *record.also) if cause or not proof.cause]


def _near(proof: Proof, record: Record) -> bool:
    """Whether both are of the same time: an incident that lasts is always near."""
    lasts = any(kept.active for kept in record.evidence.values())
    return lasts or proof.since <= record.last_evidence_at + RECENT_S


def _weight(record: Record) -> float:
    return max((proof.confidence * proof.count for proof in record.proofs("finding")), default=0.0)


def common(proofs: Iterable[Proof], before: Key) -> Key:
    """The calls that all findings have in common: what they all say; as it was where that would be nothing."""
    causes = [proof.cause for proof in proofs if proof.finding not in SUMMARIES]
    active = causes or [proof.cause for proof in proofs]
    if not active:
        return before
    first, *others = active
    shared = tuple(dimension for dimension in first if all(dimension in other for other in others))
    return shared or (before if any(active) else ())


def now_one(record: Record, live: Iterable[Record]) -> Record | None:
    """An older incident whose calls include this one's, now that more is known of its cause."""
    for other in live:
        if other is record or other.nature != record.nature or other.over or not other.cause or not record.cause:
            continue
        older = (other.opened_at, other.incident) < (record.opened_at, record.incident)
        if older and relation(record.cause, other.cause) in {"equal", "narrower"} and other.proofs("finding"):
            return other
    return None
