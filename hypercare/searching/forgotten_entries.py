"""What stages remember of a person, taken out of the entries of their state.

An entry is changed as it is stored, whatever its table means: a pseudonym and its hashes become those of nobody, so
that different people stay countable; words of the person go. What is told apart by the id of a message is blanked where
counts rest on it and deleted elsewhere, as if it had been evicted.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from contracts.feedback import Context, EnrichedFeedback, Reporter, Source, TraceRef
from processors.feedback.grouping.stored import ALIAS, GROUPS
from processors.feedback.grouping.stored import REPORTS as REPORTS_OF_GROUPS
from processors.feedback.joining.complaint import hash_of
from processors.feedback.joining.complaints import OPEN
from processors.feedback.kept import KEPT, LONG
from processors.incidents.complaints import COMPLAINTS
from processors.incidents.people import hashed
from processors.incidents.record import INCIDENTS, REPORTERS, USERS
from processors.runtime.tables import SEPARATOR, Entry
from sinks.elasticsearch.forget_documents import Person
from sinks.elasticsearch.forgotten import FORGOTTEN

PACKED = {KEPT.name, LONG.name}
DELETED = {REPORTS_OF_GROUPS.name, OPEN.name}
"""Entries of one message that go as a whole; what was counted of them is counted elsewhere."""
HASHED = {USERS.name, REPORTERS.name}
TALLIED = {GROUPS.name, ALIAS.name}
EIGHT = 8


@dataclass(frozen=True, slots=True)
class Forgetting:
    """A person, and for each of their pseudonyms one of nobody, which is known here only."""

    person: Person
    instead: dict[str, str]

    def of(self, key: bytes, value: bytes | None) -> list[Entry]:
        """What has to be written for an entry, nothing where it may stay."""
        if value is None:
            return []
        table, _, name = key.decode("utf-8", "replace").partition(SEPARATOR)
        theirs = _message(name) in self.person.messages
        if table in DELETED and theirs:
            return [(key, None)]
        after = self._changed(table, value, theirs=theirs)
        moved = self._renamed(key)
        if moved != key:
            return [(key, None), (moved, after)]
        return [(key, after)] if after != value else []

    def _changed(self, table: str, value: bytes, *, theirs: bool) -> bytes:
        if table in PACKED:
            before = zlib.decompress(value)
            told = blank_feedback(before) if theirs else before
            after = self._renamed(told)
            return value if after == before else zlib.compress(after, 6)
        if table in HASHED:
            return self._rehashed(value)
        if theirs and table == COMPLAINTS.name:
            value = orjson.dumps({**orjson.loads(value), "text": FORGOTTEN, "known": {}, "call": None})
        if table == INCIDENTS.name:
            value = self._without_messages(value)
        if table in TALLIED:
            value = self._retallied(value)
        return self._renamed(value)

    def _renamed(self, value: bytes) -> bytes:
        for old, new in self.instead.items():
            value = value.replace(old.encode(), new.encode())
            value = value.replace(f"{hash_of(old):016x}".encode(), f"{hash_of(new):016x}".encode())
        for sentence in self.person.sentences:
            value = value.replace(orjson.dumps(sentence), orjson.dumps(FORGOTTEN))
            value = value.replace(orjson.dumps(f"“{sentence}”")[1:-1], f"“{FORGOTTEN}”".encode())
        return value

    def _rehashed(self, value: bytes) -> bytes:
        pieces = [value[at : at + EIGHT] for at in range(0, len(value), EIGHT)]
        swap = {_eight(old): _eight(new) for old, new in self.instead.items()}
        return b"".join(swap.get(piece, piece) for piece in pieces)

    def _retallied(self, value: bytes) -> bytes:
        said: dict[str, Any] = orjson.loads(value)
        group = said.get("group") if isinstance(said.get("group"), dict) else said
        tally = (group or {}).get("tally") or {}
        swap = {_four(old): _four(new) for old, new in self.instead.items()}
        if not swap.keys() & set(tally.get("reporters", ())):
            return value
        tally["reporters"] = sorted({swap.get(one, one) for one in tally["reporters"]})
        return orjson.dumps(said)

    def _without_messages(self, value: bytes) -> bytes:
        said: dict[str, Any] = orjson.loads(value)
        place = said["project"]
        theirs = [
            one
            for one in said.get("messages", ())
            if _message(f"{place}|{one.get('feedback')}") in self.person.messages
        ]
        for one in theirs:
            one["text"] = FORGOTTEN
        return orjson.dumps(said) if theirs else value


def blank_feedback(stored: bytes) -> bytes:
    """A piece of feedback without words and without what ties it to a person."""
    said = EnrichedFeedback.model_validate_json(stored)
    context = said.context
    changes: dict[str, Any] = {
        "text": FORGOTTEN, "title": None, "reporter": Reporter(pseudonym=said.reporter.pseudonym), "session": None,
        "trace": TraceRef(), "source": Source(system=said.source.system), "attachments": (), "thread": None,
        "attributes": {}, "links": (), "candidates": (),
        "context": Context(journey=context.journey, route=context.route, release=context.release),
    }  # fmt: skip
    for name in ("category", "security", "severity"):
        part = getattr(said, name)
        changes[name] = part and part.model_copy(update={"words": ()})
    return said.model_copy(update=changes).encode()


def _message(key: str) -> str:
    """``tenant/project/environment|id`` as a message is named: without the environment."""
    place, _, name = key.partition("|")
    return f"{'/'.join(place.split('/')[:2])}|{name}"


def _eight(name: str) -> bytes:
    return hashed(name).to_bytes(EIGHT, "little")


def _four(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest())
