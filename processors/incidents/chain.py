"""The audit of an incident as a chain of hashes: nobody can change, remove or slip in an entry unnoticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

from contracts.audit import AuditEntry, Link


def linked(entry: AuditEntry, sequence: int, previous: str) -> AuditEntry:
    """The entry with its place in the chain; ``previous`` is the hash of the one before, empty for the first."""
    placed = AuditEntry.trusted({**entry.__dict__, "link": Link(sequence=sequence, previous=previous)})
    link = Link(sequence=sequence, previous=previous, hash=hash_of(placed))
    return AuditEntry.trusted({**placed.__dict__, "link": link})


def hash_of(entry: AuditEntry) -> str:
    """SHA-256 over the entry's JSON with sorted keys, without its own hash."""
    said = entry.model_dump(mode="json", exclude_none=True)
    said["link"] = {name: value for name, value in (said.get("link") or {}).items() if name != "hash"}
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def broken(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """What is wrong with the chain of one incident, whose entries come in the order of their sequence."""
    previous, expected = "", None
    for entry in entries:
        link = entry.link
        if link is None:
            yield f"{entry.id} stands in no chain"
            continue
        if expected is not None and link.sequence != expected:
            yield f"entry {expected} of {entry.incident} is missing: {link.sequence} follows"
        elif link.previous != previous and (expected is not None or link.sequence == 0):
            yield f"entry {link.sequence} of {entry.incident} does not follow from the one before"
        if link.hash != hash_of(entry):
            yield f"entry {link.sequence} of {entry.incident} was changed"
        previous, expected = link.hash, link.sequence + 1
