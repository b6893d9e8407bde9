"""What a text is about, how sure that is, and the words that decided."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from processors.feedback.category.features import Features, features_of, places_of
from processors.feedback.category.kernel import Numbers
from processors.feedback.category.labels import CATEGORIES, LANGUAGES
from processors.feedback.category.learned import Learned, Relabel, probabilities_of, relabel_of
from processors.feedback.category.model import FILE, Model, read_model
from processors.feedback.category.words import Words, read_words

SURE = 0.5
"""Below this a person should look: the likeliest category is then wrong about as often as right."""
UNSUPPORTED = 0.5
"""In another language the probabilities are taken this far towards even ones."""
_TAUGHT_LETTERS = re.compile(r"[A-Za-z\u00c0-\u024f\u3400-\u4dbf\u4e00-\u9fff]")
MOST_LETTERS = 500
"""Characters whose script is looked at where no language is given; half of the letters must be Latin or Chinese."""
LEAST = 0.001
"""No category is impossible."""
MOST_WORDS = 5
LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Security:
    """Whether a text touches security: its own probability, whether that is enough, and the words that say so."""

    probability: float
    flagged: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a text is about.

    ``words`` stand so in the text, the most telling first. ``needs_triage`` says that a person should look.
    ``language_supported`` is false for a language that the model was not taught.
    """

    category: str
    probability: float
    probabilities: Mapping[str, float]
    words: tuple[str, ...]
    needs_triage: bool
    language_supported: bool
    security: Security


class Categoriser:
    """Judges texts by a model, and by what a project's analysts taught."""

    def __init__(self, model: Model) -> None:
        self.model = model

    @classmethod
    def shipped(cls, file: Path = FILE) -> Categoriser:
        """With the model that comes with the product; raise `ModelUnreadable`."""
        return cls(read_model(file))

    def judge(
        self, title: str | None, text: str, *, language: str | None = None, learned: Learned | None = None
    ) -> Judgement:
        """Judge one text; ``language`` is its BCP 47 tag, or None where it is not known."""
        words = read_words(title, text)
        features = features_of(words)
        supported = supports(words, language)
        found = self.probabilities(features, learned)
        if not supported:
            found = found * UNSUPPORTED + (1 - UNSUPPORTED) / len(CATEGORIES)
        best = int(found.argmax())
        deciding, alarming = self._deciding(words, best) if words.words else ((), ())
        security = self._security(features, learned) if words.words else 0.0
        flagged = security >= self.model.security_threshold
        return Judgement(
            category=CATEGORIES[best],
            probability=round(float(found[best]), 3),
            probabilities={name: round(float(p), 3) for name, p in zip(CATEGORIES, found, strict=True)},
            words=deciding,
            needs_triage=bool(found[best] < SURE) or not supported,
            language_supported=supported,
            security=Security(round(security, 3), flagged, alarming if flagged else ()),
        )

    def probabilities(self, features: Features, learned: Learned | None = None) -> Numbers:
        """Probability of each category."""
        found = probabilities_of(self.model, features)
        if learned is not None:
            found = np.maximum(found + learned.correction(features, found), LEAST)
        return np.asarray(found / found.sum(), np.float64)

    def relabel(self, title: str | None, text: str, *, id: str, feedback: str, label: str, by: str, at: int) -> Relabel:  # noqa: A002 - the word
        """A person's decision about a text, to be given to `Learned`; raise `ValueError` for an unknown label."""
        features = features_of(read_words(title, text))
        return relabel_of(self.model, features, id=id, feedback=feedback, label=label, by=by, at=at)

    def _security(self, features: Features, learned: Learned | None) -> float:
        """Relabels can only raise it: a wrong one must not hide a report."""
        output = float(self.model.outputs(features)[-1]) / self.model.security_temperature
        shipped = float(1 / (1 + np.exp(-np.clip(output, -30, 30))))
        if learned is None:
            return shipped
        place = CATEGORIES.index("security")
        raised = learned.correction(features, probabilities_of(self.model, features))[place]
        return min(1.0, shipped + max(0.0, float(raised)))

    def _deciding(self, words: Words, best: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Words for the likeliest category against the mean of all, and words for security."""
        places, count = places_of(words), len(words.words)
        weights = self.model.of(places.indexes)
        for_best = weights[:, best] - weights[:, : len(CATEGORIES)].mean(axis=1)
        sums = [np.bincount(places.words, some, count).astype(np.float64) for some in (for_best, weights[:, -1])]
        return telling(words, sums[0]), telling(words, sums[1])


def supports(words: Words, language: str | None) -> bool:
    """Whether the model was taught the language, or at least the script where the language is not known."""
    if language:
        return language.partition("-")[0].casefold() in LANGUAGES
    said = words.text[:MOST_LETTERS]
    return 2 * len(_TAUGHT_LETTERS.findall(said)) >= sum(c.isalpha() for c in said)


def telling(words: Words, sums: NDArray[np.float64]) -> tuple[str, ...]:
    """The words with most weight as they stand in the text, neighbours together."""
    top = [int(place) for place in np.argsort(-sums, kind="stable")[: 2 * MOST_WORDS] if sums[place] > 0]
    strong = sorted(place for place in top if sums[place] >= sums[top[0]] / 4)
    runs: list[list[int]] = []
    for place in strong:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    runs.sort(key=lambda run: -max(sums[place] for place in run))
    shown: dict[str, None] = {}
    for run in runs:
        said = words.text[words.spans[run[0]][0] : words.spans[run[-1]][1]]
        if len(said) <= LONGEST_SHOWN and "\n" not in said:
            shown.setdefault(said)
    return tuple(shown)[:MOST_WORDS]
