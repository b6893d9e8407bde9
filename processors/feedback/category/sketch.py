"""A text's features in a thousand numbers: enough to tell how alike two texts are, and small enough to keep."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from processors.feedback.category.features import Features

SIZE = 1_024
"""A power of two. Likeness is then off by about 0.03; twice as many learn no better, half as many a little worse."""
STEPS = 127

Sketch = NDArray[np.int8]


def sketch(features: Features) -> Sketch:
    """Every feature adds to one of the numbers, or takes from it (Charikar, Chen, Farach-Colton, Count Sketch, 2002).

    In whole steps, the largest number being `STEPS`; only likeness by `unit` means anything.
    """
    mixed = features.indexes.astype(np.uint32) * np.uint32(0x9E3779B1)
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(0x2C1B3C6D)
    mixed ^= mixed >> np.uint32(12)
    signs = np.where(mixed >> np.uint32(31), 1, -1)
    summed = np.bincount(mixed & np.uint32(SIZE - 1), features.values * signs, SIZE)
    return np.rint(summed * (STEPS / (np.abs(summed).max() or 1.0))).astype(np.int8)


def unit(sketched: Sketch) -> NDArray[np.float32]:
    """A sketch brought to length one, for each row: the product of two tells how alike their texts are."""
    numbers = sketched.astype(np.float32)
    lengths = np.sqrt((numbers * numbers).sum(axis=-1, keepdims=True))
    return np.asarray(numbers / np.maximum(lengths, 1), np.float32)
