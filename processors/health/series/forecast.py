"""When a series will reach a limit, if it goes on as it does: the rhythm of the week and a damped, robust slope.

1. The rhythm is what each hour of the day had (of the week, when a week was seen) before the last day, as a median:
   what happens now must not become what it is held against.
2. Without it, the slope is looked for in the last six and twelve hours, the last day, and all of the past; the surest
   one counts.
3. From now on the level follows that slope, damped: after as long as it was seen, it has lost 63 % of its pace.
4. The breach is the first quarter of an hour in which level and rhythm together reach the limit.

Source of the damping: Gardner and McKenzie, "Forecasting trends in time series", Management Science 31 (1985), here in
continuous time: in h seconds a slope b rises by b τ (1 - exp(-h / τ)), never more than b τ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from processors.health.series.history import History
from processors.health.series.rhythm import DAY_S, HOUR_S, Rhythm, rhythm
from processors.health.series.slope import Numbers, Slope, slope

WINDOWS_S = (6 * HOUR_S, 12 * HOUR_S, DAY_S)
"""Beside all of the past: a leak of this morning, and one that hides in the noise of some hours."""
SURE_Z = 5.0
"""Standard errors from which a slope counts. Independent noise never gets there, but 24 points cannot show how much
neighbours follow each other: noise with a correlation of .9 gets there in one window of 20, one of .8 in 40."""
HORIZON_S = 48 * HOUR_S
"""Further than the time to breach counts in an incident's score."""
STEP_S = 900


@dataclass(frozen=True, slots=True)
class Forecast:
    """Seconds from now to the breach, with an interval; slopes are per second, in the unit of the series.

    ``breach_s`` and ``latest_s`` are None where the limit is not reached within the horizon. ``level`` is the series
    now without its rhythm. ``rhythm_s`` is the period that was taken out: a week, a day, or 0. Trust it less without
    that of a week: with none the slope may be the time of day, with that of a day the end of the first weekend.
    """

    breach_s: float | None
    earliest_s: float
    latest_s: float | None
    level: float
    slope: Slope
    seen_s: float
    rhythm_s: int


@dataclass(frozen=True, slots=True)
class _Window:
    """A slope, for how long it was seen, and its points without the rhythm."""

    slope: Slope
    seen_s: float
    times: Numbers
    values: Numbers

    def level(self, now: float, pace: float) -> float:
        return float(np.median(self.values - pace * (self.times - now)))


def forecast(
    history: History, now: float, limit: float, *, above: bool = True, horizon_s: float = HORIZON_S
) -> Forecast | None:
    """When the series will be at ``limit`` or beyond, above or below it; None where nothing points there.

    Nothing points there when no slope towards the limit is sure, or even the steepest one within its interval does not
    reach it within ``horizon_s``.
    """
    way = 1.0 if above else -1.0
    times, values = history.weeks.points()
    old = times <= now - DAY_S
    usual = rhythm(times[old], values[old])
    best = _surest(history, now, usual)
    if best is None or best.slope.z * way < SURE_Z:
        return None
    ahead = np.arange(0.0, horizon_s + 1, STEP_S)
    coming = usual.at(now + ahead)
    damped = best.seen_s * -np.expm1(-ahead / best.seen_s)

    def reached(pace: float) -> float | None:
        beyond = (best.level(now, pace) + pace * damped + coming - limit) * way >= 0
        return float(ahead[beyond.argmax()]) if beyond.any() else None

    middle = best.slope.middle
    steep, gentle = (best.slope.high, best.slope.low) if above else (best.slope.low, best.slope.high)
    breach_s, earliest_s, latest_s = reached(middle), reached(steep), reached(gentle)
    if earliest_s is None:
        return None
    return Forecast(breach_s, earliest_s, latest_s, best.level(now, middle), best.slope, best.seen_s, usual.period_s)


def _surest(history: History, now: float, usual: Rhythm) -> _Window | None:
    best = None
    for bins, window_s in (*((history.day, window_s) for window_s in WINDOWS_S), (history.weeks, np.inf)):
        times, values = bins.points()
        inside = (times > now - window_s) & (times <= now + bins.width_s)
        times, flat = times[inside], values[inside] - usual.at(times[inside])
        found = slope(times, flat, hourly_error=usual.error)
        if found is not None and (best is None or abs(found.z) > abs(best.slope.z)):
            best = _Window(found, float(times[-1] - times[0]), times, flat)
    return best
