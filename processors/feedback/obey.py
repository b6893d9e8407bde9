"""What people command about feedback: each is answered once, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from contracts.commands import Command
from contracts.errors import Rejected
from contracts.event import Event
from processors.feedback.category.categorise import Categoriser
from processors.feedback.grouping.report import GroupChange
from processors.feedback.obey_issues import IssueCommands
from processors.feedback.obeyed import OBEYED, Obeyed, Outcome, answer_to, deed, subject_of
from processors.feedback.partition import Partition
from processors.runtime.stage import Skipped
from processors.runtime.tables import State


class Commands:
    """The commands of one partition's projects."""

    def __init__(self, state: State, partition: Partition, categoriser: Categoriser) -> None:
        self._obeyed, self._partition, self._categoriser = state[OBEYED], partition, categoriser
        self._issues = IssueCommands(state, partition)

    def obey(self, command: Command) -> Iterator[Event]:
        """Do it, or say why not; the last event is the answer. Raise `Skipped` for one that was obeyed before."""
        project = command.place
        if f"{project}|{command.id}" in self._obeyed:
            raise Skipped("repeat")
        obeys: Callable[[str, Command], Outcome] = {
            "relabel": self._relabel,
            "merge_groups": self._merge,
            "split_group": self._split,
            "move_feedback": self._move,
            "rename_group": self._rename,
            "know_issue": self._issues.know,
            "forget_issue": self._issues.forget,
            "take_back": self._take_back,
        }[command.action]
        try:
            done = obeys(project, command)
        except Rejected as refused:
            yield answer_to(command, Outcome(*subject_of(command)), refusal=f"{refused.reason}: {refused.detail}")
            return
        yield from done.told
        yield answer_to(command, done)

    def _relabel(self, project: str, command: Command) -> Outcome:
        names = list(dict.fromkeys(command.feedback))
        known = [self._known(project, name) for name in names]
        label = command.category or ""
        done = Outcome("feedback", ", ".join(command.feedback), after={"category": label})
        done.before["category"] = ", ".join(one.category.name if one.category else "" for one in known)
        at = int(command.occurred_at.timestamp())
        for number, one in enumerate(known):
            relabel = self._categoriser.relabel(
                one.title,
                one.text,
                id=deed(command.id, number),
                feedback=one.id,
                label=label,
                by=command.actor,
                at=at,
            )
            self._partition.learning.learn(project, relabel)
        self._note(project, command, Obeyed("relabel", project, names))
        done.told += self._judge_again(project, names, at)
        return done

    def _judge_again(self, project: str, names: list[str], at: int) -> Iterator[Event]:
        for name in dict.fromkeys(names):
            yield from self._partition.judge_again(project, name, at)

    def _merge(self, project: str, command: Command) -> Outcome:
        where = self._partition.where_group(project, command.group or "")
        if where != self._partition.where_group(project, command.into or ""):
            raise Rejected(
                "not_alike", "one was taken for a weakness when it came, and is grouped apart from the other"
            )
        into, group = command.into or "", command.group or ""
        changes = self._partition.grouper.merge(where, into, group, command=deed(command.id))
        return self._changed(project, where, command, changes, before={"group": group}, after={"group": into})

    def _split(self, project: str, command: Command) -> Outcome:
        where = self._where_feedback(project, command.feedback)
        grouper, group = self._partition.grouper, command.group or ""
        index = grouper.memory.project(where)
        if command.title is not None and not command.title.strip():
            raise Rejected("no_title", "a group needs a title, or none at all")
        for name in command.feedback:
            if index.group_of(name) != index.root(group):
                raise Rejected("not_in_group", f"{name} is in {index.group_of(name)}, not in {group}")
        changes = grouper.split(where, command.feedback, command=deed(command.id))
        for change in changes:
            if command.title:
                grouper.rename(where, change.group, command.title, command=deed(command.id, 0))
        after = {"group": ", ".join(change.group for change in changes)}
        return self._changed(project, where, command, changes, before={"group": group}, after=after)

    def _move(self, project: str, command: Command) -> Outcome:
        where = self._where_feedback(project, command.feedback)
        grouper, into = self._partition.grouper, command.into or ""
        index, names = grouper.memory.project(where), list(dict.fromkeys(command.feedback))
        if not index.size(index.root(into)):
            raise Rejected("unknown_group", f"{into} has no live report")
        already = [name for name in names if index.group_of(name) == index.root(into)]
        if already:
            raise Rejected("same_group", f"{already[0]} is in {into}")
        before = {"group": ", ".join(index.group_of(name) for name in names)}
        changes: list[GroupChange] = []
        for number, name in enumerate(names):
            changes += grouper.move(where, name, into, command=deed(command.id, number))
        return self._changed(project, where, command, tuple(changes), before=before, after={"group": into})

    def _rename(self, project: str, command: Command) -> Outcome:
        where = self._partition.where_group(project, command.group or "")
        grouper = self._partition.grouper
        known = grouper.group(where, command.group or "", int(command.occurred_at.timestamp()))
        before = {"title": known.title if known else ""}
        changes = grouper.rename(where, command.group or "", command.title or "", command=deed(command.id))
        return self._changed(project, where, command, changes, before=before, after={"title": command.title or ""})

    def _take_back(self, project: str, command: Command) -> Outcome:
        name, at = command.command or "", int(command.occurred_at.timestamp())
        known = self._obeyed.get(f"{project}|{name}")
        if known is None or known.action == "take_back":
            raise Rejected("unknown_command", f"there is no command {name} that could be taken back")
        if known.taken_back:
            raise Rejected("taken_back", f"{name} was taken back already")
        done = Outcome("command", name, before={"action": known.action})
        if known.action == "relabel":
            for number in range(len(known.feedback)):
                self._partition.learning.unlearn(project, deed(name, number))
            done.told += self._judge_again(project, known.feedback, at)
        elif known.issue:
            done.told += self._issues.take_back(project, known, at)
        else:
            moved = len(dict.fromkeys(known.feedback)) if known.action == "move_feedback" else 0
            names = [deed(name, number) for number in range(moved)] or [deed(name)]
            changes = [change for one in names for change in self._partition.grouper.take_back(known.where, one)]
            done.told += self._told(project, known.where, changes, at)
        known.taken_back = True
        self._obeyed.touch(f"{project}|{name}")
        self._note(project, command, Obeyed("take_back", project))
        return done

    def _changed(
        self,
        project: str,
        where: str,
        command: Command,
        changes: tuple[GroupChange, ...],
        *,
        before: dict[str, str],
        after: dict[str, str],
    ) -> Outcome:
        if not changes:
            raise Rejected("obeyed_before", f"a command {command.id} was obeyed long ago; give this one another id")
        self._note(project, command, Obeyed(command.action, where, list(command.feedback)))
        told = list(self._told(project, where, changes, int(command.occurred_at.timestamp())))
        return Outcome(*subject_of(command), before=before, after=after, told=told)

    def _told(
        self, project: str, where: str, changes: list[GroupChange] | tuple[GroupChange, ...], at: int
    ) -> Iterator[Event]:
        for change in changes:
            for report in change.reports:
                self._partition.kept.ask_again(project, report)
            if change.kind == "taken_back":  # their reports came from either, and nobody knows any more from which
                index = self._partition.grouper.memory.project(where)
                for group in (change.group, *change.others):
                    for member in index.members(index.root(group)):
                        self._partition.kept.ask_again(project, member)
        index = self._partition.grouper.memory.project(where)
        groups = [name for change in changes for name in (change.group, *change.others)]
        groups += [index.group_of(name) for change in changes for name in change.reports if name in index.reports]
        yield from self._partition.regroup(where, tuple(dict.fromkeys(groups)), at)

    def _where_feedback(self, project: str, names: tuple[str, ...]) -> str:
        """Among which groups all of them are; each has to be known and live."""
        places = {self._partition.where(project, self._known(project, name).id) for name in names}
        if len(places) > 1:
            raise Rejected(
                "not_alike", "some were taken for a weakness when they came, and are grouped apart: one command each"
            )
        (where,) = places
        gone = [name for name in names if name not in self._partition.grouper.memory.project(where).reports]
        if gone:
            raise Rejected("unknown_feedback", f"{gone[0]} is in no group any more: it is too long ago")
        return where

    def _known(self, project: str, name: str) -> Any:
        known = self._partition.kept.get(project, name)
        if known is None:
            raise Rejected("unknown_feedback", f"{name} is not known, or too long ago")
        return known

    def _note(self, project: str, command: Command, obeyed: Obeyed) -> None:
        self._obeyed[f"{project}|{command.id}"] = obeyed
