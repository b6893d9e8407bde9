"""How much likelier a call is for the time that a complaint names, in nats of log-odds.

Let ``d(t)`` be how likely somebody who met it at ``t`` names that time, ``B`` the mean of that over the lags of the
channel, and ``S`` the chance that the time is the one of what is complained of. Else it is any time, ``q``: half as the
lags are, half at any time of a day. A call at ``t`` gets ``ln((S d(t) + (1 - S) q) / (S B + (1 - S) q))``: on the mean
of the lags that changes no odds, and a time that is far from what is usual on a channel is believed less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from processors.feedback.joining.complaint import Heard
from processors.feedback.joining.lags import EDGES, Lags
from processors.feedback.joining.mention import DAY_S, Moment, moments
from processors.feedback.joining.wall_clocks import WallClocks

Floats = npt.NDArray[np.float64]
NARROWEST_S = 60.0
STEEP = 1.702
"""A logistic curve of so many times the steepness lies within .01 of the normal distribution's."""
LEAST_WEIGHT, MOST_MOMENTS = 0.02, 12
"""Of a moment that is looked at, and how many: less likely ones cost time and change little."""
FURTHER, SPREADS, MOST_FURTHER = 0.1, 2.0, 4
"""Chance from which calls at a moment are looked at although that is no usual lag, how many spreads around it, and at
how many moments."""
MOST = 9.0


@dataclass(frozen=True, slots=True)
class SaidWhen:
    """The moments that a complaint may name; their weights sum up to ``sure``."""

    moments: tuple[Moment, ...]
    sure: float
    mean: float
    """``B`` above."""

    def points(self, at: Floats) -> Floats:
        """Points of calls at these times, in seconds since 1970."""
        any_time = (1 - self.sure) * (0.5 * self.mean / self.sure + 0.5 / DAY_S)
        said = sum((one.weight * _density(one, at) for one in self.moments), np.zeros(len(at)))
        found: Floats = np.log((said + any_time) / (self.mean + any_time))
        return np.minimum(found, MOST)

    def further(self) -> list[tuple[float, float]]:
        """From when to when calls are to be looked at, whatever the lag; no two overlap."""
        spans: list[tuple[float, float]] = []
        likely = [one for one in self.moments if one.weight >= FURTHER][:MOST_FURTHER]
        for one in sorted(likely, key=lambda one: one.begin):
            begin, end = one.begin - SPREADS * one.spread_s, one.end + SPREADS * one.spread_s
            if spans and begin <= spans[-1][1]:
                before, until = spans.pop()
                begin, end = before, max(until, end)
            spans.append((begin, end))
        return spans


def said_when(project: str, heard: Heard, clocks: WallClocks, lags: Lags) -> SaidWhen | None:
    """What a complaint says of the time; None for nothing that may be in the past."""
    if not heard.when:
        return None
    offsets = clocks.offsets(project, heard.client[3], heard.language, heard.at)
    found = []
    for mention in heard.when:
        part = mention.sure / len(heard.when)
        for east_s, chance in offsets if mention.kind != "ago" and mention.east_s is None else ((0.0, 1.0),):
            for one in moments(mention, heard.at, east_s):
                weight = part * chance * one.weight
                if weight >= LEAST_WEIGHT:
                    found.append(Moment(one.begin, one.end, one.spread_s, weight))
    if not found:
        return None
    found = sorted(found, key=lambda one: (-one.weight, one.begin, one.end))[:MOST_MOMENTS]
    chances = lags.chances(project, heard.channel)
    mean = sum(one.weight * _mean_density(one, heard.at, chances) for one in found)
    return SaidWhen(tuple(found), sum(one.weight for one in found), mean)


def _density(moment: Moment, at: Floats) -> Floats:
    """Of what was named, for calls at these times: level between begin and end, falling off beside them."""
    begin, end = _wide(moment)
    scale = STEEP / moment.spread_s
    level: Floats = (_logistic(scale * (at - begin)) - _logistic(scale * (at - end))) / (end - begin)
    return level


def _mean_density(moment: Moment, written_at: float, chances: Floats) -> float:
    """Over all lags, given the chance of each bin: in a bin it is the integral by its width."""
    begin, end = _wide(moment)
    scale = STEEP / moment.spread_s
    at = written_at - EDGES
    whole = (np.logaddexp(0, scale * (at - begin)) - np.logaddexp(0, scale * (at - end))) / scale
    levels = -np.diff(whole) / np.diff(EDGES) / (end - begin)
    return float((levels * chances).sum())


def _wide(moment: Moment) -> tuple[float, float]:
    """Begin and end, apart from each other."""
    more = max(0.0, NARROWEST_S - (moment.end - moment.begin)) / 2
    return moment.begin - more, moment.end + more


def _logistic(value: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(value, -60, 60)))
    return found
