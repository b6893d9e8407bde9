"""Puts each report of a partition into its group as it comes, with its reasons."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.cloudevents import derived_id
from processors.feedback.grouping import analyst
from processors.feedback.grouping.bridge import bridged
from processors.feedback.grouping.decide import SUGGEST, Asked, Verdict, decide
from processors.feedback.grouping.features import features_of
from processors.feedback.grouping.headline import headline_of, title_of
from processors.feedback.grouping.memory import Memory
from processors.feedback.grouping.merging import join_groups, known_or_begun
from processors.feedback.grouping.project_index import ProjectIndex
from processors.feedback.grouping.reasons import reason_of
from processors.feedback.grouping.report import Decision, Group, GroupChange, Report
from processors.feedback.grouping.stored import (
    LIVE_GROUPS,
    LIVE_REPORTS,
    TELLING,
    StoredGroup,
    StoredReport,
    context_of,
)
from processors.feedback.grouping.subjects import LOOKED_AT, About, about
from processors.feedback.grouping.supposed import supposed
from processors.feedback.grouping.view import view
from processors.feedback.grouping.words import MAX_TITLE_CHARS, plain, words_of
from processors.runtime.tables import State

LEARNT = 1 / 150
"""Weight of one report in how often a project's reports repeat something: it follows within some 150 reports."""
LEAST_HABIT, MOST_HABIT = 0.05, 0.70
TOLD = 0.80
"""Likeness of words from which a report tells its group nothing new, so that its words are not counted again."""
TITLES = 20
"""Latest reports that a title is chosen from, each time a group has doubled."""


class Grouper:
    """Works on the state of one partition."""

    def __init__(self, state: State, *, reports: int = LIVE_REPORTS, groups: int = LIVE_GROUPS) -> None:
        self.memory = Memory(state, reports=reports, groups=groups)

    def place(self, report: Report, *, weakness: bool = False) -> Decision:
        """Put a report into its group; one that is live already stays where it is.

        One that may speak of a ``weakness`` has no subject: that both name mails, or cards, makes no two of them one.
        """
        memory, index = self.memory, self.memory.project(report.project)
        known = index.reports.get(report.id)
        if known is not None:
            return _again(index, report, known)
        asked, habit = _read(index, report, weakness=weakness), memory.habit(report.project)
        verdict = decide(index, asked, habit)
        group = self._group_for(report, verdict)
        stored = _stored(index, asked, verdict, group.id, memory.next_order())
        memory.add(report.project, stored)
        self._count(report, group, stored)
        joined = self._bridge(report.project, stored, verdict, habit)
        share = habit + (verdict.chance - habit) * LEARNT
        memory.close(report.project, min(MOST_HABIT, max(LEAST_HABIT, share)))
        return _decision(index, report, verdict, joined)

    def group(self, project: str, group: str, at: int) -> Group | None:
        """A group as it is at a moment in seconds, or the one it became part of; None for one that is not live."""
        return view(self.memory.project(project), project, group, at)

    def merge(self, project: str, group: str, other: str, *, command: str) -> tuple[GroupChange, ...]:
        """Make one group part of another; see `analyst` for all commands. Raise `Rejected` for what is not live."""
        return analyst.merge(self.memory, project, group, other, command=command)

    def split(self, project: str, reports: Sequence[str], *, command: str) -> tuple[GroupChange, ...]:
        """Take reports out of their group into a new one."""
        return analyst.split(self.memory, project, reports, command=command)

    def move(self, project: str, report: str, group: str, *, command: str) -> tuple[GroupChange, ...]:
        """Put a report into another group."""
        return analyst.move(self.memory, project, report, group, command=command)

    def rename(self, project: str, group: str, title: str, *, command: str) -> tuple[GroupChange, ...]:
        """Give a group a title that stays."""
        return analyst.rename(self.memory, project, group, title, command=command)

    def retitle(self, project: str, group: str) -> None:
        """Choose a title from the reports it has now, unless a person named it: one that left may have given it."""
        index = self.memory.project(project)
        known = index.groups.get(index.root(group))
        if known is None or known.named or not index.size(known.id):
            return
        told = index.told(known.id, TITLES) or [index.reports[index.members(known.id)[-1]]]
        known.title, known.told = title_of(told, index.profiles.counts(known.id), ""), index.told_count(known.id)
        self.memory.keep(project, known)

    def take_back(self, project: str, command: str) -> tuple[GroupChange, ...]:
        """Undo a command; ``joined/GROUP`` is the one by which a rule joined a group with another."""
        return analyst.take_back(self.memory, project, command)

    def _group_for(self, report: Report, verdict: Verdict) -> StoredGroup:
        if verdict.group is None:
            return StoredGroup(derived_id("feedback-group", report.project, report.id)[:16], 0)
        return known_or_begun(self.memory, report.project, verdict.group)

    def _count(self, report: Report, group: StoredGroup, stored: StoredReport) -> None:
        group.tally.add(stored.report, stored.subject)
        group.seen = stored.order
        self.memory.keep(report.project, group)
        index = self.memory.project(report.project)
        told = index.told_count(group.id)
        if not group.named and (not group.title or told >= 2 * max(1, group.told)):
            group.title = title_of(index.told(group.id, TITLES), index.profiles.counts(group.id), group.title)
            group.told = told

    def _bridge(self, project: str, stored: StoredReport, verdict: Verdict, habit: float) -> tuple[str, ...]:
        index = self.memory.project(project)
        joined = []
        for small, large in bridged(index, index.group_of(stored.id), verdict, habit):
            join_groups(self.memory, project, small, large, command=f"joined/{small}")
            joined.append(small)
        return tuple(joined)


