"""What a project's analysts taught: relabels that bend the shipped model at once, and can be taken back.

Each relabel says how far the shipped model was off for one text. What is added for another text is the ridge solution
over these (see `kernel`), so a relabel speaks for texts that are alike, contradicting ones meet in the middle, and
without one it is as if it had never been. Nothing is carried on from one state to the next but the relabels themselves.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import orjson

from processors.feedback.category.features import Features
from processors.feedback.category.fit import softmax
from processors.feedback.category.kernel import Numbers
from processors.feedback.category.labels import CATEGORIES
from processors.feedback.category.model import Model
from processors.feedback.category.sketch import SIZE, Sketch, sketch, unit

MOST = 500
"""Relabels that are kept of a project, oldest out first; each takes about 1 kB."""
RIDGE = 0.4
"""How much a relabel is doubted: alone it moves its own text by about four fifths of what was wrong."""
ALL_ALIKE = 0.5
"""Likeness that any two texts of a project have: so labels that a project uses rarely become rare everywhere."""


@dataclass(frozen=True, slots=True)
class Relabel:
    """One decision: ``id`` names it (that of the command), ``at`` is in seconds since 1970.

    ``was`` is what the shipped model said of the text, by category, and ``sketch`` stands for its words. ``number`` is
    the order of arrival, set when it is kept.
    """

    id: str
    feedback: str
    label: str
    by: str
    at: int
    was: tuple[float, ...]
    sketch: Sketch
    number: int = 0

    def encode(self) -> bytes:
        """As it is stored."""
        said = {"id": self.id, "feedback": self.feedback, "label": self.label, "by": self.by}
        numbers = {"at": self.at, "was": self.was, "number": self.number}
        return orjson.dumps(said | numbers) + b"\n" + zlib.compress(self.sketch.tobytes(), 6)

    @classmethod
    def decode(cls, stored: bytes) -> Relabel:
        """What `encode` stored; raise `ValueError` where it is something else."""
        head, _, rest = stored.partition(b"\n")
        said = orjson.loads(head)
        numbers = np.frombuffer(zlib.decompressobj().decompress(rest, SIZE + 1), np.int8)
        if len(numbers) != SIZE or said["label"] not in CATEGORIES or len(said["was"]) != len(CATEGORIES):
            raise ValueError(f"relabel {said['id']!r} was stored by a program with other categories or sizes")
        return cls(**{**said, "was": tuple(said["was"])}, sketch=numbers)


def relabel_of(model: Model, features: Features, *, id: str, feedback: str, label: str, by: str, at: int) -> Relabel:  # noqa: A002 - the word
    """A relabel of a text; raise `ValueError` for a label that is no category."""
    if label not in CATEGORIES:
        raise ValueError(f"{label!r} is no category; one of {', '.join(CATEGORIES)}")
    was = tuple(round(float(p), 4) for p in probabilities_of(model, features))
    return Relabel(id, feedback, label, by, at, was, sketch(features))


class Learned:
    """The relabels of one project, and what they add to the shipped model."""

    def __init__(self, relabels: Iterable[Relabel] = ()) -> None:
        self._kept = {one.id: one for one in sorted(relabels, key=lambda one: one.number)}
        self._bent: _Bent | None = None

    def __len__(self) -> int:
        return len(self._kept)

    def relabels(self) -> tuple[Relabel, ...]:
        """All that are kept, in order of arrival; of those about one feedback the last counts."""
        return tuple(self._kept.values())

    def relabel(self, relabel: Relabel) -> tuple[Relabel, ...]:
        """Keep one, and return those that had to go for it; one that is known already changes nothing."""
        if relabel.id in self._kept:
            return ()
        last = next(reversed(self._kept.values())).number if self._kept else 0
        self._kept[relabel.id] = replace(relabel, number=last + 1)
        gone = [self._kept.pop(next(iter(self._kept))) for _ in range(len(self._kept) - MOST)]
        self._bent = None
        return tuple(gone)

    def take_back(self, relabel: str) -> bool:
        """Forget a relabel by its id; whether there was one. An earlier one of the same feedback counts again."""
        if self._kept.pop(relabel, None) is None:
            return False
        self._bent = None
        return True

    def correction(self, features: Features, probabilities: Numbers) -> Numbers:
        """What is to be added to the shipped model's probability of each category."""
        if not self._kept:
            return np.zeros(len(CATEGORIES))
        if self._bent is None:
            self._bent = _bend(self._active())
        return self._bent.correction(features, probabilities)

    def encode(self) -> bytes:
        """All relabels, to be stored in one piece; a table may store each by itself instead."""
        return b"".join(len(b).to_bytes(4, "little") + b for b in (one.encode() for one in self._kept.values()))

    @classmethod
    def decode(cls, stored: bytes) -> Learned:
        """What `encode` stored."""
        found, at = [], 0
        while at < len(stored):
            end = at + 4 + int.from_bytes(stored[at : at + 4], "little")
            found.append(Relabel.decode(stored[at + 4 : end]))
            at = end
        return cls(found)

    def _active(self) -> list[Relabel]:
        """The last relabel of each feedback."""
        return sorted({one.feedback: one for one in self._kept.values()}.values(), key=lambda one: one.number)


@dataclass(frozen=True, slots=True)
class _Bent:
    """What is added for each number of a sketch, for each probability of the shipped model, and always."""

    by_words: Numbers
    by_prior: Numbers
    constant: Numbers

    def correction(self, features: Features, probabilities: Numbers) -> Numbers:
        said = unit(sketch(features)).astype(np.float64) @ self.by_words
        return np.asarray(said + probabilities @ self.by_prior + self.constant, np.float64)


def _bend(relabels: list[Relabel]) -> _Bent:
    words = unit(np.stack([one.sketch for one in relabels]))
    was = np.array([one.was for one in relabels])
    wrong = -was
    wrong[np.arange(len(relabels)), [CATEGORIES.index(one.label) for one in relabels]] += 1
    alike = (words @ words.T).astype(np.float64) + was @ was.T + ALL_ALIKE
    parts = np.linalg.solve(alike + RIDGE * np.eye(len(relabels)), wrong)
    return _Bent(words.T.astype(np.float64) @ parts, was.T @ parts, ALL_ALIKE * parts.sum(axis=0))


def probabilities_of(model: Model, features: Features) -> Numbers:
    """The shipped model's probability of each category."""
    return softmax(model.outputs(features)[:-1] / np.float32(model.temperature)).astype(np.float64)
