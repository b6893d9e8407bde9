"""What is said of a report and of the group it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["exact", "copy", "reworded", "same_problem", "new", "analyst"]
"""Why a report is in its group.

``exact``: the same text. ``copy``: the same with small changes. ``reworded``: close to one report. ``same_problem``:
close to the group as a whole, or to where and when it happens. ``new``: close to nothing. ``analyst``: close to a
report that a person put there.
"""


@dataclass(frozen=True, slots=True)
class Report:
    """One piece of feedback, masked and cleaned; ``at`` in seconds since 1970, ``reporter`` a keyed pseudonym."""

    project: str
    id: str
    at: int
    text: str
    title: str = ""
    language: str | None = None
    reporter: str | None = None
    route: str | None = None
    journey: str | None = None
    release: str | None = None
    session: str | None = None
    channel: str | None = None
    error: str | None = None
    """Template of the error that was seen, as the same for all its occurrences."""
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """Evidence for a group by name, in log-odds: natural logarithm of how much likelier it makes the same problem."""

    parts: tuple[tuple[str, float], ...] = ()

    @property
    def total(self) -> float:
        """All evidence together."""
        return sum(points for _, points in self.parts)


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a report was put, and why.

    ``similarity`` is that of the words to those of ``nearest``, ``confidence`` the probability that the decision is
    right. ``suggested`` is a group that a new report may belong to, ``suggested_similarity`` how probably. ``joined``
    are groups that this report showed to be one with ``group`` and that now are part of it.
    """

    project: str
    report: str
    group: str
    kind: Kind
    similarity: float
    confidence: float
    reason: str
    nearest: str | None = None
    suggested: str | None = None
    suggested_similarity: float = 0.0
    points: Points = Points()
    joined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A problem that people report.

    ``reporters`` are distinct ones, exact up to 64 and within a tenth or so beyond; ``anonymous`` counts the reports
    without one. ``last_hour`` are reports in the hour before the time asked for, ``expected`` how many an hour has
    usually. ``routes``, ``releases`` and so on are the most frequent values with their counts.
    """

    project: str
    id: str
    title: str
    reports: int
    reporters: int
    anonymous: int
    first_at: int
    last_at: int
    last_hour: int
    expected: float
    words: tuple[str, ...]
    representatives: tuple[str, ...]
    routes: tuple[tuple[str, int], ...]
    journeys: tuple[tuple[str, int], ...]
    releases: tuple[tuple[str, int], ...]
    channels: tuple[tuple[str, int], ...]
    errors: tuple[tuple[str, int], ...]
    categories: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    merged: tuple[str, ...] = ()
    """Groups that became part of this one and can be taken out again."""


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What a person's command did: ``others`` are the groups that are changed besides ``group``."""

    project: str
    group: str
    kind: Literal["merged", "split", "moved", "renamed", "taken_back"]
    command: str
    reason: str
    others: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
