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

    def get(self, project: str, issue: str) -> Issue | None:
        """A known problem."""
        return self._table.get(f"{project}|{issue}")

    def of(self, project: str, group: str) -> KnownIssue | None:
        """The known problem of a group, if it is one; of several the first by name."""
        root = self._root(project, group)
        found = [
            issue
            for key, issue in self._table.items()
            if key.startswith(f"{project}|") and self._root(project, issue.group) == root
        ]
        if not found:
            return None
        first = min(found, key=lambda issue: issue.issue)
        return KnownIssue(issue=first.issue, title=first.title, workaround=first.workaround or None)

    def know(self, project: str, command: Command, group: str) -> None:
        """Make or change one."""
        name = command.issue or ""
        issue = Issue(name, command.title or "", command.workaround or "", group)
        self._table[f"{project}|{name}"] = issue

    def restore(self, project: str, issue: Issue) -> None:
        """Have one as it was."""
        self._table[f"{project}|{issue.issue}"] = issue

    def forget(self, project: str, issue: str) -> Issue | None:
        """End one, and return what it was."""
        key = f"{project}|{issue}"
        known = self._table.get(key)
        if known is not None:
            del self._table[key]
        return known
