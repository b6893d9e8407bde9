"""Says what the texts of a file are about, by the product's own categories or by labels that another file teaches.

`hypercare evaluate classify` reads the shape of `hypercare.evaluate.texts` and writes one JSON object a line: ``id,
category, probabilities, words, needs_triage, security``. With ``--train``, the labels of that file are taught to a head
of the same method and ``category`` is one of them. With ``--task security`` a line is ``id, score, security,
threshold``; labels are then yes or no, and the threshold is chosen on the file that teaches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from contracts.errors import Stop
from hypercare.evaluate.texts import LabelledText, read_texts
from processors.feedback.category.categorise import SURE, Categoriser, telling
from processors.feedback.category.features import features_of, places_of
from processors.feedback.category.head import Head, Said, macro_f1, teach
from processors.feedback.category.labels import CATEGORIES, summing
from processors.feedback.category.threshold import g_measure, threshold_of
from processors.feedback.category.words import Words, read_words

YES = {"1", "true", "yes", "y", "security", "vulnerability"}
NO = {"0", "false", "no", "n", "other", "none"}
BATCH = 64
Line = dict[str, Any]
Progress = Callable[[int], None]
"""Takes how many texts are done."""


@dataclass(frozen=True, slots=True)
class Classified:
    """How many texts were judged, and how well where the file says what is true; names of scores with values."""

    texts: int
    scores: dict[str, float]


def classify(source: Path, output: Path, *, train: Path | None = None, progress: Progress | None = None) -> Classified:
    """Write what each text is about."""
    texts, categoriser = read_texts(source), Categoriser.shipped()
    if train is None:
        lines = _as_shipped(texts, categoriser)
    else:
        lines = _as_taught(texts, _taught(read_texts(train, labelled=True), categoriser, train), categoriser)
    told = _write(output, lines, progress, "probabilities")
    return Classified(len(texts), _scores(texts, told, shipped=train is None))


def find_security(
    source: Path, output: Path, *, train: Path | None = None, progress: Progress | None = None
) -> Classified:
    """Write how likely each text touches security, and whether that is enough."""
    texts, categoriser = read_texts(source), Categoriser.shipped()
    truth = [_yes(one, source) for one in texts] if all(one.label is not None for one in texts) else []
    if train is None:
        threshold = categoriser.model.security_threshold
        scores = (categoriser.judge(t.title, t.text, language=t.language).security.probability for t in texts)
    else:
        examples = read_texts(train, labelled=True)
        head = _taught(examples, categoriser, train, [str(int(_yes(one, train))) for one in examples])
        threshold = threshold_of(head.of_examples[:, 1], np.array([_yes(one, train) for one in examples]))
        scores = (float(p) for batch in _batches(texts) for p in head.probabilities(_said(batch, categoriser)[0])[:, 1])
    lines = (
        {"id": one.id, "score": score, "security": score >= threshold, "threshold": threshold}
        for one, score in zip(texts, scores, strict=True)
    )
    told = _write(output, lines, progress, "security")
    return Classified(len(texts), _alarms(truth, told) if truth else {})


def _as_shipped(texts: Sequence[LabelledText], categoriser: Categoriser) -> Iterator[Line]:
    for one in texts:
        said = categoriser.judge(one.title, one.text, language=one.language)
        yield {
            "id": one.id,
            "category": said.category,
            "probabilities": said.probabilities,
            "words": said.words,
            "needs_triage": said.needs_triage,
            "security": said.security.probability,
        }


def _as_taught(texts: Sequence[LabelledText], head: Head, categoriser: Categoriser) -> Iterator[Line]:
    for batch in _batches(texts):
        said, words = _said(batch, categoriser)
        found = head.probabilities(said)
        for number, one in enumerate(batch):
            best = int(found[number].argmax())
            yield {
                "id": one.id,
                "category": head.labels[best],
                "probabilities": {n: round(float(p), 4) for n, p in zip(head.labels, found[number], strict=True)},
                "words": _words(words[number], head, best),
                "needs_triage": bool(found[number, best] < SURE),
                "security": categoriser.judge(one.title, one.text, language=one.language).security.probability,
            }


def _words(words: Words, head: Head, best: int) -> tuple[str, ...]:
    if not words.words:
        return ()
    places = places_of(words)
    weights = head.weights(places.indexes)
    sums = np.bincount(places.words, weights[:, best] - weights.mean(axis=1), len(words.words))
    return telling(words, sums.astype(np.float64))


def _taught(
    examples: Sequence[LabelledText], categoriser: Categoriser, file: Path, labels: Sequence[str] | None = None
) -> Head:
    try:
        return teach(_said(examples, categoriser)[0], labels or [str(one.label) for one in examples])
    except ValueError as error:
        raise Stop(f"{file}: {error}", fix="give examples of at least two labels", exit_code=2) from error


def _said(texts: Sequence[LabelledText], categoriser: Categoriser) -> tuple[Said, list[Words]]:
    words = [read_words(one.title, one.text) for one in texts]
    features = [features_of(one) for one in words]
    return Said(features, np.stack([categoriser.model.outputs(f) for f in features])), words


def _batches(texts: Sequence[LabelledText]) -> Iterator[Sequence[LabelledText]]:
    return (texts[start : start + BATCH] for start in range(0, len(texts), BATCH))


def _write(output: Path, lines: Iterator[Line], progress: Progress | None, field: str) -> list[Any]:
    """Write lines as they come, and return what each says."""
    told = []
    try:
        with output.open("wb") as out:
            for line in lines:
                out.write(orjson.dumps(line) + b"\n")
                told.append(line[field])
                if progress:
                    progress(len(told))
    except OSError as error:
        raise Stop(f"{output}: {error}", fix="give a file that can be written", exit_code=2) from error
    return told


def _scores(texts: Sequence[LabelledText], told: Sequence[dict[str, float]], *, shipped: bool) -> dict[str, float]:
    """Macro-F1 and accuracy, where every text has a label and what is told can be read in those labels."""
    if any(one.label is None for one in texts):
        return {}
    true = [str(one.label) for one in texts]
    names = sorted({*true, *(() if shipped else told[0])})
    sums = summing(names) if shipped else np.eye(len(names))
    if sums is None:
        return {}
    order = CATEGORIES if shipped else names
    found = (np.array([[said.get(name, 0.0) for name in order] for said in told]) @ sums).argmax(axis=1)
    number = {name: at for at, name in enumerate(names)}
    wanted = np.array([number[label] for label in true])
    return {"macro-F1": macro_f1(wanted, found, len(names)), "accuracy": float((wanted == found).mean())}


def _alarms(truth: Sequence[bool], told: Sequence[bool]) -> dict[str, float]:
    hits = sum(t and s for t, s in zip(truth, told, strict=True))
    alarms = sum(not t and s for t, s in zip(truth, told, strict=True))
    recall, pf = hits / max(sum(truth), 1), alarms / max(len(truth) - sum(truth), 1)
    return {"recall": recall, "pf": pf, "g": g_measure(recall, pf)}


def _yes(one: LabelledText, file: Path) -> bool:
    label = str(one.label).strip().casefold()
    if label not in YES | NO:
        fix = f"a label is one of {', '.join(sorted(YES))}, or one of {', '.join(sorted(NO))}"
        raise Stop(f"{file}: text {one.id!r} is labelled {one.label!r}", fix=fix, exit_code=2)
    return label in YES
