"""What is remembered of an incident."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from contracts.incidents import OPEN
from processors.incidents.dimensions import Key
from processors.incidents.people import People
from processors.runtime.tables import TableSpec

LIVE = 20_000
"""Incidents a partition remembers; those that ended longest ago make room, which is counted as evicted."""


@dataclass(slots=True)
class Proof:
    """One piece of evidence. Times are in seconds since 1970; ``facts`` are the numbers its kind of finding has."""

    kind: str
    id: str
    what: str
    reason: str
    since: float
    last_at: float
    role: str = "cause"
    by: str = "system"
    active: bool = True
    confidence: float = 0.0
    count: int = 0
    people: int = 0
    cause: Key = ()
    finding: str = ""
    """Kind of the finding."""
    facts: dict[str, float] = field(default_factory=dict)
    origin: str = ""
    """The part of the incident that it came with, when a person merged that."""

    def after(self, known: Proof | None) -> Proof:
        """Itself, for the reason for which it was taken first."""
        if known is not None:
            self.reason, self.by, self.role, self.origin = known.reason, known.by, known.role, known.origin
        return self


@dataclass(slots=True)
class Record:
    """An incident as it is kept. Times are in seconds since 1970; what is 0 or empty has not happened."""

    incident: str
    project: str
    nature: str
    opened_at: float
    onset: float
    state_since: float
    last_evidence_at: float
    noticed_at: float = 0.0
    state: str = "new"
    back_to: str = ""
    """The state to come back to from a rest."""
    until: float = 0.0
    revision: int = 0
    state_version: int = 0
    title: str = ""
    cause: Key = ()
    also: list[Key] = field(default_factory=list)
    """Causes of incidents that people said are this one."""
    blame: str = "unknown"
    routes: dict[str, int] = field(default_factory=dict)
    """Calls concerned by route, of the first few routes."""
    evidence: dict[str, Proof] = field(default_factory=dict)
    victims: list[str] = field(default_factory=list)
    lent: list[str] = field(default_factory=list)
    """Victims that came with its parts."""
    waits: dict[str, int] = field(default_factory=dict)
    """Slow calls by service that were seen to wait for the cause, of services that are no victims yet."""
    related: list[str] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    feedback: list[str] = field(default_factory=list)
    reports: int = 0
    anonymous: int = 0
    severity_sum: float = 0.0
    security: float = 0.0
    restricted: bool = False
    regressed: bool = False
    owner: str = ""
    workaround: str = ""
    merged_into: str = ""
    aside: dict[str, Any] | None = None
    """Of one that a person made a part of another: what that had by itself then (`parts.py`)."""
    noise: int = 0
    cvss: float | None = None
    exploited: bool = False
    override: dict[str, Any] | None = None
    past: dict[str, Any] | None = None
    attribution: dict[str, Any] | None = None
    verification: dict[str, Any] | None = None
    fix_release: str = ""
    closed_reason: str = ""
    acknowledged_at: float = 0.0
    communicated_at: float = 0.0
    fixed_at: float = 0.0
    resolved_at: float = 0.0
    warned: list[str] = field(default_factory=list)
    """Time targets that were warned of or missed, as ``acknowledge:soon``."""
    sequence: int = 0
    chain: str = ""
    """Entries in the chain of its audit, and the hash of the last one."""
    told_at: float = 0.0
    changed: bool = False
    """Whether something is to be told that has not been told yet."""
    said: list[Any] = field(default_factory=list)
    """Priority, severity and order as told last."""

    @property
    def open(self) -> bool:
        """Whether somebody has to do something."""
        return self.state in OPEN

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.state in {"resolved", "closed", "rejected", "merged"}

    @property
    def lasts(self) -> bool:
        """Whether a finding or an alert is still open; a group never is."""
        return any(proof.active for proof in self.evidence.values())

    def proofs(self, kind: str = "", *, role: str = "cause") -> list[Proof]:
        """Its evidence of one kind, or of all."""
        return [proof for proof in self.evidence.values() if proof.role == role and kind in {"", proof.kind}]

    def own(self, kind: str = "") -> list[Proof]:
        """Evidence of its cause that did not come with a part: this says what it is called and which calls it is."""
        return [proof for proof in self.proofs(kind) if not proof.origin]


def _encode(record: Record) -> bytes:
    return orjson.dumps(record)


def _decode(stored: bytes) -> Record:
    fields = orjson.loads(stored)
    proofs = fields.pop("evidence")
    fields["cause"] = _key(fields["cause"])
    fields["also"] = [_key(cause) for cause in fields["also"]]
    record = Record(**{name: value for name, value in fields.items() if name in _FIELDS})
    for name, proof in proofs.items():
        record.evidence[name] = Proof(**{**proof, "cause": _key(proof["cause"])})
    return record


def _key(stored: list[list[str]]) -> Key:
    return tuple((attribute, value) for attribute, value in stored)


_FIELDS = frozenset(Record.__slots__)
INCIDENTS: TableSpec[Record] = TableSpec("incidents", encode=_encode, decode=_decode, capacity=LIVE)
USERS: TableSpec[People] = TableSpec("incident_users", encode=People.encode, decode=People.decode, capacity=LIVE)
REPORTERS: TableSpec[People] = TableSpec(
    "incident_reporters", encode=People.encode, decode=People.decode, capacity=LIVE
)
TABLES = (INCIDENTS, USERS, REPORTERS)
