"""Learns any labels from examples that are given: for public sets, and for a product with labels of its own.

The method is that of the shipped model, hashed words and pieces under a linear rule, and what the shipped model says
of a text is one more thing to learn from. Two rules are fitted, least squares solved exactly and a logistic one in
small steps, and their probabilities are averaged: the first is better with few examples, the second with many. Beyond
`MOST_EXACT` examples there is only the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from processors.feedback.category.features import SIZE, Features
from processors.feedback.category.fit import BATCH, fit, softmax
from processors.feedback.category.kernel import Numbers, Prior, likenesses, rows_of, solve
from processors.feedback.category.model import OUTPUTS
from processors.feedback.category.rarity import rarity_of, weighed

MOST_EXACT = 3_000
"""Solving takes the cube of the examples: this many take some seconds."""
MOST_TRIED = 1_200
"""Examples on which the constants are chosen."""
RIDGES = (0.1, 0.3, 1.0, 3.0)
EVENNESS = (0.0, 0.5, 1.0)
"""How far rare labels count more: not, by the root of their rarity, in full."""
WORST = 6.0
"""Outputs of the shipped model are cut here on both sides and brought to one: beyond that it is only surer."""
STEPS, FEWEST_ROUNDS, FOLDS, SEED = 200, 4, 4, 7
"""Steps until weights have settled, at least so many rounds over the examples; and parts that are left out in turn."""
PRIOR_WEIGHT = 2.0
"""How much larger the shipped model's outputs are among the features that are fitted in steps: they settle sooner."""
TEMPERATURES = np.geomspace(0.02, 5, 45)


@dataclass(frozen=True, slots=True)
class Said:
    """Texts as features, beside what the shipped model says of them: a row each, one column for each output."""

    features: Sequence[Features]
    prior: Prior


@dataclass(frozen=True, slots=True)
class Rule:
    """Weights by feature and label, and by output of the shipped model and label; ``rarity`` weighs features first."""

    rarity: NDArray[np.float32]
    centre: Prior
    weights: NDArray[np.float32]
    by_prior: NDArray[np.float32]
    constant: NDArray[np.float32]

    def outputs(self, said: Said) -> Numbers:
        """What is said of each text, a column for each label."""
        by_words = [(f := weighed(one, self.rarity)).values @ self.weights[f.indexes] for one in said.features]
        found = np.array(by_words).reshape(len(by_words), self.weights.shape[1])
        return np.asarray(found + _even(said.prior, self.centre) @ self.by_prior + self.constant, np.float64)


@dataclass(frozen=True, slots=True)
class Head:
    """Rules that tell labels, in their order, and what they say of their own examples had each been left out.

    Each rule has a temperature that divides its outputs, so that they become probabilities that were right for the
    examples left out. ``of_examples`` has a row for each example and a column for each label.
    """

    labels: tuple[str, ...]
    rules: tuple[tuple[Rule, float], ...]
    of_examples: Numbers

    def probabilities(self, said: Said) -> Numbers:
        """Probability of each label for each text: the mean over rules."""
        return np.asarray(np.mean([_softmax(rule.outputs(said) / warm) for rule, warm in self.rules], axis=0))

    def weights(self, indexes: NDArray[np.int64]) -> Numbers:
        """How much some features speak for each label: to say which words decided."""
        rules = [rule.weights[indexes] * rule.rarity[indexes, None] / warm for rule, warm in self.rules]
        return np.asarray(np.mean(rules, axis=0), np.float64)


def teach(said: Said, labels: Sequence[str], *, most_exact: int = MOST_EXACT) -> Head:
    """Learn labels from examples, at least two different ones; the same examples teach the same."""
    names = tuple(sorted(set(labels)))
    if len(names) < 2:  # noqa: PLR2004 - a choice
        raise ValueError("the examples have fewer than two different labels")
    wanted = np.zeros((len(labels), len(names)))
    wanted[np.arange(len(labels)), [names.index(label) for label in labels]] = 1
    evenness, fitted = 0.0, []
    if len(labels) <= most_exact:
        rule, left_out, evenness = _exact(said, wanted)
        fitted.append((rule, left_out))
    fitted.append(_stepped(said, wanted, evenness))
    warm = [_temperature(left_out, wanted) for _, left_out in fitted]
    of_examples = np.mean([_softmax(left_out / t) for (_, left_out), t in zip(fitted, warm, strict=True)], axis=0)
    return Head(names, tuple(zip((rule for rule, _ in fitted), warm, strict=True)), of_examples)


