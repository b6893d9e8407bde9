"""How long after a call people complain of it, by project and channel: supposed at first, then learned.

A histogram over bins that grow with the lag, negative ones too, because the clocks of a help desk and a gateway differ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from processors.feedback.joining.by_project import row_of
from processors.runtime.tables import State, Table, TableSpec, table_of

Floats = npt.NDArray[np.float64]
SUPPOSED_S = {
    "api": 1.0,
    "in_app": 60.0,
    "chat": 120.0,
    "hotline": 600.0,
    "ticket": 1_800.0,
    "social": 3_600.0,
    "email": 36_000.0,
    "survey": 36_000.0,
    "interview": 36_000.0,
}
"""Median lag by channel before anything is known, in seconds."""
SPREAD = 1.0
"""Standard deviation of the logarithm of what is supposed: two thirds lie within a factor of e."""
AHEAD, ANYTIME = 0.03, 0.07
"""Parts of what is supposed for complaints that seem to come first, fewer where people take long, and for any lag."""
FORWARD_S = (0.0, *(5.0 * 1.5**step for step in range(27)))
BACKWARD_S = tuple(5.0 * 2.0**step for step in range(8))
EDGES: Floats = np.array([*(-edge for edge in reversed(BACKWARD_S)), *FORWARD_S])
"""Borders of the bins in seconds: from eleven minutes before to over two days after."""
WIDTHS: Floats = np.diff(EDGES)
MIDDLES: Floats = (EDGES[:-1] + EDGES[1:]) / 2
STRENGTH = 6.0
"""How many lags what is supposed is worth."""
MEMORY = 0.995
"""What each lag leaves of the earlier ones: some 200 count."""
LOWEST = -12.0
LOOK_AT = -6.0
"""Points below which a lag is not looked at: one in a thousand complaints."""


@dataclass(slots=True)
class Learned:
    """Lags of a project and channel, by bin."""

    counts: list[float]


LAGS: TableSpec[Learned] = table_of(Learned, "join_lags", capacity=20_000)


class Lags:
    """The lags of all projects of a partition."""

    def __init__(self, state: State) -> None:
        self._table: Table[Learned] = state[LAGS]

    def points(self, project: str, channel: str, lags: Floats) -> Floats:
        """Logarithm of how likely each lag, in seconds, is against the likeliest one: 0 and less."""
        return np.interp(lags, MIDDLES, self._curve(project, channel), left=LOWEST, right=LOWEST)

    def span(self, project: str, channel: str, limit: float = LOOK_AT) -> tuple[float, float]:
        """The shortest and the longest lag of so many points and more, in seconds."""
        likely = np.flatnonzero(self._curve(project, channel) >= limit)
        return float(EDGES[likely[0]]), float(EDGES[likely[-1] + 1])

    def chances(self, project: str, channel: str) -> Floats:
        """Chance of each bin; they sum up to 1."""
        weights = np.exp(self._curve(project, channel)) * WIDTHS
        found: Floats = weights / weights.sum()
        return found

    def learn(self, project: str, channel: str, lag: float, weight: float = 1.0) -> None:
        """Take a lag in, or with a negative weight back; one outside the bins is none."""
        place = int(np.searchsorted(EDGES, lag, side="right")) - 1
        if not 0 <= place < len(WIDTHS):
            return
        row = row_of(project, channel)
        learned = self._table.get(row) or Learned([0.0] * len(WIDTHS))
        if weight > 0:
            learned.counts = [round(count * MEMORY, 9) for count in learned.counts]
        learned.counts[place] = max(0.0, learned.counts[place] + weight)
        self._table[row] = learned

    def _curve(self, project: str, channel: str) -> Floats:
        learned = self._table.get(row_of(project, channel))
        return _curve(channel, None if learned is None else tuple(learned.counts))


@lru_cache(maxsize=4_096)
def _curve(channel: str, counts: tuple[float, ...] | None) -> Floats:
    """Points at the middle of each bin."""
    chance = STRENGTH * _supposed(channel)
    if counts is not None:
        around = np.convolve(np.array(counts), [0.25, 0.5, 0.25])[1:-1]
        chance = chance + around
    density = np.log(chance / WIDTHS)
    curve: Floats = np.maximum(density - density.max(), LOWEST)
    return curve


@lru_cache(maxsize=64)
def _supposed(channel: str) -> Floats:
    """Chance of each bin before anything is learned."""
    median = SUPPOSED_S.get(channel, SUPPOSED_S["ticket"])
    below = [
        0.5 * (1 + math.erf(math.log(edge / median) / SPREAD / math.sqrt(2))) if edge > 0 else 0.0 for edge in EDGES
    ]
    ahead = np.where(EDGES[:-1] < 0, WIDTHS, 0.0)
    anytime = np.where(EDGES[:-1] >= 0, WIDTHS / (np.maximum(MIDDLES, 0.0) + median), 0.0)
    early = AHEAD * min(1.0, SUPPOSED_S["in_app"] / median)
    mixed = (1 - early - ANYTIME) * np.diff(below) + early * ahead / ahead.sum() + ANYTIME * anytime / anytime.sum()
    supposed: Floats = mixed
    return supposed
