"""What works on the state of one partition: understands what comes, and tells again what changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from contracts.cloudevents import derived_id
from contracts.event import Event
from contracts.feedback import EnrichedFeedback
from contracts.groups import Cells, ReportedObserved
from contracts.symptoms import Symptom
from contracts.understanding import Category, Grouped, Severity
from processors.feedback.category.categorise import Categoriser
from processors.feedback.category.severity import severity_of
from processors.feedback.grouping.grouper import Grouper
from processors.feedback.joining.complaint import complaint_of
from processors.feedback.joining.joiner import Joiner
from processors.feedback.joining.links import Relinked
from processors.feedback.joining.matrix import Cells as MatrixCells
from processors.feedback.joining.matrix import MatrixRow
from processors.feedback.kept import Kept
from processors.feedback.known_issues import KnownIssues
from processors.feedback.learning import Learning
from processors.feedback.repeats import Repeats
from processors.feedback.told_groups import RESTRICTED, ToldGroups
from processors.feedback.understand import (
    candidates_of,
    category_of,
    completed,
    grouped_of,
    links_of,
    report_of,
    security_of,
    with_,
)
from processors.runtime import metrics
from processors.runtime.tables import State

COMPLAINS = frozenset({"functional_bug", "performance"})
"""Categories of those who had a call that went wrong."""
AGAIN_AT_ONCE = 200
"""Pieces of feedback that are told again at one tick: a merge of thousands must not hold up what comes."""


class Partition:
    """It only indexes what the state holds. Times are in seconds since 1970."""

    def __init__(self, state: State, categoriser: Categoriser) -> None:
        self._categoriser = categoriser
        self.grouper = Grouper(state)
        self.joiner = Joiner(state)
        self.kept = Kept(state)
        self.repeats = Repeats(state)
        self.learning = Learning(state)
        self.issues = KnownIssues(state, self.root)
        self.groups = ToldGroups(state, self.grouper, self.issues)

    def knows(self, project: str, name: str) -> bool:
        """Whether a piece of feedback was taken, and is still remembered somewhere."""
        index = self.grouper.memory.project
        return self.kept.has(project, name) or any(
            name in index(where).reports for where in (project, project + RESTRICTED)
        )

    def take(self, feedback: EnrichedFeedback, now: float) -> Iterator[Event]:
        """Understand a new piece of feedback."""
        project = feedback.place
        feedback = self.judged(project, feedback)
        if feedback.category is None or feedback.security is None:
            raise ValueError("what was judged has a category")
        where = project + RESTRICTED if feedback.security.restricted else project
        decision = self.grouper.place(report_of(feedback, where, feedback.category.name))
        links = self.joiner.join(project, complaint_of(feedback, _known(feedback.category)), now)
        said = severity_of(feedback.text, feedback.title, feedback.rating, feedback.language)
        feedback = with_(
            feedback,
            severity=Severity(value=said.score, from_text=said.score, words=said.words),
            group=grouped_of(decision),
            links=links_of(links),
            candidates=candidates_of(links),
        )
        yield self._tell(project, self._complete(where, feedback))
        yield from self.regroup(where, (decision.group, *decision.joined), int(feedback.occurred_at.timestamp()))

    def notice(self, symptom: Symptom, now: float) -> Iterator[Event]:
        """Take a failing or slow call in; complaints that it explains are told again."""
        for relinked in self.joiner.add_symptom(symptom.place, symptom, now):
            yield from self._relink(relinked)

    def pass_time(self, now: float) -> Iterator[Event]:
        """What the passing of time changes, and some of what waits to be told again."""
        passed = self.joiner.pass_time(now)
        for relinked in passed.relinked:
            yield from self._relink(relinked)
        for row in passed.rows:
            yield _matrix(row)
        for project, name in self.kept.take_due(AGAIN_AT_ONCE):
            yield from self.tell_again(project, name)

    def judged(self, project: str, feedback: EnrichedFeedback) -> EnrichedFeedback:
        """With category and security as model and analysts have it."""
        judgement = self._categoriser.judge(
            feedback.title, feedback.text, language=feedback.language, learned=self.learning.of(project)
        )
        label = self.learning.label(project, feedback.id)
        return with_(feedback, category=category_of(judgement, label), security=security_of(judgement, label))

    def tell_again(self, project: str, name: str, **changes: Any) -> Iterator[EnrichedFeedback]:
        """Tell a piece of feedback with what changed, if anything did."""
        before = self.kept.get(project, name)
        if before is None:
            metrics.SKIPPED.labels("feedback_too_old_to_change").inc()
            return
        where = self.where(project, before)
        after = self._complete(where, with_(before, **changes) if changes else before)
        if after != before:
            yield self._tell(project, with_(after, revision=before.revision + 1))

    def regroup(self, where: str, groups: tuple[str, ...], at: int) -> Iterator[Event]:
        """Tell groups that changed; the feedback of those that became part of another one follows by and by."""
        index = self.grouper.memory.project(where)
        every = tuple(dict.fromkeys([*groups, *(index.root(name) for name in groups)]))
        if any(self.groups.is_restricted(where, name) for name in every):  # whoever shared words with it may show them
            for name in every:
                self.groups.restrict(where, name)
        yield from self.groups.tell(where, every, at)
        project = where.removesuffix(RESTRICTED)
        for root in dict.fromkeys(index.root(name) for name in groups if index.root(name) != name):
            for member in index.members(root):
                if index.reports[member].group != root:
                    self.kept.ask_again(project, member)

    def where(self, project: str, feedback: EnrichedFeedback) -> str:
        """Among which groups it is: a restricted one may have been grouped while it was open."""
        hidden = project + RESTRICTED
        return hidden if feedback.id in self.grouper.memory.project(hidden).reports else project

    def where_group(self, project: str, group: str) -> str:
        """Among which groups a group is, those that everybody may read where it is not known."""
        hidden = project + RESTRICTED
        index = self.grouper.memory.project(hidden)
        return hidden if index.size(index.root(group)) else project

    def root(self, where: str, group: str) -> str:
        """The group that a group has become part of, or itself."""
        return self.grouper.memory.project(where).root(group)

    def _relink(self, relinked: Relinked) -> Iterator[EnrichedFeedback]:
        links = relinked.links
        changes = {"links": links_of(links), "candidates": candidates_of(links)}
        return self.tell_again(relinked.project, links.complaint, **changes)

    def _complete(self, where: str, feedback: EnrichedFeedback) -> EnrichedFeedback:
        """With its group as it is now, and what follows from that."""
        grouped = self._regrouped(where, feedback)
        issue = self.issues.of(where, grouped.group)
        return completed(with_(feedback, group=grouped, known_issue=issue))

    def _regrouped(self, where: str, feedback: EnrichedFeedback) -> Grouped:
        said = feedback.group
        if said is None:
            raise ValueError("what was placed has a group")
        index = self.grouper.memory.project(where)
        changes: dict[str, Any] = {}
        stored = index.reports.get(feedback.id)
        if stored is not None:
            changes["group"] = index.group_of(feedback.id)
            if stored.pinned:
                changes |= {"decision": "analyst", "reason": "a person put it here"}
            elif said.decision == "analyst":
                changes |= {"decision": stored.kind, "reason": "what a person had decided was taken back"}
            elif changes["group"] != said.group:
                changes["reason"] = f"{said.reason}; its group became part of {changes['group']}"
        group = self.grouper.group(where, changes.get("group", said.group), int(feedback.occurred_at.timestamp()))
        if group is not None:
            changes |= {
                "title": group.title,
                "reports": group.reports,
                "reporters": group.reporters + group.anonymous,
                "restricted": self.groups.is_restricted(where, group.id),
            }
        return Grouped.trusted({**said.__dict__, **changes})

    def _tell(self, project: str, feedback: EnrichedFeedback) -> EnrichedFeedback:
        self.kept.put(project, feedback)
        return feedback


def _matrix(row: MatrixRow) -> ReportedObserved:
    tenant, project, environment = row.project.split("/", 2)
    return ReportedObserved.model_validate(
        {
            "id": derived_id(row.project, row.kind, row.name, row.at),
            "occurred_at": _moment(row.at),
            "tenant": tenant,
            "project": project,
            "environment": environment,
            "kind": row.kind,
            "name": row.name,
            "hour": _cells(row.hour),
            "total": _cells(row.total),
        }
    )


def _cells(cells: MatrixCells) -> Cells:
    return Cells(
        reported_and_observed=max(0, cells.reported_observed),
        observed_not_reported=max(0, cells.observed_not_reported),
        reported_telemetry_green=max(0, cells.reported_green),
    )


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _known(category: Category) -> str | None:
    """The category that may speak for a call, or against it: one that nobody is sure of costs no complaint its call."""
    return None if category.needs_triage and category.name not in COMPLAINS else category.name
