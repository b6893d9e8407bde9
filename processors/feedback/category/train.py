"""Builds the shipped model from the written corpus: ``make model``.

Everything is drawn from one seed, so the same corpus gives the same model on the same machine; processors differ in
the last digit of a sum, which rounding to bytes mostly hides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from processors.feedback.category.examples import CORPUS, COUNTS, Example, read_examples, written_examples
from processors.feedback.category.features import Features, features_of
from processors.feedback.category.fit import fit, softmax
from processors.feedback.category.labels import CATEGORIES
from processors.feedback.category.model import FILE, FORMAT, OUTPUTS, Model, in_bytes, write_model
from processors.feedback.category.words import read_words

SEED = 20_260
ROUNDS = 4
TUNING = CORPUS / "tuning.csv"
"""Texts that no template made: they say how far outputs are to be trusted, and nothing else is learned from them."""
TEMPERATURES = np.geomspace(0.5, 8, 41)
MISSED = 0.05
"""Share of the tuning texts about security that the threshold may miss: one in twenty."""
SMALLEST_STEP = 1
"""Weights of no more steps than this in every output are left out: they would double the file and decide nothing."""


def train(counts: Mapping[str, int] = COUNTS, *, seed: int = SEED, rounds: int = ROUNDS) -> Model:
    """A model from the written corpus."""
    examples = written_examples(seed, counts)
    weights, constant = fit(
        [_features(e) for e in examples], _targets(examples), classes=len(CATEGORIES), rounds=rounds, seed=seed
    )
    steps, scale = in_bytes(weights)
    steps[(np.abs(steps) <= SMALLEST_STEP).all(axis=1)] = 0
    return _calibrated(Model(steps, scale, constant, 1.0, 1.0, 0.5, version_of(CORPUS)))


def version_of(corpus: Path) -> str:
    """Format and digest of a corpus: which model this is."""
    digest = hashlib.blake2b(digest_size=6)
    for file in sorted(corpus.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return f"{FORMAT}-{digest.hexdigest()}"


def _calibrated(model: Model) -> Model:
    """The same model with the temperatures under which the tuning texts are most probable, and a threshold."""
    examples = read_examples(TUNING)
    targets = _targets(examples)
    outputs = np.stack([model.outputs(_features(e)) for e in examples])
    classes, security = outputs[:, :-1], outputs[:, -1]
    losses = [-np.log((softmax(classes / np.float32(t)) * targets[:, :-1]).sum(axis=1)).sum() for t in TEMPERATURES]
    sides = np.where(targets[:, -1] > 0, security, -security)
    security_losses = [np.log1p(np.exp(-sides / t)).sum() for t in TEMPERATURES]
    warm = float(TEMPERATURES[int(np.argmin(security_losses))])
    lowest = float(np.quantile(security[targets[:, -1] > 0], MISSED))
    return Model(
        model.weights,
        model.scale,
        model.constant,
        float(TEMPERATURES[int(np.argmin(losses))]),
        warm,
        round(float(1 / (1 + np.exp(-lowest / warm))), 3),
        model.version,
    )


def _features(example: Example) -> Features:
    return features_of(read_words(example.title, example.text))


def _targets(examples: Sequence[Example]) -> NDArray[np.float32]:
    targets = np.zeros((len(examples), OUTPUTS), np.float32)
    for row, example in zip(targets, examples, strict=True):
        row[CATEGORIES.index(example.category)] = 1
        row[-1] = example.security
    return targets


def main() -> None:
    """Build the model and write it beside this module."""
    size = write_model(train())
    print(f"{FILE}: {size:,} bytes")  # noqa: T201 - what the command says


if __name__ == "__main__":
    main()
