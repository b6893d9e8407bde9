"""Making two groups one, and two of one again."""

from __future__ import annotations

from processors.feedback.grouping.memory import Memory
from processors.feedback.grouping.stored import Done, StoredGroup
from processors.feedback.grouping.tally import Tally

APART = 64
"""Groups that a group is kept apart from; the oldest such decision gives way."""


def join_groups(memory: Memory, project: str, small: str, large: str, *, command: str) -> None:
    """Make ``small`` part of ``large``; noted under a command, so that it can be taken back."""
    gone, kept = known_or_begun(memory, project, small), known_or_begun(memory, project, large)
    kept.tally.absorb(gone.tally)
    kept.seen = max(kept.seen, gone.seen)
    kept.apart = list(dict.fromkeys((*kept.apart, *gone.apart)))[-APART:]
    memory.join(project, gone, large)
    memory.keep(project, kept)
    memory.note(project, command, Done(memory.next_order(), "merge", large, small))


def part_groups(memory: Memory, project: str, small: str) -> bool:
    """Undo that; reports that came meanwhile stay in the larger group. False where it is too long ago."""
    index = memory.project(project)
    large = index.root(small)
    back = memory.part(project, small)
    if back is None:
        return False
    if index.size(small):
        memory.keep(project, recounted(memory, project, small, back))
    if index.size(large):
        memory.keep(project, recounted(memory, project, large, known_or_begun(memory, project, large)))
    else:
        memory.give_up(project, large)
    keep_apart(memory, project, small, large)
    return True


def keep_apart(memory: Memory, project: str, one: str, other: str) -> None:
    """Note that a person holds two groups for two problems."""
    groups = memory.project(project).groups
    for left, right in ((one, other), (other, one)):
        known = groups.get(left)
        if known is not None and right not in known.apart:
            known.apart = [*known.apart, right][-APART:]
            memory.keep(project, known)


def let_together(memory: Memory, project: str, one: str, other: str) -> None:
    """Note that a person does so no more."""
    index = memory.project(project)
    for left, right in ((one, other), (other, one)):
        known = index.groups.get(left)
        if known is not None and known.apart:
            known.apart = [name for name in known.apart if index.root(name) != index.root(right)]
            memory.keep(project, known)


def known_or_begun(memory: Memory, project: str, group: str) -> StoredGroup:
    """A group, anew from its live reports where it had been given up."""
    index = memory.project(project)
    known = index.groups.get(group)
    return known if known is not None else recounted(memory, project, group, StoredGroup(group, 0))


def recounted(memory: Memory, project: str, group: str, known: StoredGroup) -> StoredGroup:
    """A group counted anew from its live reports: of reports that are gone nobody knows where they would belong."""
    index = memory.project(project)
    known.tally = Tally()
    for name in index.members(group):
        stored = index.reports[name]
        known.tally.add(stored.report, stored.subject)
        known.seen = max(known.seen, stored.order)
    known.title = known.title or next((stored.headline for stored in index.told(group, 1)), "")
    return known
