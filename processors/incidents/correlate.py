"""To which incident a piece of evidence belongs, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from processors.incidents.dimensions import Key, Relation, relation, spelled
from processors.incidents.evidence import SLOWNESS, SUMMARIES
from processors.incidents.record import Proof, Record

RECENT_S = 1_800.0
"""Evidence of the same trouble comes within half an hour: a finding needs minutes, a broader one has more to see."""
RETURNS_S = 7 * 86_400.0
"""What comes back within a week of its end is the same incident; later it is a new one that names the old."""
BEFORE_S = 300.0
"""Nothing waits for what is not slow yet; the onsets of two services are known to a few windows."""
How = Literal["joins", "widens", "follows", "returns", "opens"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where evidence goes: into ``incident``, as cause or symptom, for a ``reason``; or into a new one."""

    how: How
    reason: str
    incident: Record | None = None
    related: tuple[str, ...] = ()


Seen = Callable[[Key, Key], Relation]
"""How the calls of two causes lie to each other among those that were seen to fail."""


def place_of(proof: Proof, nature: str, known: Iterable[Record], seen: Seen) -> Place:
    """The best place among the incidents of its project: equal first, then narrower, what it follows from, broader.

    Equal or narrower evidence joins; broader and recent evidence widens; what overlaps stays apart and is related.
    Causes that overlap by their names may select the same calls all the same, as Windows and desktop do: of those
    ``seen`` tells.
    """
    alike = [record for record in known if record.nature == nature and not record.merged_into]
    live = {record.incident: (record, _relations(proof, record, seen)) for record in alike if not record.over}
    near = [one for one in live.values() if _near(proof, one[0])]
    found = (
        _equal_or_narrower(proof, near)
        or _summary(proof, near)
        or _victim(proof, [record for record, _ in near])
        or _broader(proof, near)
        or _return(proof, alike)
    )
    if found is not None:
        return found
    related = tuple(name for name, (_, relations) in live.items() if "overlapping" in relations)
    return Place("opens", "no incident concerns the same calls", related=related)


Lying = tuple[Record, list[Relation]]


def _equal_or_narrower(proof: Proof, near: list[Lying]) -> Place | None:
    for wanted, said in (("equal", "the same calls"), ("narrower", "some of the same calls")):
        for record, relations in near:
            by_calls = bool(record.cause) or bool(record.proofs("finding"))
            if by_calls and wanted in relations:
                return Place("joins", f"concerns {said}: {spelled(proof.cause)}", record)
    return None


def _summary(proof: Proof, near: list[Lying]) -> Place | None:
    """What a fault adds up to in a larger whole belongs to the fault."""
    if proof.finding not in SUMMARIES:
        return None
    inside = [record for record, relations in near if record.cause and "broader" in relations]
    best = max(inside, key=_weight, default=None)
    if best is None:
        return None
    return Place("follows", f"adds up from {spelled(best.cause)}, which is part of {spelled(proof.cause)}", best)


def _victim(proof: Proof, near: list[Record]) -> Place | None:
    """A service that is slow only because it waits for another one."""
    service = dict(proof.cause).get("upstream")
    if service is None or proof.finding not in SLOWNESS:
        return None
    for record in near:
        if service in record.victims and proof.since >= record.onset - BEFORE_S:
            return Place("follows", f"{service} waits for {spelled(record.cause)}", record)
    return None


def _broader(proof: Proof, near: list[Lying]) -> Place | None:
    if not proof.cause or proof.finding in SUMMARIES:
        return None
    for record, relations in near:
        if "broader" in relations and record.proofs("finding"):
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


def _relations(proof: Proof, record: Record, seen: Seen) -> list[Relation]:
    """How the calls lie to those of the incident, and to those of what people said is the same."""
    found: list[Relation] = []
    for cause in (record.cause, *record.also):
        if cause or not proof.cause:
            by_name = relation(proof.cause, cause)
            found.append(seen(proof.cause, cause) if by_name == "overlapping" else by_name)
    return found


def _near(proof: Proof, record: Record) -> bool:
    """Whether both are of the same time: an incident that lasts is always near."""
    return record.lasts or proof.since <= record.last_evidence_at + RECENT_S


def _weight(record: Record) -> float:
    return max((proof.confidence * proof.count for proof in record.proofs("finding")), default=0.0)


def common(proofs: Iterable[Proof], before: Key) -> Key:
    """The cause that takes the others in: what all findings say, where one says just that; else what most shows.

    Two causes that were found to select the same calls under other names have no such; the stronger finding then names
    it. It stays as it was where no finding says anything.
    """
    found = list(proofs)
    told = [proof for proof in found if proof.finding not in SUMMARIES] or found
    causes = [proof.cause for proof in told]
    if not any(causes):
        return before if causes and before else ()
    shared = tuple(dimension for dimension in causes[0] if all(dimension in other for other in causes))
    if shared in causes or before in causes:
        return shared if shared in causes else before
    return max(told, key=lambda proof: (proof.active, proof.confidence * proof.count, proof.id)).cause


def now_one(record: Record, live: Iterable[Record]) -> Record | None:
    """An older incident whose calls include this one's, now that more is known of its cause."""
    for other in live:
        if other is record or other.nature != record.nature or other.over or not other.cause or not record.cause:
            continue
        older = (other.opened_at, other.incident) < (record.opened_at, record.incident)
        if older and relation(record.cause, other.cause) in {"equal", "narrower"} and other.proofs("finding"):
            return other
    return None
