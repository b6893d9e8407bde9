"""How alike texts are by their letters: shares of common runs of four bytes, for many texts at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

GRAM = 4
"""Bytes of a run: most stems and their misspellings share some, unrelated words seldom do."""
_GAP = bytes(GRAM)
"""Between two texts: a run that holds it is none of a text, which has no zero byte."""
_MIX = np.array([1, 31, 967, 29_791], np.uint32)


def shares(letters: bytes, others: Sequence[bytes]) -> NDArray[np.float64]:
    """Dice's coefficient of the runs of a text with those of each of the others, 0 to 1."""
    asked = _runs(letters)
    if not len(asked) or not others:
        return np.zeros(len(others))
    known = np.zeros(1 << 16, np.bool_)
    known[asked] = True
    hits = np.concatenate(([0], np.cumsum(known[_runs(_GAP.join(others) + _GAP)])))
    ends = np.cumsum([len(other) + GRAM for other in others])
    lengths = np.array([max(0, len(other) - GRAM + 1) for other in others])
    starts = np.concatenate(([0], ends[:-1]))
    common = hits[starts + lengths] - hits[starts]
    return np.asarray(2 * np.minimum(common, len(asked)) / np.maximum(1, len(asked) + lengths), np.float64)


def _runs(letters: bytes) -> NDArray[np.uint32]:
    """The hashes of all runs, 16 bits each: a text has some hundred, so few fall together."""
    data = np.frombuffer(letters, np.uint8).astype(np.uint32)
    if len(data) < GRAM:
        return np.empty(0, np.uint32)
    mixed = sum((data[at : len(data) - GRAM + 1 + at] * _MIX[at] for at in range(GRAM)), np.uint32(0))
    mixed = (mixed * np.uint32(2_654_435_761)) >> np.uint32(16)
    return np.asarray(mixed, np.uint32)
