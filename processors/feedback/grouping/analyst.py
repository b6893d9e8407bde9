"""What people decide of groups: merge, split, move, rename, and take each back; idempotent by the command's id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contracts.cloudevents import derived_id
from contracts.errors import Rejected
from processors.feedback.grouping.memory import Memory
from processors.feedback.grouping.merging import (
    join_groups,
    keep_apart,
    known_or_begun,
    let_together,
    part_groups,
    recounted,
)
from processors.feedback.grouping.report import GroupChange
from processors.feedback.grouping.stored import Done, StoredGroup

MOST_MOVED = 500
"""Reports that one command may move: they are noted with it, to be taken back."""
MAX_TITLE = 200


def merge(memory: Memory, project: str, group: str, other: str, *, command: str) -> tuple[GroupChange, ...]:
    """Make ``other`` part of ``group``: from now on both ids mean one."""
    if memory.done(project, command):
        return ()
    into, gone = _live(memory, project, group), _live(memory, project, other)
    if into == gone:
        raise Rejected("same_group", f"{group} and {other} are one group")
    let_together(memory, project, into, gone)
    join_groups(memory, project, gone, into, command=command)
    memory.close(project)
    return (GroupChange(project, into, "merged", command, f"A person merged {gone} into it.", (gone,)),)


def split(memory: Memory, project: str, reports: Sequence[str], *, command: str) -> tuple[GroupChange, ...]:
    """Take reports out of their group into a new one; what is like them follows."""
    if memory.done(project, command):
        return ()
    index = memory.project(project)
    chosen = _chosen(memory, project, reports)
    group = index.group_of(chosen[0])
    if any(index.group_of(name) != group for name in chosen):
        raise Rejected("not_one_group", "reports to be split off have to be of one group")
    if len(chosen) == index.size(group):
        raise Rejected("nothing_left", f"these are all live reports of {group}")
    begun = derived_id("feedback-group", project, chosen[0], command)[:16]
    moved = _move(memory, project, chosen, begun, command)
    memory.keep(project, recounted(memory, project, begun, StoredGroup(begun, 0)))
    memory.keep(project, recounted(memory, project, group, known_or_begun(memory, project, group)))
    keep_apart(memory, project, group, begun)
    memory.note(project, command, Done(memory.next_order(), "split", group, begun, moved))
    memory.close(project)
    said = f"A person split {len(chosen)} reports off {group}."
    return (GroupChange(project, begun, "split", command, said, (group,), tuple(chosen)),)


def move(memory: Memory, project: str, report: str, group: str, *, command: str) -> tuple[GroupChange, ...]:
    """Put a report into another group; what is like it follows."""
    if memory.done(project, command):
        return ()
    index = memory.project(project)
    (chosen,) = _chosen(memory, project, [report])
    before, into = index.group_of(chosen), _live(memory, project, group)
    if before == into:
        raise Rejected("same_group", f"{report} is in {group}")
    moved = _move(memory, project, [chosen], into, command)
    _settle(memory, project, before, into)
    keep_apart(memory, project, before, into)
    memory.note(project, command, Done(memory.next_order(), "move", before, into, moved))
    memory.close(project)
    said = f"A person moved report {report} here from {before}."
    return (GroupChange(project, into, "moved", command, said, (before,), (report,)),)


def rename(memory: Memory, project: str, group: str, title: str, *, command: str) -> tuple[GroupChange, ...]:
    """Give a group a title that stays."""
    if memory.done(project, command):
        return ()
    if not title.strip():
        raise Rejected("no_title", "a group needs a title")
    name = _live(memory, project, group)
    known = known_or_begun(memory, project, name)
    done = Done(memory.next_order(), "rename", name, title=known.title, named=known.named)
    known.title, known.named = title.strip()[:MAX_TITLE], True
    memory.keep(project, known)
    memory.note(project, command, done)
    memory.close(project)
    return (GroupChange(project, name, "renamed", command, f"A person named it “{known.title}”."),)


def take_back(memory: Memory, project: str, command: str) -> tuple[GroupChange, ...]:
    """Undo a command, of a person or of a rule; nothing where it was taken back before."""
    done = memory.done(project, command)
    if done is None:
        raise Rejected("unknown_command", f"{command} is not known, or too long ago")
    if done.taken_back:
        return ()
    undo = {"merge": _unmerge, "split": _unsplit, "move": _unmove, "rename": _unname}[done.kind]
    undo(memory, project, done, command)
    memory.note(project, command, replace(done, taken_back=True))
    memory.close(project)
    others = (done.other,) if done.other else ()
    names = tuple(report for report, _, _ in done.moved)
    return (GroupChange(project, done.group, "taken_back", command, f"The {done.kind} was taken back.", others, names),)


def _unmerge(memory: Memory, project: str, done: Done, _: str) -> None:
    if not part_groups(memory, project, done.other):
        raise Rejected("too_long_ago", f"{done.other} cannot be taken out of {done.group} any more")


def _unmove(memory: Memory, project: str, done: Done, command: str) -> None:
    index = memory.project(project)
    touched = {index.root(done.group), index.root(done.other)}
    for name, group, pin in done.moved:
        stored = index.reports.get(name)
        if stored is not None and stored.pinned == command:
            stored.pinned = pin
            index.move(name, group)
            touched.add(index.root(group))
            memory.save(project, stored)
    _settle(memory, project, *sorted(touched))
    let_together(memory, project, index.root(done.group), index.root(done.other))


def _unsplit(memory: Memory, project: str, done: Done, command: str) -> None:
    """The reports go back, and with them those that came meanwhile because they were like them."""
    _unmove(memory, project, done, command)
    index = memory.project(project)
    rest, back = index.root(done.other), index.root(done.group)
    if rest == done.other and rest != back and index.size(rest) and index.size(back):
        join_groups(memory, project, rest, back, command=f"{command}/rest")


def _unname(memory: Memory, project: str, done: Done, _: str) -> None:
    index = memory.project(project)
    name = index.root(done.group)
    if index.size(name):
        known = known_or_begun(memory, project, name)
        known.title, known.named = done.title, done.named
        memory.keep(project, known)


def _move(
    memory: Memory, project: str, chosen: Sequence[str], group: str, command: str
) -> tuple[tuple[str, str, str], ...]:
    index = memory.project(project)
    before = []
    for name in chosen:
        stored = index.reports[name]
        before.append((name, stored.group, stored.pinned))
        stored.pinned = command
        index.move(name, group)
        memory.save(project, stored)
    return tuple(before)


def _settle(memory: Memory, project: str, *groups: str) -> None:
    """Count groups anew after reports came or went; one that has none is given up."""
    index = memory.project(project)
    for group in groups:
        if index.size(group):
            memory.keep(project, recounted(memory, project, group, known_or_begun(memory, project, group)))
        else:
            memory.give_up(project, group)


def _live(memory: Memory, project: str, group: str) -> str:
    index = memory.project(project)
    root = index.root(group)
    if not index.size(root):
        raise Rejected("unknown_group", f"{group} has no live report")
    return root


def _chosen(memory: Memory, project: str, reports: Sequence[str]) -> list[str]:
    index, chosen = memory.project(project), list(dict.fromkeys(reports))
    if not chosen or len(chosen) > MOST_MOVED:
        raise Rejected("number_of_reports", f"between 1 and {MOST_MOVED} reports can be moved at once")
    missing = [name for name in chosen if name not in index.reports]
    if missing:
        raise Rejected("unknown_report", f"{missing[0]} is not live")
    return chosen
