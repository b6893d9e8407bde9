"""Known problems: feedback of their group is linked to them and counted, and opens nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contracts.commands import Command
from contracts.understanding import KnownIssue
from processors.runtime.tables import State, TableSpec, table_of


@dataclass(frozen=True, slots=True)
class Issue:
    """A known problem and the group of those who report it."""

    issue: str
    title: str
    workaround: str
    group: str


ISSUES: TableSpec[Issue] = table_of(Issue, "feedback_issues", capacity=2_000)
SEED = "known:"
"""How the report begins that stands for a known problem nobody has reported yet."""


class KnownIssues:
    """The known problems of one partition's projects; ``root`` says which group a group has become part of."""

    def __init__(self, state: State, root: Callable[[str, str], str]) -> None:
        self._table, self._root = state[ISSUES], root
        self._names: dict[str, set[str]] = {}
        for key, issue in self._table.items():
            self._names.setdefault(key.partition("|")[0], set()).add(issue.issue)

    def get(self, project: str, issue: str) -> Issue | None:
        """A known problem."""
        return self._table.get(f"{project}|{issue}")

    def of(self, project: str, group: str) -> KnownIssue | None:
        """The known problem of a group, if it is one; of several the first by name."""
        root = self._root(project, group)
        for name in sorted(self._names.get(project, ())):
            issue = self._table.get(f"{project}|{name}")
            if issue is not None and self._root(project, issue.group) == root:
                return KnownIssue(issue=name, title=issue.title, workaround=issue.workaround or None)
        return None

    def know(self, project: str, command: Command, group: str) -> None:
        """Make or change one."""
        self.keep(project, Issue(command.issue or "", command.title or "", command.workaround or "", group))

    def keep(self, project: str, issue: Issue) -> None:
        """Have one."""
        self._table[f"{project}|{issue.issue}"] = issue
        self._names.setdefault(project, set()).add(issue.issue)

    def forget(self, project: str, issue: str) -> None:
        """End one."""
        self._table.pop(f"{project}|{issue}")
        self._names.get(project, set()).discard(issue)
