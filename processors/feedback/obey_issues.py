"""What people command about known problems."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.cloudevents import derived_id
from contracts.commands import Command
from contracts.errors import Rejected
from contracts.event import Event
from processors.feedback.grouping.report import Report
from processors.feedback.known_issues import SEED, Issue
from processors.feedback.obeyed import OBEYED, Obeyed, Outcome
from processors.feedback.partition import Partition
from processors.feedback.told_groups import RESTRICTED
from processors.runtime.tables import State


class IssueCommands:
    """The known problems of one partition's projects, as commands change them."""

    def __init__(self, state: State, partition: Partition) -> None:
        self._obeyed, self._partition = state[OBEYED], partition

    def know(self, project: str, command: Command) -> Outcome:
        """Make or change one; without a group it is recognised by its title and text."""
        issue, at = command.issue or "", int(command.occurred_at.timestamp())
        before_in, before = self._find(project, issue)
        where, group = self._group_for(project, command, at)
        if before_in is not None:
            self._partition.issues.forget(before_in, issue)
        self._partition.issues.know(where, command, group)
        after = _fields(self._partition.issues.get(where, issue))
        self._obeyed[f"{project}|{command.id}"] = Obeyed(
            "know_issue", project, issue=issue, before=_fields(before), after=after
        )
        done = Outcome("known_issue", issue, _fields(before) or {}, {"title": command.title or "", "group": group})
        done.told += self._tell(project, [before.group if before else "", group], at)
        return done

    def forget(self, project: str, command: Command) -> Outcome:
        """End one."""
        issue = command.issue or ""
        where, known = self._find(project, issue)
        if where is None or known is None:
            raise Rejected("unknown_issue", f"there is no known problem {issue}")
        self._partition.issues.forget(where, issue)
        self._obeyed[f"{project}|{command.id}"] = Obeyed("forget_issue", project, issue=issue, before=_fields(known))
        done = Outcome("known_issue", issue, _fields(known) or {})
        done.told += self._tell(project, [known.group], int(command.occurred_at.timestamp()))
        return done

    def take_back(self, project: str, done: Obeyed, at: int) -> Iterator[Event]:
        """Have a known problem as it was before a command, unless another one changed it since."""
        where, now = self._find(project, done.issue)
        if _fields(now) != done.after:
            raise Rejected("changed_since", f"{done.issue} was changed since; take the later command back first")
        if where is not None:
            self._partition.issues.forget(where, done.issue)
        if done.before:
            before = Issue(**done.before)
            self._partition.issues.keep(self._partition.where_group(project, before.group), before)
        yield from self._tell(project, [one["group"] for one in (done.after, done.before) if one], at)

    def _group_for(self, project: str, command: Command, at: int) -> tuple[str, str]:
        partition, named = self._partition, command.group
        if named is None:
            name = SEED + derived_id(command.issue, command.title, command.text)
            text, title = command.text or command.title or "", command.title or ""
            return project, partition.grouper.place(Report(project, name, at, text=text, title=title)).group
        where = partition.where_group(project, named)
        group = partition.root(where, named)
        if not partition.grouper.memory.project(where).size(group):
            raise Rejected("unknown_group", f"{named} has no live report")
        return where, group

    def _find(self, project: str, issue: str) -> tuple[str | None, Issue | None]:
        """Where a known problem is: among the open groups, or among those that few may read."""
        for where in (project, project + RESTRICTED):
            known = self._partition.issues.get(where, issue)
            if known is not None:
                return where, known
        return None, None

    def _tell(self, project: str, groups: list[str], at: int) -> Iterator[Event]:
        for group in dict.fromkeys(name for name in groups if name):
            where = self._partition.where_group(project, group)
            root = self._partition.root(where, group)
            for member in self._partition.grouper.memory.project(where).members(root):
                if not member.startswith(SEED):
                    self._partition.kept.ask_again(project, member)
            yield from self._partition.groups.tell(where, (root,), at)


def _fields(issue: Issue | None) -> dict[str, str] | None:
    if issue is None:
        return None
    return {"issue": issue.issue, "title": issue.title, "workaround": issue.workaround, "group": issue.group}
