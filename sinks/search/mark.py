"""Marks in a text what a question asked for, and shows the passages where most of it stands.

Elasticsearch can do this too, but reads every text once for each language anew: that took three quarters of the time of
a search. A word is marked when it is asked for, means the same, or begins as one of these does: near enough to its
other forms for a reader, whatever the language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sinks.search.function_words import WORDS
from sinks.search.synonyms import Synonyms, plain, words_of

OPEN_MARK, CLOSE_MARK = "\u0002", "\u0003"
"""Around what was found: signs that no text has after masking."""
SHORTEST_BEGINNING = 4
"""Letters that two words have in common at their beginning to be forms of one."""
LEAST_SHARED = 0.6
"""Part of the longer one that this has to be."""
BEFORE, AFTER = 60, 140
"""Characters that are shown before and after what was found first."""
MOST_READ = 100_000
MOST_PASSAGES = 2
_WORD = re.compile(r"[\w-]+")
_SIGNS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def wanted(text: str, synonyms: Synonyms) -> tuple[str, ...]:
    """What a question asks for, in small letters: its words, and those that mean the same."""
    asked = [plain(piece) for piece in words_of(text) if not piece.startswith("-")]
    asked = [word for word in asked if word not in WORDS] or asked
    every = [part for word in asked for one in (word, *synonyms.get(word, ())) for part in one.split()]
    return tuple(dict.fromkeys(word for word in every if len(word) > 1))


def passages(text: str, words: Sequence[str]) -> tuple[str, ...]:
    """Passages of a text with what was asked for marked; none where nothing is there."""
    flat = " ".join(text[:MOST_READ].translate({ord(OPEN_MARK): None, ord(CLOSE_MARK): None}).split())
    found = _found(flat, words)
    shown: list[str] = []
    end = -1
    for start, _ in found:
        if start < end or len(shown) == MOST_PASSAGES:
            continue
        begin, end = max(0, start - BEFORE, end), min(len(flat), start + AFTER)
        inside = [place for place in found if begin <= place[0] and place[1] <= end]
        shown.append(f"{'…' if begin else ''}{_marked(flat, begin, end, inside)}{'…' if end < len(flat) else ''}")
    return tuple(shown)


def _found(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    signs = [word for word in words if _SIGNS.search(word)]
    letters = [word for word in words if not _SIGNS.search(word)]
    places = [
        found.span() for found in _WORD.finditer(text) if any(_is_form(found[0].casefold(), word) for word in letters)
    ]
    for word in signs:  # no white space between words: wherever they stand
        places += [found.span() for found in re.finditer(re.escape(word), text)]
    return sorted(places)


def _is_form(word: str, asked: str) -> bool:
    if word == asked or asked in re.split(r"[\W_]+", word):
        return True
    shared = next((i for i, (a, b) in enumerate(zip(word, asked, strict=False)) if a != b), min(len(word), len(asked)))
    return shared >= SHORTEST_BEGINNING and shared >= LEAST_SHARED * max(len(word), len(asked))


def _marked(text: str, begin: int, end: int, places: Sequence[tuple[int, int]]) -> str:
    parts, at = [], begin
    for start, stop in places:
        if start >= at:
            parts += [text[at:start], OPEN_MARK, text[start:stop], CLOSE_MARK]
            at = stop
    return "".join([*parts, text[at:end]])