def _read(index: ProjectIndex, report: Report, *, weakness: bool) -> Asked:
    features = features_of(report.title, report.text)
    said = plain(f"{report.title[:MAX_TITLE_CHARS]}\n{report.text[:LOOKED_AT]}", MAX_TITLE_CHARS + LOOKED_AT + 1)
    found = About("") if weakness else about(words_of(said), said, report.category)
    likely = "" if found.subject else supposed(found, index.talked_of, index.is_common)
    telling = tuple(index.corpus.telling(features, TELLING))
    return Asked(report, features, telling, found.subject or likely, supposed=bool(likely))


def _stored(index: ProjectIndex, asked: Asked, verdict: Verdict, group: str, order: int) -> StoredReport:
    report = asked.report
    near = verdict.near
    return StoredReport(
        id=report.id,
        at=report.at,
        order=order,
        group=group,
        headline=headline_of(report.title, report.text, index.corpus),
        told=not (verdict.group and near and near.words >= TOLD),
        telling=asked.telling,
        context=context_of(report),
        features=asked.features,
        subject=asked.subject,
        supposed=asked.supposed,
        kind=verdict.kind,
        similarity=round(near.similarity, 4) if near else 0.0,
    )


def _decision(index: ProjectIndex, report: Report, verdict: Verdict, joined: tuple[str, ...]) -> Decision:
    suggested = verdict.others[0] if verdict.group is None and verdict.others else None
    if suggested and suggested.chance < SUGGEST:
        suggested = None
    near = verdict.near
    return Decision(
        project=report.project,
        report=report.id,
        group=index.group_of(report.id),
        kind=verdict.kind,
        similarity=round(near.similarity, 4) if near else 0.0,
        confidence=round(verdict.chance if verdict.group else 1 - verdict.chance, 4),
        reason=reason_of(index, verdict, suggested),
        nearest=near.report if near else None,
        suggested=suggested.group if suggested else None,
        suggested_similarity=round(suggested.chance, 4) if suggested else 0.0,
        points=verdict.points,
        joined=joined,
    )


def _again(index: ProjectIndex, report: Report, known: StoredReport) -> Decision:
    group = index.group_of(known.id)
    said = "it was placed before, and stays"
    return Decision(report.project, report.id, group, known.kind, known.similarity, 1.0, said)
