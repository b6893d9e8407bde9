"""What a person made a part of another incident: it goes on counting its own, so that it can be taken out again.

The whole is told with everybody and everything of its parts; nothing of theirs is ever mixed into what is its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from processors.incidents.book import Book
from processors.incidents.calls import Call, Calls
from processors.incidents.complaint import Complaint
from processors.incidents.concern import concern_of, may_concern
from processors.incidents.correlate import common
from processors.incidents.dimensions import relation
from processors.incidents.record import Proof, Record
from processors.incidents.titles import best_finding


def set_aside(into: Record) -> dict[str, Any]:
    """What an incident has by itself and would not know any more after a merge."""
    return {"onset": into.onset, "last_evidence_at": into.last_evidence_at, "related": list(into.related)}


def counting(book: Book, record: Record, call: Call) -> list[Record]:
    """Which of an incident and its parts count a call that shows the whole."""
    parts = book.parts(record)
    if not parts:
        return [record]
    found = [
        one for one in (record, *parts) if concern_of(one, own=True)(call.dims, slow=call.slow, failed=call.failed)
    ]
    return found or [record]


def part_of(book: Book, calls: Calls, record: Record, complaint: Complaint, by: str) -> str:
    """To which part of an incident a new complaint belongs: its calls say so, else its group; none if empty."""
    parts = book.parts(record)
    if not parts:
        return ""
    found = _by_its_calls(book, calls, record, complaint) if by == "call" else None
    if found is not None:
        return "" if found is record else found.incident
    name = f"group:{complaint.group}"
    held = record.evidence.get(name)
    if held is not None and not held.origin:
        return ""
    return next((part.incident for part in reversed(parts) if name in part.evidence), "")


def _by_its_calls(book: Book, calls: Calls, record: Record, complaint: Complaint) -> Record | None:
    """Which of an incident and its parts the calls behind a complaint show, the one that says most precisely which."""
    known = [(complaint.call, 1.0)] if complaint.call else complaint.candidates
    mass: dict[str, float] = {}
    for name, probability in known:
        call = calls.get(record.project, name)
        if call is not None:
            at = min(counting(book, record, call), key=_precise_first).incident
            mass[at] = mass.get(at, 0.0) + probability
    if mass:
        return book.get(max(sorted(mass), key=lambda name: mass[name]))
    may = [one for one in (record, *book.parts(record)) if may_concern(one, complaint, own=True)]
    return min(may, key=_precise_first, default=None)


def _precise_first(record: Record) -> tuple[int, float, str]:
    return -len(record.cause), record.opened_at, record.incident


def put_there(book: Book, record: Record, name: str) -> bool:
    """Whether a person put this evidence where it is, and not only the incident that it was of into another."""
    proof = holder(book, record, name).evidence.get(name)
    return proof is not None and proof.by != "system"


def holder(book: Book, record: Record, name: str) -> Record:
    """The part of an incident that brought a piece of evidence, or the incident itself."""
    while (proof := record.evidence.get(name)) is not None and proof.origin:
        part = book.get(proof.origin)
        if part is None or name not in part.evidence:
            break
        record = part
    return record


def origin_of(book: Book, record: Record, proof: Proof) -> str:
    """To which part new evidence belongs: its calls are those of the part, and not those of the whole by itself."""
    if record.cause and relation(proof.cause, record.cause) in {"equal", "narrower", "broader"}:
        return ""
    service = dict(proof.cause).get("upstream")
    for part in book.parts(record):
        alike = bool(part.cause) and relation(proof.cause, part.cause) in {"equal", "narrower", "broader"}
        waits = service in part.victims and service in record.lent
        if alike or waits:
            return part.incident
    return ""


def mirror(book: Book, record: Record, proof: Proof, blame: str) -> None:
    """Let the parts that have evidence know how it went on."""
    for part in book.parts(record):
        if proof.id in part.evidence or proof.origin == part.incident:
            known = part.evidence.get(proof.id)
            part.evidence[proof.id] = replace(proof, origin="").after(known)
            part.onset = min(part.onset, proof.since)
            part.last_evidence_at = max(part.last_evidence_at, proof.last_at)
            findings = part.own("finding")
            if findings and part.evidence[proof.id].role == "cause":
                part.cause = common(findings, part.cause)
            best = best_finding(part)
            part.blame = blame if best is not None and best.id == proof.id else part.blame
            book.put(part)


def put_back(
    book: Book, into: Record, aside: dict[str, Any] | None, calls: list[Call], complaints: list[Complaint]
) -> None:
    """Let an incident be what it was by itself, now that one is no part of it any more."""
    aside = aside or set_aside(into)
    lent = [victim for part in book.parts(into) for victim in part.victims]
    into.victims = [victim for victim in into.victims if victim not in into.lent or victim in lent]
    into.lent = [victim for victim in into.lent if victim in lent]
    proofs = list(into.evidence.values())
    into.related = [*aside["related"], *(name for name in into.related if name not in aside["related"])]
    into.onset = min([aside["onset"], *(proof.since for proof in proofs if proof.kind != "group")])
    shows = concern_of(into, own=True)
    seen = [call.at for call in calls if shows(call.dims, slow=call.slow, failed=call.failed)]
    said = [one.at for one in complaints if one.incident == into.incident]
    ends = [proof.last_at for proof in proofs]
    into.last_evidence_at = min(into.last_evidence_at, max([aside["last_evidence_at"], *ends, *seen, *said]))
    book.put(into)
