"""Which group a new report belongs to: exact, a copy, reworded, the same problem, or new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from processors.feedback.grouping.corpus import Near
from processors.feedback.grouping.features import Features
from processors.feedback.grouping.project_index import ProjectIndex
from processors.feedback.grouping.report import Kind, Points, Report
from processors.feedback.grouping.weigh import circumstances, probability, weigh

COPY_WORDS, COPY_LETTERS = 0.80, 0.80
"""Cosine of words and share of letters from which a text is another one with small changes."""
COPY_TERMS = 4
"""Words that a text needs to be the copy of another: of three words every second sentence is one."""
REWORDED = 0.45
"""Similarity to one report from which the decision rests on it rather than on the group."""
MERGE = 0.70
"""Probability from which a report joins a group: calibrated, see docs/decisions/0015-grouping.md."""
SUGGEST = 0.15
"""Probability from which a group is suggested."""
GROUPS, PLACED = 24, 8
"""Groups that are weighed: of the nearest reports, and of the latest ones from the same place."""
CONTRADICTED = -1.5
"""Points of circumstances below which the same few words are about something else."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A new report with what was read out of it: its words, those that tell most, and what it is about.

    ``supposed`` says that it is about its ``subject`` only likely.
    """

    report: Report
    features: Features
    telling: tuple[int, ...]
    subject: str
    supposed: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A group with what speaks for it."""

    group: str
    chance: float
    points: Points
    near: Near | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided of a report; ``group`` is None where it is new, and ``others`` are the next likeliest groups."""

    kind: Kind
    group: str | None
    chance: float
    points: Points
    near: Near | None
    others: tuple[Choice, ...] = ()


def decide(index: ProjectIndex, asked: Asked, habit: float) -> Verdict:
    """Find the group of a report that is not yet in the index."""
    report, features = asked.report, asked.features
    same = _exact(index, report, features)
    if same is not None:
        return Verdict(
            _or_analyst(index, same, "exact"), index.group_of(same), 1.0, Points(), Near(same, 1.0, 1.0, 1.0)
        )
    near = index.corpus.nearest(features)
    if near and _is_copy(near[0], features) and not _contradicted(index, report, near[0].report):
        kind: Kind = _or_analyst(index, near[0].report, "copy")
        return Verdict(kind, index.group_of(near[0].report), 1.0, Points(), near[0])
    choices = sorted(
        (_weighed(index, asked, group, best, habit) for group, best in _candidates(index, asked, near)),
        key=lambda choice: (-choice.chance, choice.group),
    )
    if not choices or choices[0].chance < MERGE:
        best = choices[0] if choices else Choice("", 0.0, Points())
        return Verdict(
            "new", None, best.chance, best.points, best.near or (near[0] if near else None), tuple(choices[:1])
        )
    best = choices[0]
    kind = "same_problem"
    if best.near and best.near.similarity >= REWORDED:
        kind = _or_analyst(index, best.near.report, "reworded")
    return Verdict(kind, best.group, best.chance, best.points, best.near, tuple(choices[1:4]))


def _exact(index: ProjectIndex, report: Report, features: Features) -> str | None:
    same = index.same_text(features.key)
    if same is None or (len(features.terms) < COPY_TERMS and _contradicted(index, report, same)):
        return None
    return same


def _contradicted(index: ProjectIndex, report: Report, other: str) -> bool:
    """Whether where and when they were written speaks against two reports being one."""
    group = index.groups.get(index.group_of(other))
    if group is None:
        return False
    return sum(points for _, points in circumstances(report, group.tally)) <= CONTRADICTED


def _is_copy(near: Near, features: Features) -> bool:
    return near.words >= COPY_WORDS and near.letters >= COPY_LETTERS and len(features.terms) >= COPY_TERMS


def _or_analyst(index: ProjectIndex, report: str, kind: Kind) -> Kind:
    """A person put the nearest report where it is, and what is like it follows."""
    return "analyst" if index.reports[report].pinned else kind


def _candidates(index: ProjectIndex, asked: Asked, near: list[Near]) -> Iterator[tuple[str, Near | None]]:
    """Groups with their nearest report, none that a person keeps apart from a nearer one."""
    found: dict[str, Near | None] = {}
    for each in near:
        group = index.group_of(each.report)
        if group not in found and len(found) < GROUPS:
            found[group] = each
    for placed, name in enumerate(index.same_place(asked.report, asked.subject)):
        if placed >= PLACED:
            break
        found.setdefault(index.group_of(name), None)
    pinned = [each for each in near if each.similarity >= REWORDED and index.reports[each.report].pinned]
    apart = index.apart(index.group_of(pinned[0].report)) if pinned else frozenset()
    for group, best in found.items():
        if group not in apart:
            yield group, best


def _weighed(index: ProjectIndex, asked: Asked, group: str, near: Near | None, habit: float) -> Choice:
    points = weigh(
        index,
        asked.report,
        asked.telling,
        group,
        near=near,
        habit=habit,
        subject=asked.subject,
        supposed=asked.supposed,
    )
    return Choice(group, probability(points.total), points, near)
