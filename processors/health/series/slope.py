"""The slope of points with outliers, how sure it is, and between which others it lies.

Sources: Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63 (1968), for the slope; Santer
and others, "Statistical significance of trends", Journal of Geophysical Research 105 (2000), for the standard error
where points follow their neighbours; Marriott and Pope, "Bias in the estimation of autocorrelations", Biometrika 41
(1954).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
INTERVAL_Z = 1.645
"""The interval holds the slope nine times in ten, if the noise is no worse than assumed."""
FEWEST = 8
"""Points below which neither noise nor likeness of neighbours can be told."""
MOST_ALIKE = 0.9
"""Neighbours more alike than this are counted as if they were just this: a nineteenth of them says something new."""
HOUR_S = 3_600
MAD_TO_SD = 1.4826
"""The standard deviation of a normal distribution in units of its median absolute deviation."""
RESOLUTION = 1e-6
"""Noise below this part of the values is rounding."""


@dataclass(frozen=True, slots=True)
class Slope:
    """A change per second, its interval, and ``z``: how many of its standard errors it is from none."""

    middle: float
    low: float
    high: float
    z: float


def slope(times: Numbers, values: Numbers, *, hourly_error: float = 0.0) -> Slope | None:
    """Theil-Sen slope of points in order of time, both of shape n; None for too few that say something of their own.

    It is the median of the slopes of all pairs: n² / 2 of them, a millisecond for a hundred points. Its error comes
    from the noise around it, and as many points as are left when each says only what its neighbour did not; and from
    what was taken off the values hour by hour, each hour of it off by ``hourly_error`` on its own.
    """
    n = len(times)
    if n < FEWEST:
        return None
    early, late = np.triu_indices(n, 1)
    middle = float(np.median((values[late] - values[early]) / (times[late] - times[early])))
    rest = values - middle * (times - times[0])
    alike = _alike(rest)
    free = n * (1 - alike) / (1 + alike) - 2
    if free <= 0:
        return None
    noise = MAD_TO_SD * float(np.median(np.abs(rest - np.median(rest))))
    noise = max(noise, RESOLUTION * float(np.abs(values).max()))
    hours = len(np.unique(times // HOUR_S))
    error = math.hypot(noise / math.sqrt(free), hourly_error / math.sqrt(hours)) / float(np.std(times))
    aside = INTERVAL_Z * error
    return Slope(middle, middle - aside, middle + aside, middle / error if error else 0.0)


def _alike(rest: Numbers) -> float:
    """Correlation of neighbours, 0 to `MOST_ALIKE`; of n points it comes out too low by (1 + 3 r) / n."""
    rest = rest - rest.mean()
    power = float(rest @ rest)
    if power <= 0:
        return 0.0
    found = float(rest[1:] @ rest[:-1]) / power
    return min(MOST_ALIKE, max(0.0, found + (1 + 3 * found) / len(rest)))
