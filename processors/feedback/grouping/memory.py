"""What a partition remembers of all its projects: tables and indexes changed together, oldest out first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from processors.feedback.grouping.project_index import ProjectIndex
from processors.feedback.grouping.stored import (
    ALIAS,
    ALIASES,
    COMMANDS,
    DONE,
    GROUPS,
    HABITS,
    LIVE_GROUPS,
    LIVE_REPORTS,
    REPORTS,
    Alias,
    Done,
    Habit,
    StoredGroup,
    StoredReport,
)
from processors.runtime import metrics
from processors.runtime.tables import State

USUAL_HABIT = 0.6
"""Share of reports that repeat something, until a project's own is learnt."""


class Memory:
    """Keys are ``project|id``; no project has a bar in its name.

    The orders that decide what is oldest are kept beside the tables and follow from them: the order of arrival of
    reports, and of the latest report of groups.
    """

    def __init__(self, state: State, *, reports: int = LIVE_REPORTS, groups: int = LIVE_GROUPS) -> None:
        self._reports, self._groups, self._habits = state[REPORTS], state[GROUPS], state[HABITS]
        self._aliases, self._done = state[ALIAS], state[DONE]
        self._most_reports, self._most_groups = reports, groups
        self._projects: dict[str, ProjectIndex] = {}
        self.restricted_one_goes: Callable[[str, str], None] = _nobody_asks
        """Called with project and group before a report that few may read is forgotten."""
        for key, alias in self._aliases.items():
            project, name = _parts(key)
            self.project(project).know_alias(name, alias.into)
        self._report_order = _ordered((stored.order, key) for key, stored in self._reports.items())
        for key in self._report_order:
            self.project(_parts(key)[0]).add(self._reports[key])
        self._group_order = _ordered((group.seen, key) for key, group in self._groups.items())
        for key in self._group_order:
            self.project(_parts(key)[0]).open(self._groups[key])
        self._alias_order = _ordered((alias.order, key) for key, alias in self._aliases.items())
        self._done_order = _ordered((done.order, key) for key, done in self._done.items())
        self._next = 1 + max(
            (
                *(stored.order for _, stored in self._reports.items()),
                *(alias.order for _, alias in self._aliases.items()),
                *(done.order for _, done in self._done.items()),
                *(habit.orders - 1 for _, habit in self._habits.items()),
            ),
            default=0,
        )

    def project(self, name: str) -> ProjectIndex:
        """The index of a project."""
        return self._projects.setdefault(name, ProjectIndex())

    def next_order(self) -> int:
        """A number above all that stand in the tables."""
        self._next += 1
        return self._next - 1

    def habit(self, project: str) -> float:
        """Share of a project's reports that repeat something."""
        known = self._habits.get(project)
        return known.share if known else USUAL_HABIT

    def close(self, project: str, share: float | None = None) -> None:
        """End an event: remember that share, if it changed, and how far numbers were given out."""
        self._habits[project] = Habit(self.habit(project) if share is None else share, self._next)

    def add(self, project: str, stored: StoredReport) -> None:
        """Keep a new report; the oldest one goes when there are too many."""
        key = f"{project}|{stored.id}"
        self.project(project).add(stored)
        self._reports[key] = stored
        self._report_order[key] = None
        while len(self._report_order) > self._most_reports:
            self._forget_oldest()

    def save(self, project: str, stored: StoredReport) -> None:
        """Note that a report was changed."""
        self._reports[f"{project}|{stored.id}"] = stored

    def keep(self, project: str, group: StoredGroup) -> None:
        """Keep a group that got a report or was changed; the one without reports for longest goes if need be."""
        key, index = f"{project}|{group.id}", self.project(project)
        if group.id not in index.groups:
            index.open(group)
        self._groups[key] = group
        self._group_order.pop(key, None)
        latest = next(reversed(self._group_order), None)
        self._group_order[key] = None
        if latest is not None and self._groups[latest].seen > group.seen:
            self._group_order = _ordered((self._groups[other].seen, other) for other in self._group_order)
        while len(self._group_order) > self._most_groups:
            self.give_up(*_parts(next(iter(self._group_order))))
            metrics.EVICTED.labels(GROUPS.name).inc()

    def give_up(self, project: str, group: str) -> None:
        """Forget a group; its live reports begin it anew when one is repeated."""
        key = f"{project}|{group}"
        self.project(project).close(group)
        if self._group_order.pop(key, key) is None:
            del self._groups[key]

    def join(self, project: str, group: StoredGroup, into: str) -> None:
        """Make a group part of another one; what had been counted of it is kept with the alias."""
        key = f"{project}|{group.id}"
        self.give_up(project, group.id)
        self.project(project).join(group.id, into)
        alias = Alias(self.next_order(), into, group)
        self._aliases[key] = alias
        self._alias_order[key] = None
        while len(self._alias_order) > ALIASES:
            self._fold(next(iter(self._alias_order)))
            metrics.EVICTED.labels(ALIAS.name).inc()

    def part(self, project: str, group: str) -> StoredGroup | None:
        """Take a group out of the one it is part of; None where that is not known any more."""
        key = f"{project}|{group}"
        alias = self._aliases.get(key)
        if alias is None:
            return None
        self.project(project).part(group)
        del self._aliases[key]
        self._alias_order.pop(key, None)
        return alias.group

    def done(self, project: str, command: str) -> Done | None:
        """What a command did."""
        return self._done.get(f"{project}|{command}")

    def note(self, project: str, command: str, done: Done) -> None:
        """Remember what a command did, or that it was taken back."""
        key = f"{project}|{command}"
        self._done[key] = done
        self._done_order.setdefault(key, None)
        while len(self._done_order) > COMMANDS:
            oldest = next(iter(self._done_order))
            del self._done_order[oldest], self._done[oldest]
            metrics.EVICTED.labels(DONE.name).inc()

    def _forget_oldest(self) -> None:
        key = next(iter(self._report_order))
        project, name = _parts(key)
        if self._reports[key].restricted:
            self.restricted_one_goes(project, self.project(project).group_of(name))
        group = self.project(project).remove(name)
        del self._report_order[key], self._reports[key]
        metrics.EVICTED.labels(REPORTS.name).inc()
        if not self.project(project).size(group):
            self.give_up(project, group)
            for part in list(self.project(project).parts(group)):
                self._drop_alias(f"{project}|{part}")

    def _fold(self, key: str) -> None:
        """Make what an alias says permanent: it cannot be taken back any more."""
        project, group = _parts(key)
        index = self.project(project)
        root = index.root(group)
        for name in index.members(root):
            if index.reports[name].group == group:
                index.reports[name].group = root
                self.save(project, index.reports[name])
        for other, alias in list(self._aliases.items()):
            if alias.into == group and _parts(other)[0] == project:
                self._aliases[other] = replace(alias, into=root)
                index.forget_alias(_parts(other)[1])
                index.know_alias(_parts(other)[1], root)
        self._drop_alias(key)

    def _drop_alias(self, key: str) -> None:
        project, group = _parts(key)
        self._alias_order.pop(key, None)
        del self._aliases[key]
        self.project(project).forget_alias(group)


def _nobody_asks(_project: str, _group: str) -> None:
    pass


def _parts(key: str) -> tuple[str, str]:
    project, _, name = key.partition("|")
    return project, name


def _ordered(pairs: Iterable[tuple[int, str]]) -> dict[str, None]:
    return dict.fromkeys(key for _, key in sorted(pairs))
