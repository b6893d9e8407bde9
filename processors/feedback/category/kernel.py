"""Least squares over likeness between texts: exact in one step, so what is taken back leaves no trace.

A text is described by its features and by what the shipped model says of it; two texts are alike by the product of
both. Ridge regression over such a likeness (Rifkin, Yeo, Poggio, Regularized Least-Squares Classification, 2003) is
about as good at telling texts apart as a support vector machine, and gives what each example would be called without
it (leave one out) for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from processors.feedback.category.features import SIZE, Features

Numbers = NDArray[np.float64]
Prior = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rows:
    """Features of many texts, one after the other."""

    indexes: NDArray[np.int32]
    values: NDArray[np.float32]
    owners: NDArray[np.int64]
    count: int


def rows_of(features: Sequence[Features]) -> Rows:
    """Put the features of texts in one row after the other."""
    lengths = [len(f.indexes) for f in features]
    return Rows(
        np.concatenate([np.zeros(0, np.int32), *(f.indexes for f in features)]),
        np.concatenate([np.zeros(0, np.float32), *(f.values for f in features)]),
        np.repeat(np.arange(len(features)), lengths),
        len(features),
    )


def likeness(one: Features, rows: Rows, room: NDArray[np.float32]) -> Numbers:
    """How alike a text is to each of many; ``room`` holds a zero for each feature, and does so again afterwards."""
    room[one.indexes] = one.values
    found = np.bincount(rows.owners, rows.values * room[rows.indexes], rows.count)
    room[one.indexes] = 0
    return np.asarray(found, np.float64)


def likenesses(features: Sequence[Features], rows: Rows) -> Numbers:
    """How alike some texts are to each of many, a row for each text."""
    room = np.zeros(SIZE, np.float32)
    return np.stack([likeness(one, rows, room) for one in features]) if features else np.zeros((0, rows.count))


def solve(likeness_of_all: Numbers, wanted: Numbers, weights: Numbers, ridge: float) -> tuple[Numbers, Numbers]:
    """What each example adds to each output, and the outputs of each example had it been left out."""
    roots = np.sqrt(weights)[:, None]
    inverse = np.linalg.inv(roots * likeness_of_all * roots.T + ridge * np.eye(len(wanted)))
    parts = inverse @ (roots * wanted)
    left_out = wanted - parts / np.diag(inverse)[:, None] / roots
    return roots * parts, left_out
