"""Chances and scores that the detectors compare."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
EXACT_UP_TO = 400
"""Failures up to which the binomial sum is taken term by term; above, the normal approximation is good to .001."""


def chance_share_exceeds(share: float, bad: int, calls: int) -> float:
    """P(p > ``share``) after ``bad`` of ``calls``, with a uniform prior of p.

    The posterior is Beta(bad + 1, calls - bad + 1), and P(Beta(a, b) > x) = P(Binomial(a + b - 1, x) <= a - 1)
    (Abramowitz and Stegun 26.5.24, 26.2.17).
    """
    trials = calls + 1
    if bad > EXACT_UP_TO:
        deviation = math.sqrt(trials * share * (1 - share))
        return 0.5 * math.erfc(-(bad + 0.5 - trials * share) / deviation / math.sqrt(2))
    logs = math.log(share), math.log1p(-share)
    total = 0.0
    for k in range(min(bad, trials) + 1):
        ways = math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        total += math.exp(ways + k * logs[0] + (trials - k) * logs[1])
    return min(1.0, total)


def poisson_score(observed: float, expected: float) -> float:
    """O ln(O/E) - (O - E): the log likelihood ratio of a rate of its own; how unusual a count is, either way.

    Source: Kulldorff, "A spatial scan statistic", 1997, for one region and a known expectation.
    """
    if expected <= 0:
        return math.inf if observed > 0 else 0.0
    if observed <= 0:
        return expected
    return observed * math.log(observed / expected) - (observed - expected)


def poisson_scores(observed: Floats, expected: Floats) -> Floats:
    """O ln(O/E) - (O - E) of many regions at once, where more was observed than expected, else 0."""
    safe = np.maximum(expected, 1e-6)
    scores: Floats = np.where(observed > safe, observed * np.log(observed / safe) - (observed - safe), 0.0)
    return scores
