"""How well another product's users are understood: by the shipped model, then after a hundred relabels.

`hypercare evaluate adapt` reads texts labelled ``bug``, ``feature`` or ``other``, or with names that mean one of them
(`processors.feedback.category.labels`), in the shape of `hypercare.evaluate.texts`. The first hundred texts of the
file that teaches, in its order, are relabelled as an analyst would: ``bug`` to functional_bug, ``feature`` to
feature_request, ``other`` to other. The eight categories of the other file's texts are then read as those three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from contracts.errors import Stop
from hypercare.evaluate.texts import LabelledText, read_texts
from processors.feedback.category.categorise import Categoriser
from processors.feedback.category.features import features_of
from processors.feedback.category.head import f1_by_label
from processors.feedback.category.labels import CATEGORIES, COARSE, STANDS_FOR, coarse_of
from processors.feedback.category.learned import Learned
from processors.feedback.category.words import read_words

RELABELS = 100
TAUGHT_AS = {"bug": "functional_bug", "feature": "feature_request", "other": "other"}


@dataclass(frozen=True, slots=True)
class Adapted:
    """F1 of bug, feature and other before and after that many relabels; None for one that does not occur."""

    texts: int
    relabels: int
    cold: tuple[float | None, ...]
    warm: tuple[float | None, ...]


def mean(scores: Sequence[float | None]) -> float:
    """The mean over labels that occur."""
    found = [score for score in scores if score is not None]
    return sum(found) / len(found) if found else 0.0


def adapt(source: Path, train: Path, *, relabels: int = RELABELS) -> Adapted:
    """Judge the texts of a file before and after relabels."""
    texts, examples = _read(source), _read(train)[:relabels]
    categoriser, learned = Categoriser.shipped(), Learned()
    for at, one in enumerate(examples):
        label = TAUGHT_AS[str(one.label)]
        learned.relabel(
            categoriser.relabel(one.title, one.text, id=one.id, feedback=one.id, label=label, by="analyst", at=at)
        )
    cold, warm = (_f1(texts, categoriser, taught) for taught in (None, learned))
    return Adapted(len(texts), len(examples), cold, warm)


def _f1(texts: Sequence[LabelledText], categoriser: Categoriser, learned: Learned | None) -> tuple[float | None, ...]:
    true = np.array([COARSE.index(str(one.label)) for one in texts])
    sums = np.array([[coarse_of(category) == coarse for coarse in COARSE] for category in CATEGORIES], np.float64)
    found = [categoriser.probabilities(features_of(read_words(t.title, t.text)), learned) for t in texts]
    return tuple(f1_by_label(true, (np.stack(found) @ sums).argmax(axis=1), len(COARSE)))


def _read(file: Path) -> list[LabelledText]:
    """Texts with the coarse label of each."""
    found = []
    for one in read_texts(file, labelled=True):
        label = coarse_of(str(one.label))
        if label is None:
            fix = f"a label is one of {', '.join(COARSE)}, or of {', '.join(STANDS_FOR)}"
            raise Stop(f"{file}: text {one.id!r} is labelled {one.label!r}", fix=fix, exit_code=2)
        found.append(replace(one, label=label))
    return found
