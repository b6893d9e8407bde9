"""The complaints that are remembered, by group and by the incident they were attached to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import orjson

from processors.incidents.complaint import Complaint, GroupFacts
from processors.runtime.tables import State, Table, TableSpec

COMPLAINTS_KEPT, GROUPS_KEPT = 20_000, 4_000
MOST_MERGES = 100
"""A group that became part of one that became part of another, and so on: more is a circle."""
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
            complaint.incident, complaint.by, complaint.part = before.incident, before.by, before.part
        self._table[key] = complaint
        self._index(key, complaint)
        if len(self._keys) > 1.5 * COMPLAINTS_KEPT:  # half of them were evicted
            self._begin()

    def attach(self, project: str, complaint: Complaint, incident: str, by: str, part: str = "") -> None:
        """Note to which incident it belongs, to which part of that, and how it came there; none if empty."""
        key = f"{project}|{complaint.id}"
        self._unindex(key, complaint)
        complaint.incident, complaint.by, complaint.part = incident, by if incident else "", part
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

    def all(self) -> Iterator[tuple[str, Complaint]]:
        """All of them, with their projects."""
        return ((key.partition("|")[0], complaint) for key, complaint in self._table.items())

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

    def told_last(self, project: str, name: str) -> GroupFacts | None:
        """What is known of a group itself, whatever it became part of."""
        return self._groups.get(f"{project}|{name}")

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
