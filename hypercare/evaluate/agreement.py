"""How well found groups agree with true ones: mutual information of two partitions, normalised and adjusted for chance.

NMI = MI(U, V) / mean(H(U), H(V)), the mean being the arithmetic one.
AMI = (MI - E[MI]) / (mean(H(U), H(V)) - E[MI]), where the expectation is over all partitions with the same group sizes:
E[MI] = Σᵢⱼ Σₙ n/N · ln(N·n / aᵢbⱼ) · aᵢ! bⱼ! (N-aᵢ)! (N-bⱼ)! / (N! n! (aᵢ-n)! (bⱼ-n)! (N-aᵢ-bⱼ+n)!)
Source: Vinh, Epps, Bailey, "Information theoretic measures for clusterings comparison", JMLR 11 (2010).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from math import log

import numpy as np

TINY = 1e-12
"""Below this two partitions do not differ from what chance or certainty gives."""


def nmi(true: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """Normalised mutual information, 0 to 1; two partitions of a single group each agree."""
    mean = (_entropy(true) + _entropy(found)) / 2
    return 1.0 if mean < TINY else max(0.0, _mutual(true, found) / mean)


def ami(true: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """Adjusted mutual information: 1 for equal partitions, about 0 for what chance gives."""
    mean = (_entropy(true) + _entropy(found)) / 2
    expected = _expected(list(Counter(true).values()), list(Counter(found).values()), len(true))
    if abs(mean - expected) < TINY:
        return 1.0 if mean < TINY or abs(_mutual(true, found) - mean) < TINY else 0.0
    return (_mutual(true, found) - expected) / (mean - expected)


def _entropy(labels: Sequence[Hashable]) -> float:
    total = len(labels)
    return -sum(count / total * log(count / total) for count in Counter(labels).values())


def _mutual(true: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    total, left, right = len(true), Counter(true), Counter(found)
    both = Counter(zip(true, found, strict=True))
    return sum(n / total * log(total * n / (left[one] * right[other])) for (one, other), n in both.items())


def _expected(left: Sequence[int], right: Sequence[int], total: int) -> float:
    """By the sizes that occur, so that many small groups cost little."""
    logs = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, total + 1)))))
    expected = 0.0
    for size, times in Counter(left).items():
        for other, other_times in Counter(right).items():
            both = np.arange(max(1, size + other - total), min(size, other) + 1)
            chance = np.exp(
                logs[size] + logs[other] + logs[total - size] + logs[total - other] - logs[total]
                - logs[both] - logs[size - both] - logs[other - both] - logs[total - size - other + both]
            )  # fmt: skip
            information = both / total * np.log(total * both / (size * other))
            expected += times * other_times * float((information * chance).sum())
    return expected
