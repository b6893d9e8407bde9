"""How likely a report speaks of the same problem as a group: log-odds points, each with a name."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

from processors.feedback.grouping.concepts import CONCEPTS
from processors.feedback.grouping.corpus import Near
from processors.feedback.grouping.features import term_of
from processors.feedback.grouping.project_index import ProjectIndex
from processors.feedback.grouping.report import Points, Report
from processors.feedback.grouping.subjects import NO_TROUBLE, WORKS_NOT
from processors.feedback.grouping.tally import Tally

WORDS, NEAREST, SIZE, CHANCE = 0.30, 3.0, 0.40, -4.0
"""Weights of the log-odds of the words, of the likeness to the nearest report and of the logarithm of the size, and
what a report of no group reaches by chance. Fitted by logistic regression: see docs/decisions/0015-grouping.md."""
MAX_WORDS = 6.0
"""Points that words are worth at most: words hang together, so a long report is not surer without end."""
CONCEPT = 0.5
"""Weight of a concept that is shared across languages, times the log-odds of the word."""
SAME_ROUTE, OTHER_ROUTE = 1.2, -0.8
SAME_ERROR, OTHER_ERROR = 2.5, -0.7
SAME_JOURNEY, SAME_RELEASE, SAME_SESSION = 0.5, 0.2, 1.5
"""What a shared circumstance adds where all of the group's reports share it, in proportion where some do."""
SAME_SUBJECT, OTHER_SUBJECT = 4.5, -1.5
"""Two complaints about one thing that software does, in one project at one time, are mostly one problem."""
SUPPOSED = 0.7
"""How much a subject counts that is only supposed."""
LEAST_WORDS = -1.5
"""Points that words cost at most where the subject is the same: a subject has many wordings."""
SAME_KIND, OTHER_KIND = 0.3, -2.0
"""A wish and a failure are two problems, even of the same page."""
UNCLEAR, LEAST_KIND = ("question", "other"), -0.5
"""Categories that cost few points where both are complaints about the same subject: a complaint is often put as a
question, and one in three categories is wrong."""
CLOSE_S, CLOSE = 3_600, 0.4
LONG_AGO_S, LONG_AGO = 14 * 86_400, -1.0
"""A group whose last report is an hour old attracts, one that nobody spoke of for two weeks is over."""
_CONCEPTS = frozenset(term_of(concept) for concept in CONCEPTS.values())


def probability(points: float) -> float:
    """Probability of log-odds."""
    return 1 / (1 + exp(-max(-60.0, min(60.0, points))))


def weigh(
    index: ProjectIndex,
    report: Report,
    telling: Sequence[int],
    group: str,
    *,
    near: Near | None,
    habit: float,
    subject: str = "",
    supposed: bool = False,
) -> Points:
    """Points of a report for a group; ``habit`` is the share of reports of this project that repeat something."""
    known = index.groups.get(group)
    alike = known is not None and subject not in {"", NO_TROUBLE} and known.tally.share("subject", subject) > 0
    words = _words(index, report, telling, group)
    parts = [
        ("words", max(LEAST_WORDS, words) if alike else words),
        ("nearest report", NEAREST * near.words if near else 0.0),
        ("size of the group", SIZE * log(max(1, index.size(group)))),
    ]
    if known is not None:
        parts += [("subject", _subject(known.tally, subject) * (SUPPOSED if supposed else 1.0))]
        unclear = alike and report.category in UNCLEAR
        parts += [
            (name, max(LEAST_KIND, points) if unclear and name == "category" else points)
            for name, points in circumstances(report, known.tally)
        ]
    parts += [("chance", CHANCE), ("habit of the project", log(habit / (1 - habit)))]
    return Points(tuple((name, points) for name, points in parts if points))


def circumstances(report: Report, tally: Tally) -> list[tuple[str, float]]:
    """Points for where and when a report comes from."""
    points = [
        ("route", _shared(tally, "route", report.route, SAME_ROUTE, OTHER_ROUTE)),
        ("error", _shared(tally, "error", report.error, SAME_ERROR, OTHER_ERROR)),
        ("journey", _shared(tally, "journey", report.journey, SAME_JOURNEY, 0.0)),
        ("release", _shared(tally, "release", report.release, SAME_RELEASE, 0.0)),
        ("session", _shared(tally, "session", report.session, SAME_SESSION, 0.0)),
        ("category", _kind(tally, report.category)),
    ]
    apart = report.at - tally.last_at
    if apart <= CLOSE_S:
        points.append(("close in time", CLOSE))
    elif apart > LONG_AGO_S:
        points.append(("long ago", LONG_AGO))
    return points


def _words(index: ProjectIndex, report: Report, telling: Sequence[int], group: str) -> float:
    counts, size = index.words(group)
    evidence = WORDS * index.profiles.evidence(counts, size, telling)
    known = index.groups.get(group)
    foreign = known is not None and report.language and not known.tally.share("language", report.language)
    if foreign and evidence < 0:
        common = [term for term in telling if term in counts and term in _CONCEPTS]
        evidence = CONCEPT * max(0.0, index.profiles.evidence(counts, 0, common)) if common else 0.0
    return min(MAX_WORDS, evidence)


def _shared(tally: Tally, name: str, value: str | None, same: float, other: float) -> float:
    if not value or not tally.values.get(name):
        return 0.0
    share = tally.share(name, value)
    return same * share if share else other


def _subject(tally: Tally, subject: str) -> float:
    if subject == NO_TROUBLE:
        return OTHER_KIND * (1 - tally.share("subject", subject)) if tally.values.get("subject") else 0.0
    return _shared(tally, "subject", subject, SAME_SUBJECT, OTHER_SUBJECT)


def _kind(tally: Tally, category: str | None) -> float:
    known = tally.values.get("category")
    if not category or not known:
        return 0.0
    alike = WORKS_NOT if category in WORKS_NOT else (category,)
    share = sum(tally.share("category", name) for name in alike)
    return OTHER_KIND + (SAME_KIND - OTHER_KIND) * share
