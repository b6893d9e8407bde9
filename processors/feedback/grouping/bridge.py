"""Groups that turn out to be one: a report fits both, and so do the reports of the smaller one."""

from __future__ import annotations

from collections.abc import Iterator

from processors.feedback.grouping.corpus import Near
from processors.feedback.grouping.decide import Verdict
from processors.feedback.grouping.project_index import ProjectIndex
from processors.feedback.grouping.report import Report
from processors.feedback.grouping.stored import StoredReport
from processors.feedback.grouping.subjects import NO_TROUBLE
from processors.feedback.grouping.weigh import probability, weigh

FITS = 0.30
"""Probability of a second group from which it is asked whether both are one."""
ASKED, AMONG = 8, 50
"""Latest reports of the smaller group that are asked, and of the larger one that they are compared with."""
SEEN_OFTEN, KINDRED = 4, 8
"""Reports from which a group is held, each time it has doubled, against the others of its subject, and how many."""
MOSTLY, PART = 0.75, 0.30
"""Share of one subject among those that its reports name, and among all its reports, from which it is the group's."""
ONE = 0.50
"""Mean probability from which they are: that of a report joining a group, since that is what each of them does."""


def bridged(index: ProjectIndex, group: str, verdict: Verdict, habit: float) -> Iterator[tuple[str, str]]:
    """Pairs of groups to be joined, the smaller one first; each pair is to be joined before the next is asked for."""
    if verdict.group is None:
        return
    others = [choice.group for choice in verdict.others if choice.chance >= FITS]
    if _has_doubled(index.size(group)):
        others += _of_its_subject(index, group)
    for name in others:
        other = index.root(name)
        if other == group or not index.size(other) or other in index.apart(group):
            continue
        small, large = sorted((other, group), key=lambda name: (index.told_count(name), name))
        if _fits(index, small, large, habit):
            yield small, large
            group = large


def _has_doubled(size: int) -> bool:
    return size >= SEEN_OFTEN and size & (size - 1) == 0


def _of_its_subject(index: ProjectIndex, group: str) -> list[str]:
    """Groups that latest spoke of what this one is about."""
    subject = subject_of_group(index, group)
    if not subject:
        return []
    names = index.same_place(Report("", "", 0, ""), subject)
    return list(dict.fromkeys(index.group_of(name) for name in names))[:KINDRED]


def subject_of_group(index: ProjectIndex, group: str) -> str:
    """What most of a group's reports that are about something are about, if they are no small part of it."""
    known = index.groups.get(group)
    top = known.tally.top("subject") if known else ()
    if known is None or not top or top[0][0] == NO_TROUBLE:
        return ""
    subject, count = top[0]
    told = sum(times for _, times in top)
    return subject if count >= MOSTLY * told and count >= PART * known.tally.reports else ""


def _fits(index: ProjectIndex, small: str, large: str, habit: float) -> bool:
    among = index.told(large, AMONG)
    asked = index.told(small, ASKED)
    if not asked or small not in index.groups or large not in index.groups:
        return False
    subject, other = subject_of_group(index, small), subject_of_group(index, large)
    if subject and other and subject != other:
        return False
    points = [
        weigh(
            index,
            stored.report,
            stored.telling,
            large,
            near=_nearest(index, stored, among),
            habit=habit,
            subject=stored.subject or subject,
            supposed=stored.supposed or not stored.subject,
        ).total
        for stored in asked
    ]
    return probability(sum(points) / len(points)) >= ONE


def _nearest(index: ProjectIndex, stored: StoredReport, among: list[StoredReport]) -> Near | None:
    """The likest of some reports by the words that tell most."""
    weights = {term: index.corpus.rarity(term) ** 2 for term in stored.telling}
    best, likest = 0.0, None
    for other in among:
        common = sum(weights.get(term, 0.0) for term in other.telling)
        if common:
            other_weight = sum(index.corpus.rarity(term) ** 2 for term in other.telling)
            cosine = common / (sum(weights.values()) * other_weight) ** 0.5
            if cosine > best:
                best, likest = cosine, other
    return Near(likest.id, best, best, 0.0) if likest else None
