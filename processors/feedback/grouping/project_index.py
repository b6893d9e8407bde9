"""What is live in one project, indexed: all of it follows from the tables, so that a restart changes nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

from processors.feedback.grouping.corpus import Corpus
from processors.feedback.grouping.features import term_of
from processors.feedback.grouping.profiles import Counts, Profiles
from processors.feedback.grouping.report import Report
from processors.feedback.grouping.stored import StoredGroup, StoredReport
from processors.feedback.grouping.supposed import LATELY

Key = TypeVar("Key", bound=Hashable)

PLACES = ("route", "error", "subject")
"""Attributes by which a group is looked for that shares no word: two languages, two ways to say it."""
SAME_PLACE = 32
"""Latest reports with the same route or error that are looked at."""
LATEST = 50
"""Latest reports of a group that stand for it where its words are not counted."""


class ProjectIndex:
    """Reports by text, by words and by place; groups with their members and words."""

    def __init__(self) -> None:
        self.corpus = Corpus()
        self.profiles = Profiles()
        self.reports: dict[str, StoredReport] = {}
        self.groups: dict[str, StoredGroup] = {}
        self._parents: dict[str, str] = {}
        self._parts: dict[str, dict[str, None]] = {}
        self._members: dict[str, dict[str, None]] = {}
        self._told: dict[str, dict[str, None]] = {}
        self._restricted: dict[str, dict[str, None]] = {}
        self._by_key: dict[bytes, dict[str, None]] = {}
        self._by_place: dict[tuple[str, str], deque[str]] = {}
        self._latest = 0

    def root(self, group: str) -> str:
        """The group that a group is part of by now, or itself."""
        while group in self._parents:
            group = self._parents[group]
        return group

    def parts(self, group: str) -> Iterator[str]:
        """Groups that became part of a group, directly or by way of others."""
        waiting = list(self._parts.get(group, ()))
        while waiting:
            part = waiting.pop(0)
            yield part
            waiting[:0] = self._parts.get(part, ())

    def group_of(self, report: str) -> str:
        """The group a live report is in."""
        return self.root(self.reports[report].group)

    def apart(self, group: str) -> frozenset[str]:
        """Groups that a person holds for other problems than this one."""
        known = self.groups.get(group)
        return frozenset(self.root(other) for other in known.apart) - {group} if known else frozenset()

    def size(self, group: str) -> int:
        """Live reports of a group."""
        return len(self._members.get(group, ()))

    def members(self, group: str) -> list[str]:
        """Live reports of a group, oldest first."""
        return list(self._members.get(group, ()))

    def told(self, group: str, most: int) -> list[StoredReport]:
        """The latest reports of a group that are no copies, latest first."""
        found: list[StoredReport] = []
        for name in reversed(self._told.get(group, {})):
            if len(found) >= most:
                break
            found.append(self.reports[name])
        return found

    def told_count(self, group: str) -> int:
        """Live reports of a group that are no copies."""
        return len(self._told.get(group, ()))

    def is_restricted(self, group: str) -> bool:
        """Whether few may read one of its live reports."""
        return group in self._restricted

    def restrict(self, name: str, *, restricted: bool) -> None:
        """Note of a live report whether few may read it."""
        stored, group = self.reports[name], self.group_of(name)
        stored.restricted = restricted
        if restricted:
            self._restricted.setdefault(group, {})[name] = None
        else:
            _discard(self._restricted, group, name)

    def same_text(self, key: bytes) -> str | None:
        """The latest live report with the same text."""
        return next(reversed(self._by_key.get(key, {})), None)

    def same_place(self, report: Report, subject: str) -> Iterator[str]:
        """Live reports about the same subject, with the same error or from the same route, latest first."""
        for name, value in (("subject", subject), ("error", report.error), ("route", report.route)):
            for found in reversed(self._by_place.get((name, value or ""), ())):
                if found in self.reports:
                    yield found

    def talked_of(self, subject: str) -> float:
        """Share of the latest reports that are surely about a subject, as far as they are remembered."""
        latest = self._latest - LATELY
        names = self._by_place.get(("subject", subject), ())
        known = (self.reports[name] for name in names if name in self.reports)
        return sum(not stored.supposed and stored.order > latest for stored in known) / LATELY

    def is_common(self, word: str) -> bool:
        """Whether many groups have a word."""
        return self.profiles.is_common(term_of(word))

    def words(self, group: str) -> tuple[Counts, int]:
        """Counts of a group's words and their sum; of a group that was given up, from its latest reports."""
        if group in self.profiles:
            return self.profiles.counts(group), self.profiles.size(group)
        counts: dict[int, int] = {}
        for stored in self.told(group, LATEST):
            for term in stored.telling:
                counts[term] = counts.get(term, 0) + 1
        return counts, sum(counts.values())

    def open(self, group: StoredGroup) -> None:
        """Keep a group, with the words of the reports that are in it."""
        self.groups[group.id] = group
        self.profiles.open(group.id)
        for name in self._told.get(group.id, ()):
            self.profiles.add(group.id, self.reports[name].telling)

    def close(self, group: str) -> None:
        """Give a group up; its reports stay."""
        self.groups.pop(group, None)
        self.profiles.drop(group)

    def add(self, stored: StoredReport) -> None:
        """Take a report in."""
        self.reports[stored.id] = stored
        self._latest = max(self._latest, stored.order)
        self.corpus.add(stored.id, stored.order, stored.features)
        self._by_key.setdefault(stored.features.key, {})[stored.id] = None
        for name in PLACES:
            value = _place(stored, name)
            if value:
                self._by_place.setdefault((name, value), deque(maxlen=SAME_PLACE)).append(stored.id)
        self._enter(stored, self.root(stored.group))

    def remove(self, name: str) -> str:
        """Forget a report; return the group it was in."""
        stored, group = self.reports[name], self.group_of(name)
        self._leave(stored, group)
        del self.reports[name]
        self.corpus.remove(name)
        _discard(self._by_key, stored.features.key, name)
        for attribute in PLACES:
            place = (attribute, _place(stored, attribute))
            known = self._by_place.get(place)
            if known and known[-1] == name:  # the latest one is gone, so all are
                del self._by_place[place]
        return group

    def move(self, name: str, group: str) -> None:
        """Put a live report into another group."""
        stored = self.reports[name]
        self._leave(stored, self.group_of(name))
        stored.group = group
        self._enter_in_order([stored], self.root(group))

    def join(self, group: str, into: str) -> None:
        """Make a group part of another one."""
        moved = [self.reports[name] for name in self._members.pop(group, {})]
        self._told.pop(group, None)
        self._restricted.pop(group, None)
        self.close(group)
        self.know_alias(group, into)
        self._enter_in_order(moved, into)

    def part(self, group: str) -> None:
        """Make a group that was part of another one a group again, without words until it is opened."""
        root = self.root(group)
        self.forget_alias(group)
        back = [self.reports[name] for name in self.members(root) if self.group_of(name) == group]
        for stored in back:
            self._leave(stored, root)
        self._enter_in_order(back, group)

    def know_alias(self, group: str, into: str) -> None:
        """Remember that a group is part of another one; its reports are moved, or taken in, apart from this."""
        self._parents[group] = into
        self._parts.setdefault(into, {})[group] = None

    def forget_alias(self, group: str) -> None:
        """The group is part of no other one."""
        into = self._parents.pop(group, None)
        if into is not None:
            _discard(self._parts, into, group)

    def _enter(self, stored: StoredReport, group: str) -> None:
        self._members.setdefault(group, {})[stored.id] = None
        if stored.restricted:
            self._restricted.setdefault(group, {})[stored.id] = None
        if stored.told:
            self._told.setdefault(group, {})[stored.id] = None
            if group in self.profiles:
                self.profiles.add(group, stored.telling)

    def _enter_in_order(self, moved: Iterable[StoredReport], group: str) -> None:
        for stored in moved:
            self._enter(stored, group)
        for kept in (self._members, self._told):
            if group in kept:
                kept[group] = dict.fromkeys(sorted(kept[group], key=lambda name: self.reports[name].order))

    def _leave(self, stored: StoredReport, group: str) -> None:
        _discard(self._members, group, stored.id)
        _discard(self._restricted, group, stored.id)
        if stored.told:
            _discard(self._told, group, stored.id)
            if group in self.profiles:
                self.profiles.remove(group, stored.telling)


def _discard(kept: dict[Key, dict[str, None]], key: Key, name: str) -> None:
    names = kept.get(key)
    if names is not None:
        names.pop(name, None)
        if not names:
            del kept[key]


def _place(stored: StoredReport, name: str) -> str:
    return stored.subject if name == "subject" else stored.context.get(name, "")
