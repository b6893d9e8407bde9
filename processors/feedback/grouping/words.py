"""From a text to the words it is compared by."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from processors.feedback.grouping.concepts import CONCEPTS, PHRASES
from processors.feedback.grouping.endings import stem
from processors.feedback.grouping.stop_words import STOP_CHARACTERS, STOP_WORDS

MAX_TITLE_CHARS = 500
MAX_TEXT_CHARS = 6_000
"""What is read of a text: nine of ten bug reports are shorter than 1,800 characters, a longer one ends in a log."""
MAX_WORD = 40
"""A longer one is a key or a path without separators; its beginning tells it."""
REMEMBERED = 50_000
"""Words whose stem is remembered, about 8 MB: the usual ones come again and again."""
_SPACE = "\n\r\t"
_MASKED = re.compile(r"\[(?:email|account|card|ip|phone|secret|name|[a-z]+ masked)\]")
_MARKUP = re.compile(r"&(?:#\d{1,6}|[a-z]{2,8});|\{(?:code|noformat|quote|color)[^}\n]{0,40}\}|<[^<>\n]{1,60}>")
_RUN = re.compile(r"[^\W_]+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\x00-\x7f]+")
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|[\r\n]+|(?<=[。！？])")  # noqa: RUF001 - as they are written


def plain(text: str, limit: int) -> str:
    """The beginning of a text in one form: compatible characters as one, nothing invisible, one space between words."""
    shown = text[:limit]
    if not shown.isascii():
        shown = unicodedata.normalize("NFKC", shown)
    if not shown.isprintable():
        shown = "".join(c for c in shown if c in _SPACE or c.isprintable())
    return _MARKUP.sub(" ", shown)


def words_of(text: str) -> Iterator[str]:
    """The words of a plain text that mean something, with light endings cut, in the order of the text.

    ``NullPointerException`` is one word and its three parts. Ideographs come as pairs, because nothing separates words.
    """
    before = ("", "")
    for run in _RUN.findall(_MASKED.sub(" ", text)):
        if not run.isascii() and _IDEOGRAPHS.search(run):
            yield from _pairs(run)
            continue
        lowered = run.casefold()
        phrase = PHRASES.get((before[1], lowered)) or PHRASES.get((before[0], lowered))
        before = (before[1], lowered)
        if phrase:
            yield phrase
        if lowered in STOP_WORDS or (len(lowered) < 2 and not lowered.isdigit()):  # noqa: PLR2004 - a single letter
            continue
        yield _meant(lowered[:MAX_WORD])
        if lowered != run and run[1:].lower() != run[1:]:
            yield from _parts(run, lowered)


@lru_cache(REMEMBERED)
def _meant(lowered: str) -> str:
    root = stem(lowered)
    return CONCEPTS.get(root, root)


def sentences_of(text: str) -> list[str]:
    """The sentences of a text as they stand, without surrounding space."""
    return [" ".join(part.split()) for part in _SENTENCE.split(text) if part and part.strip()]


def _parts(run: str, lowered: str) -> Iterator[str]:
    parts = [part.casefold() for part in _PART.findall(run)]
    if len(parts) > 1:
        for part in parts:
            if len(part) > 1 and part != lowered and part not in STOP_WORDS:
                yield _meant(part)


def _pairs(run: str) -> Iterator[str]:
    """Pairs of neighbouring ideographs; what stands between them in other scripts are words of their own."""
    for piece in _IDEOGRAPHS.findall(run):
        if len(piece) == 1:
            if piece not in STOP_CHARACTERS:
                yield piece
            continue
        for left, right in pairwise(piece):
            if not (left in STOP_CHARACTERS and right in STOP_CHARACTERS):
                yield CONCEPTS.get(left + right, left + right)
    for rest in _IDEOGRAPHS.split(run):
        if rest:
            yield from words_of(rest)
