"""What each hour of the day or of the week has in a series, beyond its middle."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from processors.health.series.slope import MAD_TO_SD, Numbers

HOUR_S = 3_600
DAY_S = 24 * HOUR_S
WEEK_S = 7 * DAY_S
FEWEST_DAYS = 2
"""One day alone cannot tell its rhythm from its noise."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Distances from the middle by hour of the week, shape 168; ``period_s`` is a week, a day, or 0 for none.

    ``error`` is how far one hour of it may be off: the usual noise of an hour, by the root of how often it was seen.
    """

    hours: Numbers = field(default_factory=lambda: np.zeros(WEEK_S // HOUR_S))
    period_s: int = 0
    error: float = 0.0

    def at(self, times: Numbers) -> Numbers:
        """The rhythm at any times, in a straight line from one hour to the next: a step would look like a jump."""
        hours = times / HOUR_S - 0.5
        before = np.floor(hours)
        part, place = hours - before, before.astype(np.int64)
        size = len(self.hours)
        return self.hours[place % size] * (1 - part) + self.hours[(place + 1) % size] * part


NONE = Rhythm()


def rhythm(times: Numbers, values: Numbers) -> Rhythm:
    """The rhythm of hourly points in order of time, both of shape n: of the week where one was seen, else of the day.

    Medians by hour, without the trend: that is the median slope between equal hours of the day (Hirsch, Slack and
    Smith, Water Resources Research 18 (1982)), so that no rhythm is taken for a trend, nor the other way round.
    """
    span_s = float(times[-1] - times[0]) + HOUR_S if len(times) else 0.0
    if span_s < FEWEST_DAYS * DAY_S:
        return NONE
    period_s = WEEK_S if span_s >= WEEK_S else DAY_S
    flat = values - _trend(times, values) * (times - times[0])
    flat -= np.median(flat)
    usual = _medians(times, flat, DAY_S)
    noise = MAD_TO_SD * float(np.median(np.abs(flat - usual[_hour(times, DAY_S)])))
    repeats = max(1.0, span_s / period_s)
    hours = np.resize(usual if period_s == DAY_S else _medians(times, flat, WEEK_S), WEEK_S // HOUR_S)
    return Rhythm(hours, period_s, noise / math.sqrt(repeats))


def _trend(times: Numbers, values: Numbers) -> float:
    """Median change per second between equal hours of the day; pairs further apart count as often as near ones."""
    early, late = np.triu_indices(len(times), 1)
    hours = _hour(times, DAY_S)
    equal = hours[early] == hours[late]
    early, late = early[equal], late[equal]
    return float(np.median((values[late] - values[early]) / (times[late] - times[early]))) if len(early) else 0.0


def _medians(times: Numbers, values: Numbers, period_s: int) -> Numbers:
    """The median of each hour of the period, 0 for an hour without points."""
    found = np.zeros(period_s // HOUR_S)
    hours = _hour(times, period_s)
    for hour in np.unique(hours):
        found[hour] = np.median(values[hours == hour])
    return found


def _hour(times: Numbers, period_s: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return (times % period_s // HOUR_S).astype(np.int64)
