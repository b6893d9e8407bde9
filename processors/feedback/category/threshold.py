"""From which score on a text is said to touch security, chosen on labelled scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from processors.feedback.category.kernel import Numbers

GIVEN_AWAY = 0.01
"""How much of the best g a lower threshold may cost: a report that is missed is worse than one looked at in vain, and
the best threshold of a few dozen reports is partly chance."""


def threshold_of(scores: Numbers, positive: NDArray[np.bool_]) -> float:
    """The lowest threshold that is about as good as the best, half way to the next lower score."""
    order = np.argsort(-scores, kind="stable")
    ordered, hits = scores[order], np.cumsum(positive[order])
    alarms = np.arange(1, len(order) + 1) - hits
    recall, quiet = hits / max(hits[-1], 1), 1 - alarms / max(alarms[-1], 1)
    g = 2 * recall * quiet / np.maximum(recall + quiet, 1e-9)
    last = int(np.flatnonzero(g >= g.max() - GIVEN_AWAY)[-1])
    return float((ordered[last] + ordered[min(last + 1, len(ordered) - 1)]) / 2)


def g_measure(recall: float, false_alarms: float) -> float:
    """2 R (1 - pf) / (R + 1 - pf): the harmonic mean of recall and of the share that is rightly left alone."""
    quiet = 1 - false_alarms
    return 2 * recall * quiet / (recall + quiet) if recall + quiet else 0.0
