"""The incidents of one partition, found by evidence, by the calls they concern, and by rank."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping

from contracts.scoring import PRIORITIES
from processors.incidents.concern import by_calls, concerns
from processors.incidents.dimensions import Key
from processors.incidents.people import People
from processors.incidents.record import INCIDENTS, REPORTERS, USERS, Record
from processors.runtime.tables import State, Table

Rank = tuple[int, float, str]


class Book:
    """It only indexes what the state holds."""

    def __init__(self, state: State) -> None:
        self._table, self._users, self._reporters = state[INCIDENTS], state[USERS], state[REPORTERS]
        self._by_evidence: dict[tuple[str, str], str] = {}
        self._by_project: dict[str, dict[str, None]] = {}
        self._by_dimension: dict[tuple[str, str, str], dict[str, None]] = {}
        self._placed: dict[str, list[tuple[str, str, str]]] = {}
        self._by_part: dict[tuple[str, str, str], dict[str, None]] = {}
        self._parts: dict[str, set[tuple[str, str, str]]] = {}
        self._ranks: dict[str, list[Rank]] = {}
        self._rank_of: dict[str, Rank] = {}
        self._by_whole: dict[str, dict[str, None]] = {}
        self._whole_of: dict[str, str] = {}
        self.untold: dict[str, None] = {}
        for name in sorted(self._table):
            self._index(self._table[name])

    def __iter__(self) -> Iterator[Record]:
        for name in list(self._table):
            record = self._table.get(name)
            if record is not None:
                yield record

    def get(self, name: str) -> Record | None:
        """An incident by its id."""
        return self._table.get(name)

    def put(self, record: Record) -> None:
        """Keep a new one, or one that was changed in place."""
        self._table[record.incident] = record
        self._index(record)

    def drop(self, record: Record) -> None:
        """Forget one that is long over."""
        self._unplace(record)
        self._take_apart(record, set())
        self._by_whole.get(self._whole_of.pop(record.incident, ""), {}).pop(record.incident, None)
        for name in record.evidence:
            self._by_evidence.pop((record.project, name), None)
        self._by_project.get(record.project, {}).pop(record.incident, None)
        self.untold.pop(record.incident, None)
        for table in (self._table, self._users, self._reporters):
            table.pop(record.incident)

    def root(self, name: str) -> Record | None:
        """The incident that one was merged into, or itself."""
        record = self._table.get(name)
        while record is not None and record.merged_into:
            record = self._table.get(record.merged_into)
        return record

    def parts(self, record: Record) -> list[Record]:
        """The incidents that people made a part of one, and parts of these."""
        found: list[Record] = []
        for name in self._by_whole.get(record.incident, ()):
            part = self._table.get(name)
            if part is not None:
                found += [part, *self.parts(part)]
        return found

    def everybody(self, record: Record) -> People:
        """Who is affected by it or by one of its parts."""
        return self._together(record, self._users)

    def all_reporters(self, record: Record) -> People:
        """Who reported it or one of its parts."""
        return self._together(record, self._reporters)

    def _together(self, record: Record, table: Table[People]) -> People:
        parts, own = self.parts(record), table.get(record.incident) or People()
        if not parts:
            return own
        found = People()
        for people in (own, *(table.get(part.incident) for part in parts)):
            if people is not None:
                found.join(people)
        return found

    def holding(self, project: str, evidence: str) -> Record | None:
        """The incident that a piece of evidence belongs to."""
        name = self._by_evidence.get((project, evidence))
        record = None if name is None else self.root(name)
        return record if record is not None and evidence in record.evidence else None

    def of(self, project: str) -> Iterator[Record]:
        """All incidents of a project, in the order in which they became known."""
        for name in list(self._by_project.get(project, ())):
            record = self._table.get(name)
            if record is not None:
                yield record

    def touching(self, project: str, cause: Key) -> list[Record]:
        """Incidents, over or not, that share a part of a cause or wait for its service, the oldest first.

        All others are apart from it. Of a cause without parts, the whole project, none is.
        """
        found: dict[str, None] = {}
        for dimension in cause:
            found |= self._by_part.get((project, *dimension), {})
        records = map(self._table.get, found) if cause else self.of(project)
        known = (record for record in records if record is not None)
        return sorted(known, key=lambda record: (record.opened_at, record.incident))

    def concerned(self, project: str, call: Mapping[str, str], *, slow: bool, failed: bool) -> Iterator[Record]:
        """Incidents that are not over and whose calls are like this one."""
        found: dict[str, None] = {}
        for dimension in call.items():
            found |= self._by_dimension.get((project, *dimension), {})
        found |= self._by_dimension.get((project, "", ""), {})
        for name in found:
            record = self._table.get(name)
            if record is not None and not record.over and concerns(record, call, slow=slow, failed=failed):
                yield record

    def users(self, record: Record) -> People:
        """Who is affected; to be put back with `put_users` after a change."""
        return self._users.get(record.incident) or People()

    def put_users(self, record: Record, people: People) -> None:
        """Keep who is affected."""
        self._users[record.incident] = people

    def reporters(self, record: Record) -> People:
        """Who reported it."""
        return self._reporters.get(record.incident) or People()

    def put_reporters(self, record: Record, people: People) -> None:
        """Keep who reported it."""
        self._reporters[record.incident] = people

    def rank(self, record: Record) -> int:
        """Its place among the open ones of its project, from 1; 0 where it is not open."""
        rank = self._rank_of.get(record.incident)
        return 0 if rank is None else bisect_left(self._ranks[record.project], rank) + 1

    def _index(self, record: Record) -> None:
        self._by_project.setdefault(record.project, {})[record.incident] = None
        whole = record.merged_into if record.aside is not None else ""
        known = self._whole_of.get(record.incident, "")
        if known != whole:
            self._by_whole.get(known, {}).pop(record.incident, None)
            self._whole_of.pop(record.incident, None)
            if whole:
                self._whole_of[record.incident] = whole
                self._by_whole.setdefault(whole, {})[record.incident] = None
        if not record.merged_into:
            for name in record.evidence:
                self._by_evidence[record.project, name] = record.incident
        self._unplace(record)
        self._take_apart(record, _parts_of(record))
        if not record.over:
            self._place(record)
        if record.changed:
            self.untold[record.incident] = None
        else:
            self.untold.pop(record.incident, None)

    def _take_apart(self, record: Record, parts: set[tuple[str, str, str]]) -> None:
        """Note the parts of its causes, in place of those it had."""
        before = self._parts.pop(record.incident, set())
        for part in before - parts:
            held = self._by_part[part]
            del held[record.incident]
            if not held:
                del self._by_part[part]
        for part in parts - before:
            self._by_part.setdefault(part, {})[record.incident] = None
        if parts:
            self._parts[record.incident] = parts

    def _place(self, record: Record) -> None:
        causes = [record.cause, *record.also] if by_calls(record) else []
        places = [(record.project, *(cause[0] if cause else ("", ""))) for cause in causes]
        places += [(record.project, "upstream", victim) for victim in record.victims]
        for place in places:
            self._by_dimension.setdefault(place, {})[record.incident] = None
        self._placed[record.incident] = places
        if record.open and record.said:
            priority, _, order = record.said
            rank = PRIORITIES.index(priority), -order, record.incident
            insort(self._ranks.setdefault(record.project, []), rank)
            self._rank_of[record.incident] = rank

    def _unplace(self, record: Record) -> None:
        for place in self._placed.pop(record.incident, ()):
            self._by_dimension.get(place, {}).pop(record.incident, None)
        rank = self._rank_of.pop(record.incident, None)
        if rank is not None:
            ranks = self._ranks[record.project]
            del ranks[bisect_left(ranks, rank)]


def _parts_of(record: Record) -> set[tuple[str, str, str]]:
    causes = (record.cause, *record.also)
    parts = {(record.project, *dimension) for cause in causes for dimension in cause}
    return parts | {(record.project, "upstream", victim) for victim in record.victims}
