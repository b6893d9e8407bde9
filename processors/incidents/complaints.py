"""Feedback as incidents see it: what it says, its group, the calls behind it, and the incident it was attached to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from contracts.feedback import EnrichedFeedback
from contracts.groups import FeedbackGroup
from processors.runtime.tables import State, Table, TableSpec

COMPLAINTS_KEPT, GROUPS_KEPT = 20_000, 4_000
MOST_MERGES = 100
"""A group that became part of one that became part of another, and so on: more is a circle."""
TROUBLE = frozenset({"functional_bug", "performance", "usability", "security"})
"""Categories that complain of something."""
LIKELY: dict[str, float] = {"trace": 0.5, "request": 0.5, "session": 0.9, "user": 0.9, "anonymous": 0.5}
"""Probability of a link from which the call behind it counts, by its tie.

On simulated checkouts (seven seeds) 245 of 259 links beyond it are of the problem, and most of the others lead to calls
of no incident. Whoever complains of something else has calls as well, and in a session or of a user these tie.
"""
MOST_TEXT = 400


@dataclass(slots=True)
class Complaint:
    """One piece of feedback. ``at`` is in seconds since 1970; ``known`` is what is known of the call behind it."""

    id: str
    at: float
    group: str
    category: str
    triage: bool
    severity: float
    security: float
    restricted: bool
    reporter: str
    channel: str
    language: str | None
    text: str
    call: str | None = None
    tie: str | None = None
    known: dict[str, str] = field(default_factory=dict)
    slow: bool = False
    failed: bool = False
    candidates: list[tuple[str, float]] = field(default_factory=list)
    """Calls that may be behind it, with their probabilities, where none is likely."""
    incident: str = ""
    by: str = ""
    """How it came there: by its ``call``, its ``group``, or a ``person``."""

    @property
    def complains(self) -> bool:
        """Whether it may go where its group goes."""
        return self.category in TROUBLE or self.triage


@dataclass(slots=True)
class GroupFacts:
    """A group as it was told last."""

    group: str
    title: str
    category: str | None
    reports: int
    reporters: int
    last_hour: int
    expected_hour: float
    first_at: float
    last_at: float
    restricted: bool
    merged_into: str
    representatives: list[str]
    known_issue: bool = False
    ripe_at: float = 0.0
    """When enough people had reported it to make an incident of it by itself."""


def complaint_of(feedback: EnrichedFeedback) -> Complaint | None:
    """What incidents need of it; None of one that was not understood."""
    category, group, security = feedback.category, feedback.group, feedback.security
    if category is None or group is None or security is None:
        return None
    link = next(iter(feedback.links), None)
    if link is not None and link.probability < LIKELY[link.by]:
        link = None
    return Complaint(
        id=feedback.id,
        at=feedback.occurred_at.timestamp(),
        group=group.group,
        category=category.name,
        triage=category.needs_triage,
        severity=feedback.severity.value if feedback.severity else 0.0,
        security=security.probability,
        restricted=security.restricted,
        reporter=feedback.reporter.pseudonym or "",
        channel=feedback.channel,
        language=feedback.language,
        text=feedback.text[:MOST_TEXT],
        call=link.call if link else None,
        tie=link.by if link else None,
        known=_known(feedback) if link else {},
        slow=link is not None and link.outcome in {"slow", "timeout"},
        failed=link is not None and link.outcome not in {"slow", None},
        candidates=[(one.call, one.probability) for one in feedback.candidates] if link is None else [],
    )


def _known(feedback: EnrichedFeedback) -> dict[str, str]:
    """What is known of the call behind it, when nothing else is remembered of that."""
    link, context = feedback.links[0], feedback.context
    found: Mapping[str, Any] = {
        "route": link.route,
        "method": link.method,
        "upstream": link.upstream,
        "browser": context.browser,
        "os": context.os,
        "device": context.device,
        "release": context.release,
    }
    return {name: value for name, value in found.items() if value}


def facts_of(group: FeedbackGroup) -> GroupFacts:
    """What incidents need of a group."""
    return GroupFacts(
        group=group.group,
        title=group.title,
        category=group.category,
        reports=group.reports,
        reporters=group.reporters,
        last_hour=group.last_hour,
        expected_hour=group.expected_hour,
        first_at=group.first_at.timestamp(),
        last_at=group.last_at.timestamp(),
        restricted=group.restricted,
        merged_into=group.merged_into or "",
        representatives=list(group.representatives),
        known_issue=group.known_issue is not None,
    )


COMPLAINTS: TableSpec[Complaint] = TableSpec(
    "incident_complaints",
    encode=orjson.dumps,
    decode=lambda stored: Complaint(**orjson.loads(stored)),
    capacity=COMPLAINTS_KEPT,
)
GROUPS: TableSpec[GroupFacts] = TableSpec(
    "incident_groups",
    encode=orjson.dumps,
    decode=lambda stored: GroupFacts(**orjson.loads(stored)),
    capacity=GROUPS_KEPT,
)
TABLES = (COMPLAINTS, GROUPS)


class Complaints:
    """The complaints and groups of one partition's projects."""

    def __init__(self, state: State) -> None:
        self._table: Table[Complaint] = state[COMPLAINTS]
        self._groups: Table[GroupFacts] = state[GROUPS]
        self._begin()

    def get(self, project: str, name: str) -> Complaint | None:
        """One by its id."""
        return self._table.get(f"{project}|{name}")

    def put(self, project: str, complaint: Complaint) -> None:
        """Keep a new one, or what changed of one; it stays attached as it is."""
        key = f"{project}|{complaint.id}"
        before = self._table.get(key)
        if before is not None:
            self._unindex(key, before)
            complaint.incident, complaint.by = before.incident, before.by
        self._table[key] = complaint
        self._index(key, complaint)
        if len(self._keys) > 1.5 * COMPLAINTS_KEPT:  # half of them were evicted
            self._begin()

    def attach(self, project: str, complaint: Complaint, incident: str, by: str) -> None:
        """Note to which incident it belongs and how it came there; none if empty."""
        key = f"{project}|{complaint.id}"
        self._unindex(key, complaint)
        complaint.incident, complaint.by = incident, by if incident else ""
        self._table[key] = complaint
        self._index(key, complaint)

    def members(self, project: str, group: str) -> list[Complaint]:
        """The complaints of a group that are remembered."""
        return self._live(self._members.get(f"{project}|{group}", {}))

    def votes(self, project: str, group: str) -> Counter[str]:
        """To which incidents the calls behind a group's complaints belong."""
        return self._votes.get(f"{project}|{group}", Counter())

    def attached(self, incident: str) -> list[Complaint]:
        """Those that belong to an incident, in the order in which they came to it."""
        return self._live(self._attached.get(incident, {}))

    def of(self, project: str) -> list[Complaint]:
        """All of a project."""
        return self._live({key: None for key in self._keys if key.partition("|")[0] == project})

    def size(self, project: str, group: str) -> int:
        """How many complaints of a group are remembered."""
        return len(self._members.get(f"{project}|{group}", ()))

    def group(self, project: str, name: str) -> GroupFacts | None:
        """What is known of a group, or of the one that it became part of."""
        facts = self._groups.get(f"{project}|{name}")
        for _ in range(MOST_MERGES):
            if facts is None or facts.merged_into in {"", facts.group}:
                break
            facts = self._groups.get(f"{project}|{facts.merged_into}")
        return facts

    def put_group(self, project: str, facts: GroupFacts) -> None:
        """Keep what a group is now."""
        self._groups[f"{project}|{facts.group}"] = facts

    def groups(self) -> Iterator[tuple[str, GroupFacts]]:
        """All groups, with their projects."""
        for key, facts in list(self._groups.items()):
            yield key.partition("|")[0], facts

    def _begin(self) -> None:
        self._keys: dict[str, None] = {}
        self._members: dict[str, dict[str, None]] = {}
        self._attached: dict[str, dict[str, None]] = {}
        self._votes: dict[str, Counter[str]] = {}
        for key in sorted(self._table):
            self._index(key, self._table[key])

    def _live(self, keys: Mapping[str, None]) -> list[Complaint]:
        found = (self._table.get(key) for key in list(keys))
        return [complaint for complaint in found if complaint is not None]

    def _index(self, key: str, complaint: Complaint) -> None:
        group = f"{key.partition('|')[0]}|{complaint.group}"
        self._keys[key] = None
        self._members.setdefault(group, {})[key] = None
        if complaint.incident:
            self._attached.setdefault(complaint.incident, {})[key] = None
            if complaint.by == "call":
                self._votes.setdefault(group, Counter())[complaint.incident] += 1

    def _unindex(self, key: str, complaint: Complaint) -> None:
        group = f"{key.partition('|')[0]}|{complaint.group}"
        self._members.get(group, {}).pop(key, None)
        if complaint.incident:
            self._attached.get(complaint.incident, {}).pop(key, None)
            if complaint.by == "call":
                self._votes.get(group, Counter())[complaint.incident] -= 1