def _temperature(left_out: Numbers, wanted: Numbers) -> float:
    """The one under which the labels of the examples left out are most probable."""
    losses = [-np.log(np.maximum((_softmax(left_out / t) * wanted).sum(axis=1), 1e-9)).mean() for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def _exact(said: Said, wanted: Numbers) -> tuple[Rule, Numbers, float]:
    rarity, centre = rarity_of(said.features), _cut(said.prior).mean(axis=0)
    features, prior = [weighed(f, rarity) for f in said.features], _even(said.prior, centre)
    rows = rows_of(features)
    alike = likenesses(features, rows) + prior @ prior.T + 1
    some = _some(len(wanted))
    ridge, evenness = _choose(alike[np.ix_(some, some)], wanted[some])
    parts, left_out = solve(alike, _sides(wanted), _weights(wanted, evenness), ridge)
    weights = [np.bincount(rows.indexes, rows.values * part[rows.owners], SIZE) for part in parts.T]
    by_prior, constant = _as32(prior.T @ parts), _as32(parts.sum(axis=0))
    return Rule(rarity, centre, _as32(np.stack(weights, axis=1)), by_prior, constant), left_out, evenness


def _choose(alike: Numbers, wanted: Numbers) -> tuple[float, float]:
    """Ridge and evenness under which the examples left out are told best, by the mean of F1 over labels."""

    def told(constants: tuple[float, float]) -> float:
        _, left_out = solve(alike, _sides(wanted), _weights(wanted, constants[1]), constants[0])
        return macro_f1(wanted.argmax(axis=1), left_out.argmax(axis=1), wanted.shape[1])

    return max(product(RIDGES, EVENNESS), key=told)


def _stepped(said: Said, wanted: Numbers, evenness: float) -> tuple[Rule, Numbers]:
    """Fit on all, and on all but each part in turn."""
    rarity, centre = rarity_of(said.features), _cut(said.prior).mean(axis=0)
    full, counts = _with_prior(said, rarity, centre), _as32(_weights(wanted, evenness))
    fold = np.random.default_rng(SEED).permutation(len(full)) % FOLDS
    left_out = np.zeros_like(wanted)
    for number in range(FOLDS):
        rest, out = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        weights, constant = _fit([full[i] for i in rest], wanted[rest], counts[rest])
        for i in out:
            left_out[i] = full[i].values @ weights[full[i].indexes] + constant
    weights, constant = _fit(full, wanted, counts)
    return Rule(rarity, centre, weights[:SIZE], weights[SIZE:] * np.float32(PRIOR_WEIGHT), constant), left_out


def _fit(
    features: Sequence[Features], wanted: Numbers, counts: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rounds = max(FEWEST_ROUNDS, round(STEPS / ceil(len(features) / BATCH)))
    size = SIZE + OUTPUTS
    return fit(features, _as32(wanted), classes=wanted.shape[1], rounds=rounds, seed=SEED, size=size, counts=counts)


def _with_prior(said: Said, rarity: NDArray[np.float32], centre: Prior) -> list[Features]:
    places = np.arange(SIZE, SIZE + said.prior.shape[1], dtype=np.int32)
    return [
        Features(np.concatenate([one.indexes, places]), _as32(np.concatenate([weighed(one, rarity).values, prior])))
        for one, prior in zip(said.features, PRIOR_WEIGHT * _even(said.prior, centre), strict=True)
    ]


def _as32(numbers: NDArray[Any]) -> NDArray[np.float32]:
    return numbers.astype(np.float32)


def _cut(prior: Prior) -> Prior:
    return (np.clip(prior, -WORST, WORST) / WORST).astype(np.float32)


def _even(prior: Prior, centre: Prior) -> Prior:
    return _cut(prior) - centre


def _sides(wanted: Numbers) -> Numbers:
    return 2 * wanted - 1


def _weights(wanted: Numbers, evenness: float) -> Numbers:
    counts = wanted.sum(axis=0)
    share = counts[wanted.argmax(axis=1)] * len(counts) / len(wanted)
    return np.asarray(share**-evenness, np.float64)


def _some(count: int) -> NDArray[np.int64]:
    return np.sort(np.random.default_rng(SEED).permutation(count)[:MOST_TRIED])


def _softmax(outputs: Numbers) -> Numbers:
    return softmax(outputs.astype(np.float32)).astype(np.float64)


def macro_f1(true: NDArray[np.int64], told: NDArray[np.int64], labels: int) -> float:
    """The mean of F1 over labels that occur."""
    found = [f1 for f1 in f1_by_label(true, told, labels) if f1 is not None]
    return float(np.mean(found)) if found else 0.0


def f1_by_label(true: NDArray[np.int64], told: NDArray[np.int64], labels: int) -> list[float | None]:
    """F1 = 2 hits / (2 hits + false alarms + misses) of each label; None for one that is neither true nor told."""
    found: list[float | None] = []
    for label in range(labels):
        hits = int(((true == label) & (told == label)).sum())
        either = int((true == label).sum()) + int((told == label).sum())
        found.append(2 * hits / either if either else None)
    return found
