"""Words that mean the same, put into a question before it is asked.

They are not in the indices: a new word in the file counts at once, for every document, on any server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

SHIPPED = Path(__file__).with_name("synonyms.txt")
MOST_BYTES = 262_144
MOST_ALIKE = 20
"""Words of one group that are asked for: more is a mistake, and would make a question endless."""
Synonyms = Mapping[str, tuple[str, ...]]
_PIECES = re.compile(r'"[^"]*"|[^\s"()|+]+|[()|+]|"')
_NOT_IN_WORDS = re.compile(r'["()|+*~\\]')


def read_synonyms(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Every word with those it stands for; a word in several groups has those of all, the first ones first."""
    found: dict[str, dict[str, None]] = {}
    for text in texts:
        for line in text.splitlines():
            said = (plain(word) for word in line.partition("#")[0].split(","))
            group = list(dict.fromkeys(word for word in said if word))
            for word in group:
                found.setdefault(word, {}).update(dict.fromkeys(group))
    return {word: tuple(others)[:MOST_ALIKE] for word, others in found.items() if len(others) > 1}


def widened(text: str, synonyms: Synonyms) -> str:
    """A question in which each known word may be any of those that mean the same; what is excluded stays as it is."""
    return " ".join(_widen(piece, synonyms) for piece in words_of(text))


def _widen(piece: str, synonyms: Synonyms) -> str:
    word = plain(piece)
    others = [other for other in synonyms.get(word, ()) if other != word]
    if not others or piece.startswith("-"):
        return piece
    return f"({' | '.join([piece, *(_quoted(other) for other in others)])})"


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word


def words_of(text: str) -> list[str]:
    """The words, phrases and signs of a question."""
    return _PIECES.findall(text)


def plain(word: str) -> str:
    """A word as it is compared: in small letters, without signs around it."""
    return " ".join(_NOT_IN_WORDS.sub(" ", word.casefold()).strip(" ,.;:!?¿¡…").split())
