"""Which calls are weighed for a complaint: at a usual lag, at a time that it names, and those that it is tied to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from processors.feedback.joining.candidates import Candidates
from processors.feedback.joining.columns import KEYS, Columns, Numbers
from processors.feedback.joining.complaint import Heard
from processors.feedback.joining.lags import Lags
from processors.feedback.joining.said_when import SaidWhen

Floats = npt.NDArray[np.float64]
FAR_BEHIND = 3.0
"""Points behind the best call from which one is not told, and behind the best pattern from which one is not weighed
where there are too many calls: one is twenty times as likely as the other."""
MOST_JUDGED = 2_048
"""Calls that are weighed for one complaint; of more, those of the likeliest patterns at the likeliest times."""
MOST_NAMED, MOST_SEEN = 512, 16_384
"""Besides these, calls at a time that the complaint names itself, and of how many they are taken."""
NARROWER = (-6.0, -3.0, -1.5, -0.7)
"""Points of the times that are left, step by step, where there are too many calls."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Numbers of rows, how many have a likely lag, each counted by how likely it is, and what lags are usual."""

    rows: Numbers
    likely: float
    shortest_s: float
    longest_s: float

    def is_unusual(self, lag: Floats) -> npt.NDArray[np.bool_]:
        """Which lags are so unusual that their calls are not among those that are counted."""
        unusual: npt.NDArray[np.bool_] = (lag < self.shortest_s) | (lag > self.longest_s)
        return unusual


def choose(
    project: str, heard: Heard, candidates: Candidates, lags: Lags, *, fit: Floats, when: SaidWhen | None
) -> Chosen:
    """Choose the rows; ``fit`` are points by number of a pattern. Raise `LookupError` where there are no symptoms."""
    columns = candidates.of(project)
    if columns is None:
        raise LookupError(project)
    shortest, longest = lags.span(project, heard.channel)
    begin, end = heard.at - longest, heard.at - shortest
    first = candidates.first_since(project, begin) - columns.first
    step = 1 + (columns.count - first) // MOST_JUDGED
    some = columns.column("at")[first::step]
    some = some[(some >= begin) & (some <= end)]
    likely = step * float(np.exp(lags.points(project, heard.channel, heard.at - some)).sum())
    if step * len(some) <= MOST_JUDGED:
        near = candidates.between(project, begin, end)
    else:
        spans = [lags.span(project, heard.channel, limit) for limit in NARROWER]
        near = _likeliest(
            columns, first, fit, [(heard.at - longest, heard.at - shortest) for shortest, longest in spans]
        )
    tied = [candidates.with_key(project, name, key) for name, key in zip(KEYS, heard.keys, strict=True)]
    for key in heard.mentioned:
        tied += [candidates.with_key(project, name, key) for name in ("trace", "request")]
    named = _named(project, candidates, columns, fit, when)
    return Chosen(np.unique(np.concatenate([near, named, *tied])), likely, shortest, longest)


def _named(project: str, candidates: Candidates, columns: Columns, fit: Floats, when: SaidWhen | None) -> Numbers:
    """Rows at a time that the complaint names; of too many those of the patterns that fit best, and of these a part."""
    if when is None:
        return np.zeros(0, np.int64)
    found = [candidates.between(project, *span) for span in when.further()]
    rows = np.concatenate([np.zeros(0, np.int64), *found])
    if len(rows) > MOST_NAMED:
        rows = rows[:: 1 + len(rows) // MOST_SEEN]
        good = fit >= fit.max() - FAR_BEHIND
        rows = rows[good[columns.column("pattern")[rows - columns.first]]]
    return rows[:: 1 + len(rows) // MOST_NAMED]


def _likeliest(columns: Columns, first: int, fit: Floats, spans: list[tuple[float, float]]) -> Numbers:
    """Of too many rows those of the patterns that fit best, at ever likelier times, and of these a part."""
    good, at = fit >= fit.max() - FAR_BEHIND, columns.column("at")[first:]
    begin, end = spans[0]
    near = np.flatnonzero(good[columns.column("pattern")[first:]] & (at >= begin) & (at <= end))
    for begin, end in spans[1:]:
        if len(near) <= MOST_JUDGED:
            break
        near = near[(at[near] >= begin) & (at[near] <= end)]
    return np.asarray(near[:: 1 + len(near) // MOST_JUDGED] + columns.first + first, np.int64)
