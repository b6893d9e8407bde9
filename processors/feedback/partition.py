"""What works on the state of one partition: understands what comes, and tells again what changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from contracts.event import Event
from contracts.feedback import EnrichedFeedback
from contracts.symptoms import Symptom
from contracts.understanding import Category, Grouped, Severity
from processors.feedback.category.categorise import Categoriser
from processors.feedback.category.severity import severity_of
from processors.feedback.grouping.grouper import Grouper
from processors.feedback.joining.complaint import complaint_of
from processors.feedback.joining.joiner import Joiner
from processors.feedback.joining.links import Relinked
from processors.feedback.kept import Kept
from processors.feedback.known_issues import SEED, KnownIssues
from processors.feedback.learning import Learning
from processors.feedback.repeats import Repeats
from processors.feedback.restriction import Restriction
from processors.feedback.tell_matrix import told_row
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
QUOTED = re.compile("“.*”", re.DOTALL)
"""A title in the reason why something is in its group."""


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
        self.restriction = Restriction(state, self.grouper.memory, self.kept)
        self.groups = ToldGroups(state, self.grouper, self.issues, self.restriction.of)

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
        restricted = feedback.security.restricted
        where = project + RESTRICTED if restricted else project
        decision = self.grouper.place(report_of(feedback, where, feedback.category.name), weakness=restricted)
        self.restriction.mark(where, feedback.id, restricted=restricted)
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
        self.restriction.store()
        passed = self.joiner.pass_time(now)
        for relinked in passed.relinked:
            yield from self._relink(relinked)
        for row in passed.rows:
            yield told_row(row)
        for project, name in self.kept.take_due(AGAIN_AT_ONCE):
            yield from self.tell_again(project, name)

    def judged(self, project: str, feedback: EnrichedFeedback) -> EnrichedFeedback:
        """With category and security as model and analysts have it."""
        judgement = self._categoriser.judge(
            feedback.title, feedback.text, language=feedback.language, learned=self.learning.of(project)
        )
        label = self.learning.label(project, feedback.id)
        return with_(feedback, category=category_of(judgement, label), security=security_of(judgement, label))

    def judge_again(self, project: str, name: str, at: int) -> Iterator[Event]:
        """Judge a piece of feedback anew after analysts spoke of it: few may read its group from now on, or all.

        One that is remembered no more is what an analyst says of it, else restricted if it ever was.
        """
        known, label = self.kept.get(project, name), self.learning.label(project, name)
        where = self.where(project, name)
        if known is not None:
            known = self.judged(project, known)
            restricted = known.security is not None and known.security.restricted
        elif label is not None:
            restricted = label == "security"
        else:
            restricted = where.endswith(RESTRICTED) or self.restriction.is_marked(where, name)
        self.restriction.mark(where, name, restricted=restricted)
        index = self.grouper.memory.project(where)
        if name in index.reports and self.groups.turned(where, (index.group_of(name),)):
            yield from self.regroup(where, (index.group_of(name),), at)
        if known is not None:
            yield from self.tell_again(project, name, category=known.category, security=known.security)

    def tell_again(self, project: str, name: str, **changes: Any) -> Iterator[EnrichedFeedback]:
        """Tell a piece of feedback with what changed, if anything did."""
        before = self.kept.get(project, name)
        if before is None:
            metrics.SKIPPED.labels("feedback_too_old_to_change").inc()
            return
        where = self.where(project, name)
        after = self._complete(where, with_(before, **changes) if changes else before)
        if after != before:
            yield self._tell(project, with_(after, revision=before.revision + 1))

    def regroup(self, where: str, groups: tuple[str, ...], at: int) -> Iterator[Event]:
        """Tell groups that changed; the feedback of those that became part of another one follows by and by.

        So does that of groups which few may read now and all could, or the other way.
        """
        index = self.grouper.memory.project(where)
        roots = {name: index.root(name) for name in groups}
        for name, root in roots.items():
            self.restriction.join(where, name, root)
        turned = self.groups.turned(where, groups)
        for name in turned:
            if name in roots.values() and not self.restriction.of(where, name):
                self.grouper.retitle(where, name)
        yield from self.groups.tell(where, (*groups, *roots.values(), *turned), at)
        merged = {root for name, root in roots.items() if root != name}
        for root in dict.fromkeys(roots.values()):
            for member in index.members(root) if root in turned or root in merged else ():
                if (root in turned or index.reports[member].group != root) and not member.startswith(SEED):
                    self.kept.ask_again(where.removesuffix(RESTRICTED), member)

    def where(self, project: str, name: str) -> str:
        """Among which groups a piece of feedback is: a restricted one may have been grouped while it was open."""
        hidden = project + RESTRICTED
        return hidden if name in self.grouper.memory.project(hidden).reports else project

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
                "reporters": group.reporters,
                "anonymous": group.anonymous,
                "restricted": self.restriction.of(where, group.id),
            }
            if said.restricted and not changes["restricted"]:  # it may quote what only few could read
                changes["reason"] = QUOTED.sub("“…”", changes.get("reason", said.reason))
        return Grouped.trusted({**said.__dict__, **changes})

    def _tell(self, project: str, feedback: EnrichedFeedback) -> EnrichedFeedback:
        self.kept.put(project, feedback)
        return feedback


def _known(category: Category) -> str | None:
    """The category that may speak for a call, or against it: one that nobody is sure of costs no complaint its call."""
    return None if category.needs_triage and category.name not in COMPLAINS else category.name
