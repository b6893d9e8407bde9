"""What joining says of a complaint: its most likely calls with the points for each, or that there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from processors.feedback.joining.pattern import FailingPattern

By = Literal["trace", "request", "session", "user", "anonymous"]
BY: tuple[By, ...] = ("trace", "request", "session", "user", "anonymous")
"""What ties a complaint to a call, the surest first."""
Verdict = Literal["match", "no match"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Points, in nats of log-odds, for one named piece of evidence."""

    name: str
    points: float


@dataclass(frozen=True, slots=True)
class Link:
    """A call that a complaint may be about; ``row`` is its place among the symptoms of the project.

    ``probability`` is its own, among all calls and none; ``at`` is when it was called, in seconds since 1970, ``lag_s``
    how long before the complaint. ``pattern`` is how it failed, None where there were too many patterns to keep.
    """

    call: str
    row: int
    at: float
    by: By
    points: float
    probability: float
    lag_s: float
    evidence: tuple[Evidence, ...]
    pattern: FailingPattern | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """What stands behind a complaint; at most three calls, the likeliest first, none for "no match".

    ``pattern`` is the failing pattern that most of the probability lies on, ``probability`` that of all its calls.
    ``revision`` counts how often something changed since the first answer.
    """

    complaint: str
    verdict: Verdict
    points: float
    links: tuple[Link, ...] = ()
    pattern: FailingPattern | None = None
    probability: float = 0.0
    revision: int = 0
    further: tuple[tuple[str, float], ...] = ()
    """More calls that may be behind it, with the probability of each, where none of the three is likely by itself."""


@dataclass(frozen=True, slots=True)
class Relinked:
    """A complaint whose links are others than was said before."""

    project: str
    links: Links
