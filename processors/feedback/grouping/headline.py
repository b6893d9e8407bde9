"""Which sentence stands for a report, and which of them for a group."""

from __future__ import annotations

from collections.abc import Sequence

from processors.feedback.grouping.corpus import Corpus
from processors.feedback.grouping.features import term_of
from processors.feedback.grouping.profiles import Counts
from processors.feedback.grouping.stored import StoredReport
from processors.feedback.grouping.words import plain, sentences_of, words_of

MAX_HEADLINE = 160
SENTENCES = 8
"""Sentences at the beginning of a text that are looked at: what is wrong is said early."""
READ_CHARS = 2_000
WIDE = 3.0
"""Added to the number of words that a sentence is measured by, so that a single rare word is no headline."""
BETTER = 1.25
"""How much more central another sentence has to be to replace a group's title: titles should not flicker."""


def headline_of(title: str, text: str, corpus: Corpus) -> str:
    """The title, else the sentence with the most to say for its length."""
    heading = " ".join(plain(title, MAX_HEADLINE * 2).split())
    if heading:
        return _cut(heading)
    sentences = sentences_of(plain(text, READ_CHARS))[:SENTENCES]
    return _cut(max(sentences, key=lambda sentence: _weight(sentence, corpus), default=""))


def title_of(told: Sequence[StoredReport], counts: Counts, current: str) -> str:
    """The most central headline of some reports: whose words most of the group's reports share."""
    if not told:
        return current
    most = max(counts.values(), default=1)
    central = {stored.headline: _centrality(stored.headline, counts, most) for stored in reversed(told)}
    best = max(central, key=lambda headline: (central[headline], -len(headline), headline))
    return best if not current or central[best] > BETTER * _centrality(current, counts, most) else current


def central(told: Sequence[StoredReport], counts: Counts, most: int) -> tuple[str, ...]:
    """The reports whose words most of a group's reports share."""

    def shared(stored: StoredReport) -> float:
        return sum(counts.get(term, 0) for term in stored.telling) / (len(stored.telling) + WIDE)

    return tuple(stored.id for stored in sorted(told, key=lambda stored: (-shared(stored), stored.order))[:most])


def top_words(headlines: Sequence[str], counts: Counts, most: int) -> tuple[str, ...]:
    """The words that most reports of a group share, as far as its headlines hold them."""
    words = {word: counts.get(term_of(word), 0) for headline in headlines for word in words_of(headline)}
    shared = [word for word in words if words[word] > 0]
    return tuple(sorted(shared, key=lambda word: (-words[word], word))[:most])


def _weight(sentence: str, corpus: Corpus) -> float:
    terms = {term_of(word) for word in words_of(sentence)}
    return sum(corpus.rarity(term) for term in terms) / (len(terms) + WIDE)


def _centrality(headline: str, counts: Counts, most: int) -> float:
    terms = {term_of(word) for word in words_of(headline)}
    return sum(counts.get(term, 0) for term in terms) / most / (len(terms) + WIDE)


def _cut(sentence: str) -> str:
    if len(sentence) <= MAX_HEADLINE:
        return sentence
    return sentence[:MAX_HEADLINE].rsplit(" ", 1)[0] + " …"
