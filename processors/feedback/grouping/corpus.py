"""The live reports of a project by their words: which are nearest to a text."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from processors.feedback.grouping.features import Features
from processors.feedback.grouping.grams import shares

CANDIDATES = 48
"""Reports that are compared in full."""
ASKED = 40
"""Words of a text that are looked up, the rarest first: the others change the order of no candidates."""
POSTINGS = 2_000
"""Latest reports with a word that are looked at: a word that more have is common, and so says little."""
SATURATION, LENGTH, USUAL = 1.2, 0.6, 60.0
"""k1 and b of BM25 (Robertson, Zaragoza 2009), and the length that is neither long nor short."""
WEIGHT_BM25, WEIGHT_COSINE, WEIGHT_LETTERS = 0.45, 0.45, 0.10
"""Calibrated on every second public duplicate report: see docs/decisions/0015-grouping.md."""
_TOP_BITS, _MOST = 2, 3
"""A posting is a place with how often the word occurs there in its lowest bits."""


@dataclass(frozen=True, slots=True)
class Near:
    """A report with how near it is: ``similarity`` of all measures together, of words and of letters, 0 to 1 each."""

    report: str
    similarity: float
    words: float
    letters: float


class Corpus:
    """An inverted index; reports leave in any order, the oldest one cheapest. Nothing depends on internal numbers."""

    def __init__(self) -> None:
        self._postings: dict[int, array[int]] = {}
        self._names: list[str] = []
        self._features: list[Features | None] = []
        self._orders = np.zeros(64, np.int64)
        self._lengths = np.ones(64, np.float32)
        self._places: dict[str, int] = {}
        self._free: list[int] = []
        self._words = 0

    def __len__(self) -> int:
        return len(self._places)

    def add(self, name: str, order: int, features: Features) -> None:
        """Take a report in; ``order`` rises from report to report."""
        place = self._place()
        self._names[place], self._features[place], self._places[name] = name, features, place
        counts = features.counts
        self._orders[place] = order
        words = int(counts.sum())
        self._words += words
        self._lengths[place] = 1 / (1 - LENGTH + LENGTH * words / USUAL)
        for term, count in zip(features.terms.tolist(), counts.tolist(), strict=True):
            posting = place << _TOP_BITS | min(_MOST, count)
            known = self._postings.get(term)
            if known is None:
                self._postings[term] = array("I", (posting,))
            else:
                known.append(posting)

    def remove(self, name: str) -> None:
        """Forget a report."""
        place = self._places.pop(name)
        features = self._features[place]
        self._features[place] = None
        self._free.append(place)
        assert features is not None  # noqa: S101 - a place that has a report has its features
        self._words -= int(features.counts.sum())
        for term, count in zip(features.terms.tolist(), features.counts.tolist(), strict=True):
            postings = self._postings[term]
            if len(postings) == 1:
                del self._postings[term]
            else:
                postings.remove(place << _TOP_BITS | min(_MOST, count))

    def rarity(self, term: int) -> float:
        """How much a word tells: logarithm of one in how many reports has it, a little more than zero for all."""
        known = self._postings.get(term)
        return log(1 + (len(self._places) + 1) / (len(known) if known else 1))

    def telling(self, features: Features, most: int) -> list[int]:
        """The words of a report that tell the most, ascending."""
        weighed = self._weighed(features)
        chosen = sorted(weighed, key=lambda term: (-weighed[term], term))[:most]
        return sorted(chosen)

    def nearest(self, features: Features, *, besides: str | None = None, most: int = CANDIDATES) -> list[Near]:
        """The reports nearest to a text, best first, later ones first among equals."""
        weighed = self._weighed(features)
        places = self._candidates(weighed, most + 1)
        if besides is not None:
            places = places[places != self._places.get(besides, -1)]
        return self._compared(features, weighed, places[:most]) if len(places) else []

    def _weighed(self, features: Features) -> dict[int, float]:
        """Words with their weight: rarity times a damped count."""
        pairs = zip(features.terms.tolist(), features.counts.tolist(), strict=True)
        return {term: self.rarity(term) * (1 + log(count)) for term, count in pairs}

    def _candidates(self, weighed: Mapping[int, float], most: int) -> NDArray[np.int64]:
        """Places that share rare words, those that share the most first."""
        scores = np.zeros(len(self._names), np.float32)
        asked = sorted(weighed, key=lambda term: (-weighed[term], term))[:ASKED]
        for term in asked:
            known = self._postings.get(term)
            if known is not None:
                found = np.frombuffer(known, np.uint32)[-POSTINGS:]
                weight = np.float32(weighed[term])
                scores[found >> _TOP_BITS] += weight * _OF_COUNT[found & _MOST]
        scores *= self._lengths[: len(scores)]
        places = np.flatnonzero(scores)
        if len(places) > most:
            least = np.partition(scores[places], len(places) - most)[len(places) - most]
            places = places[scores[places] >= least]
        return np.asarray(places[np.lexsort((-self._orders[places], -scores[places]))[:most]], np.int64)

    def _compared(self, features: Features, weighed: Mapping[int, float], places: NDArray[np.int64]) -> list[Near]:
        others = [found for place in places if (found := self._features[place]) is not None]
        relative, cosines = self._by_words(features, weighed, others)
        letters = shares(features.letters, [other.letters for other in others])
        mixed = WEIGHT_BM25 * relative + WEIGHT_COSINE * cosines + WEIGHT_LETTERS * letters
        order = np.lexsort((-self._orders[places], -np.round(mixed, 9)))
        return [Near(self._names[places[at]], float(mixed[at]), float(cosines[at]), float(letters[at])) for at in order]

    def _by_words(
        self, features: Features, weighed: Mapping[int, float], others: Sequence[Features]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """BM25 as a share of what the text itself would reach, and the cosine of TF-IDF weights, with each other."""
        compared = [*others, features]
        terms = np.concatenate([other.terms for other in compared])
        counts = np.concatenate([other.counts for other in compared]).astype(np.float64)
        sizes = np.array([len(other.terms) for other in compared])
        ends = np.cumsum(sizes)
        unique, inverse = np.unique(terms, return_inverse=True)
        known = unique.tolist()
        postings = self._postings
        holders = np.array([len(found) if (found := postings.get(term)) else 1 for term in known], np.float64)
        rarity = np.log(1 + (len(self._places) + 1) / holders)[inverse]
        asked = np.array([weighed.get(term, 0.0) for term in known])[inverse]
        weights = rarity * (1 + np.log(counts))
        norms = np.sqrt(_sums(weights * weights, ends))
        cosines = _sums(weights * asked, ends) / np.maximum(norms * norms[-1], 1e-9)
        usual = max(1.0, self._words / max(1, len(self._places)))
        length = np.repeat(1 - LENGTH + LENGTH * _sums(counts, ends) / usual, sizes)
        points = _sums(asked * counts * (SATURATION + 1) / (counts + SATURATION * length), ends)
        relative = points / max(float(points[-1]), 1e-9)
        return np.minimum(1.0, relative[:-1]), np.minimum(1.0, cosines[:-1])

    def _place(self) -> int:
        if self._free:
            return self._free.pop()
        self._names.append("")
        self._features.append(None)
        if len(self._names) > len(self._orders):
            self._orders = np.concatenate((self._orders, np.zeros_like(self._orders)))
            self._lengths = np.concatenate((self._lengths, np.ones_like(self._lengths)))
        return len(self._names) - 1


def _sums(values: NDArray[np.float64], ends: NDArray[np.int64]) -> NDArray[np.float64]:
    totals = np.concatenate(([0.0], np.cumsum(values)))[ends]
    return np.asarray(np.diff(totals, prepend=0.0), np.float64)


_OF_COUNT = np.array([count * (SATURATION + 1) / (count + SATURATION) for count in range(_MOST + 1)], np.float32)
