"""How much a feature says by being rare among the examples of a product."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from processors.feedback.category.features import SIZE, Features


def rarity_of(features: Sequence[Features]) -> NDArray[np.float32]:
    """One and the logarithm of the inverse share of texts that have it (Spärck Jones, 1972), by feature."""
    seen = np.zeros(SIZE, np.float32)
    for one in features:
        seen[one.indexes] += 1
    return (1 + np.log((len(features) + 1) / (seen + 1))).astype(np.float32)


def weighed(features: Features, rarity: NDArray[np.float32]) -> Features:
    """The features by their rarity, together of length one."""
    values = features.values * rarity[features.indexes]
    length = float(np.sqrt((values * values).sum())) or 1.0
    return Features(features.indexes, values / np.float32(length))
