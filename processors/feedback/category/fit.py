"""Fits the weights of a linear model: softmax over categories, and one logistic output for security.

AdaGrad in small batches (Duchi, Hazan, Singer, JMLR 2011): rare features take large steps, which suits hashed text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from processors.feedback.category.features import SIZE, Features

BATCH = 64
RATE = 0.3
SHRINK = 3e-6
"""What is taken off each touched weight in a step, for each unit of it."""
Matrix = NDArray[np.float32]


def fit(
    features: Sequence[Features],
    targets: Matrix,
    *,
    classes: int,
    rounds: int,
    seed: int,
    size: int = SIZE,
    counts: Matrix | None = None,
) -> tuple[Matrix, Matrix]:
    """Weights by feature and output, and the constant of each output.

    ``counts`` says how much each text counts; left out, all count one. The first ``classes`` columns of ``targets`` are
    one choice; each other column is a yes or no.
    """
    rng = np.random.default_rng(seed)
    outputs = targets.shape[1]
    weights, squares = np.zeros((size, outputs), np.float32), np.full((size, outputs), 1e-3, np.float32)
    constant, constant_squares = np.zeros(outputs, np.float32), np.full(outputs, 1e-3, np.float32)
    for _ in range(rounds):
        order = rng.permutation(len(features))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            batch = [features[i] for i in chosen]
            errors = _probabilities(_outputs(batch, weights) + constant, classes) - targets[chosen]
            if counts is not None:
                errors *= counts[chosen, None]
            touched, gradient = _gradient(batch, errors)
            gradient += SHRINK * BATCH * weights[touched]
            squares[touched] += gradient * gradient
            weights[touched] -= RATE * gradient / np.sqrt(squares[touched])
            slope = errors.sum(axis=0)
            constant_squares += slope * slope
            constant -= 0.1 * RATE * slope / np.sqrt(constant_squares)
    return weights, constant


def _outputs(batch: Sequence[Features], weights: Matrix) -> Matrix:
    return np.stack([f.values @ weights[f.indexes] for f in batch])


def _probabilities(outputs: Matrix, classes: int) -> Matrix:
    found = np.empty_like(outputs)
    found[:, :classes] = softmax(outputs[:, :classes])
    found[:, classes:] = 1 / (1 + np.exp(-np.clip(outputs[:, classes:], -30, 30)))
    return found


def softmax(outputs: Matrix) -> Matrix:
    """Outputs as probabilities, along the last axis."""
    powers = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def _gradient(batch: Sequence[Features], errors: Matrix) -> tuple[NDArray[np.int64], Matrix]:
    """Features of a batch, and the slope of the loss for each of their weights."""
    indexes = np.concatenate([f.indexes for f in batch])
    values = np.concatenate([f.values for f in batch])
    owner = np.repeat(np.arange(len(batch)), [len(f.indexes) for f in batch])
    order = np.argsort(indexes, kind="stable")
    touched, starts = np.unique(indexes[order], return_index=True)
    parts = values[order, None] * errors[owner[order]]
    return touched.astype(np.int64), np.add.reduceat(parts, starts, axis=0).astype(np.float32)
