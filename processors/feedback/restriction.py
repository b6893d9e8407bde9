"""Which groups few may read: those with a report that may speak of a weakness, for as long as it may.

Each live report says it of itself, as it was judged last; the index counts them by group. A report that was forgotten
while few could read it can be judged no more, so its group stays restricted.
"""

from __future__ import annotations

from processors.feedback.grouping.memory import Memory
from processors.feedback.grouping.stored import REPORTS, StoredReport
from processors.feedback.kept import Kept
from processors.feedback.told_groups import RESTRICTED, TOLD, Told
from processors.runtime.tables import State


class Restriction:
    """That of one partition's projects. A project is named ``tenant/project/environment``, perhaps restricted."""

    def __init__(self, state: State, memory: Memory, kept: Kept) -> None:
        self._told, self._reports, self._memory, self._kept = state[TOLD], state[REPORTS], memory, kept
        memory.restricted_one_goes = self._lose
        self._learnt: tuple[list[str], list[str]] = ([], [])
        self._read_what_older_programs_stored()

    def of(self, where: str, group: str) -> bool:
        """Whether few may read a group, or the one that it became part of."""
        index = self._memory.project(where)
        root = index.root(group)
        told = self._told.get(f"{where}|{root}")
        return index.is_restricted(root) or (told is not None and told.lost)

    def mark(self, where: str, name: str, *, restricted: bool) -> None:
        """Note how a report was judged; one that is in no group any more changes none."""
        index = self._memory.project(where)
        stored = index.reports.get(name)
        if stored is not None and stored.restricted != restricted:
            index.restrict(name, restricted=restricted)
            self._memory.save(where, stored)

    def is_marked(self, where: str, name: str) -> bool:
        """Whether few may read a live report."""
        stored = self._memory.project(where).reports.get(name)
        return stored is not None and bool(stored.restricted)

    def join(self, where: str, group: str, into: str) -> None:
        """A group that became part of another one takes along what was forgotten in it."""
        told = self._told.get(f"{where}|{group}")
        if told is not None and told.lost and group != into:
            self._lose(where, into)

    def store(self) -> None:
        """Store what was learnt of the state of older programs: not at once, for what is refused changes nothing."""
        reports, told = self._learnt
        self._learnt = ([], [])
        for table, keys in ((self._reports, reports), (self._told, told)):
            for key in keys:
                if key in table:
                    table.touch(key)

    def _lose(self, where: str, group: str) -> None:
        told = self._told.get(f"{where}|{group}") or Told(counted=True)
        if not told.lost:
            told.lost = True
            self._told[f"{where}|{group}"] = told

    def _read_what_older_programs_stored(self) -> None:
        """They kept it by group: the reports are asked for theirs; one that is not known is taken for restricted."""
        for key, told in self._told.items():
            where, _, group = key.partition("|")
            if told.counted or not (told.restricted or where.endswith(RESTRICTED)):
                continue
            told.restricted = told.counted = True
            self._learnt[1].append(key)
            index = self._memory.project(where)
            root = index.root(group)
            for name in index.members(root):
                self._learn(where, index.reports[name])
            known = index.groups.get(root)
            told.lost = known is not None and known.tally.reports > index.size(root)
        for key, stored in self._reports.items():
            where = key.partition("|")[0]
            if where.endswith(RESTRICTED):
                self._learn(where, stored)

    def _learn(self, where: str, stored: StoredReport) -> None:
        if stored.restricted is not None:
            return
        known = self._kept.get(where.removesuffix(RESTRICTED), stored.id)
        restricted = known is None or (known.security is not None and known.security.restricted)
        self._memory.project(where).restrict(stored.id, restricted=restricted)
        self._learnt[0].append(f"{where}|{stored.id}")
