"""The written corpus as examples: titles, short messages and reports with a title, in all languages."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.random import Generator

from processors.feedback.category.grammar import Section, Templates, fill, read_templates, weight_of
from processors.feedback.category.labels import CATEGORIES, LANGUAGES

CORPUS = Path(__file__).parent / "corpus"
PLAIN = CORPUS / "plain.csv"
PLAIN_EVERY = 250
"""A text that was written by hand is used once for so many examples of a category."""
COUNTS = {"en": 3_000, "de": 600, "fr": 600, "es": 600, "pt": 600, "zh": 600}
"""Examples of each category by language."""
SHORT, REPORT = 0.5, 0.36
"""Shares of short messages and of reports with title and text; the rest are titles alone."""
BORROWED = 0.35
"""Share of questions whose text tells of a fault as well: who asks mostly has a reason."""
UNTITLED, SECOND = 0.5, 0.3
"""Shares of titles that come as a text, and of short messages with a second sentence."""
SMALL, LOUD, SLIPS = 0.3, 0.02, 0.08
"""Shares of texts in small letters, in capitals, and with two letters exchanged."""
IN_WORDS, ASIDE, FILLER = 0.4, 0.35, 0.6
"""Shares of short messages made of single words, of asides, and of asides about anything at all."""
_TAKEN_BY = {"question": ("functional_bug", "performance"), "feature_request": ("usability",)}


@dataclass(frozen=True, slots=True)
class Example:
    """A text with what it is about."""

    title: str | None
    text: str
    category: str
    security: bool
    language: str


def written_examples(seed: int, counts: Mapping[str, int] = COUNTS) -> list[Example]:
    """Examples of every language and category; the same seed gives the same ones."""
    rng = np.random.default_rng(seed)
    found: list[Example] = []
    for language in (language for language in LANGUAGES if counts.get(language)):
        corpus = Corpus(language)
        found += _of_language(corpus, counts[language], rng)
        found += _plain(corpus, counts[language], rng)
    return found


def read_examples(file: Path) -> list[Example]:
    """Texts that were written one by one: CSV with ``label, language, title, text``."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            Example(row["title"] or None, row["text"], row["label"], row["label"] == "security", row["language"])
            for row in csv.DictReader(lines)
        ]


class Corpus:
    """The templates of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        files = sorted(CORPUS.glob(f"{language}_*.txt"))
        lines = "\n".join(file.read_text(encoding="utf-8") for file in files).splitlines()
        self.templates: Templates = read_templates(lines)
        self._slots = {s.kind: lines for s, lines in self.templates.items() if s.category == "slot"}
        self._weights = {
            section: np.cumsum([weight_of(line) for line in lines]) for section, lines in self.templates.items()
        }

    def say(self, section: Section, rng: Generator) -> str:
        """One sentence of a section; short messages stand for titles and sentences where there are none."""
        if not self.has(section):
            section = replace(section, kind="short")
        lines, weights = self.templates[section], self._weights[section]
        chosen = lines[int(np.searchsorted(weights, rng.random() * weights[-1]))]
        return fill(chosen, self._slots, rng)

    def has(self, section: Section) -> bool:
        """Whether there are templates for it."""
        return section in self.templates


def _plain(corpus: Corpus, count: int, rng: Generator) -> Iterator[Example]:
    """What was written one by one, again and again in other company."""
    for example in read_examples(PLAIN):
        if example.language == corpus.language:
            for _ in range(max(1, round(count / PLAIN_EVERY))):
                asides = [_aside(corpus, rng) for _ in range(int(rng.random() < ASIDE))]
                yield _scribble(replace(example, text=_joined([example.text, *asides], rng)), rng)


def _of_language(corpus: Corpus, count: int, rng: Generator) -> Iterator[Example]:
    for category in CATEGORIES:
        touching = corpus.has(Section(category, "title", security=True))
        for number in range(count):
            special = touching and number % 8 == 0
            yield _scribble(_example(corpus, category, rng, security=special), rng)


def _example(corpus: Corpus, category: str, rng: Generator, *, security: bool) -> Example:
    kind = rng.random()
    flag = security or category == "security"
    if kind < SHORT and not security:
        return Example(None, _short(corpus, category, rng), category, flag, corpus.language)
    title = corpus.say(Section(category, "title", security), rng)
    if kind > SHORT + REPORT:
        return Example(None if rng.random() < UNTITLED else title, title, category, flag, corpus.language)
    return Example(title, _text(corpus, category, rng), category, flag, corpus.language)


def _short(corpus: Corpus, category: str, rng: Generator) -> str:
    """One or two sentences, or some words of the category among others; then perhaps something beside the point."""
    words = Section(category, "words")
    if corpus.has(words) and rng.random() < IN_WORDS:
        said = [corpus.say(words, rng) for _ in range(1 + int(rng.integers(3)))]
    else:
        said = [corpus.say(Section(category, "short"), rng) for _ in range(1 + int(rng.random() < SECOND))]
    said += [_aside(corpus, rng) for _ in range(int(rng.random() < ASIDE) + int(rng.random() < ASIDE))]
    return _joined([said[int(i)] for i in rng.permutation(len(said))], rng)


def _aside(corpus: Corpus, rng: Generator) -> str:
    filler = Section("neutral", "filler")
    return corpus.say(filler if corpus.has(filler) and rng.random() < FILLER else Section("neutral"), rng)


def _text(corpus: Corpus, category: str, rng: Generator) -> str:
    """Sentences of the category between ones that say nothing about it."""
    said = [corpus.say(Section(category, "body"), rng) for _ in range(1 + int(rng.integers(4)))]
    said += [_aside(corpus, rng) for _ in range(int(rng.integers(6)))]
    words = Section(category, "words")
    if corpus.has(words):
        said += [corpus.say(words, rng) for _ in range(int(rng.integers(3)))]
    if category in _TAKEN_BY and rng.random() < BORROWED:
        others = _TAKEN_BY[category]
        other = Section(others[int(rng.integers(len(others)))], "body")
        said += [corpus.say(other, rng) for _ in range(1 + int(rng.integers(2)))]
    order = rng.permutation(len(said))
    return _joined([said[int(i)] for i in order], rng)


def _joined(said: list[str], rng: Generator) -> str:
    mark = ("\n", " ", ". ", "\n\n")[int(rng.integers(4))]
    return mark.join(said)


def _scribble(example: Example, rng: Generator) -> Example:
    """People write in small letters, in capitals, without full stops and with slips."""
    kind, at = rng.random(), rng.random()

    def change(text: str) -> str:
        if kind < SMALL:
            return text.lower()
        if kind < SMALL + LOUD:
            return text.upper()
        return _slip(text, at) if kind < SMALL + LOUD + SLIPS else text

    return replace(example, title=example.title and change(example.title), text=change(example.text))


def _slip(text: str, at: float) -> str:
    """Two neighbours change places."""
    place = int(at * max(len(text) - 1, 0))
    return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]
