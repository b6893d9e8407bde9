"""The stem of a word: what it has in common with its plural and with its other forms."""

from __future__ import annotations

MIN_STEM = 4
"""Letters that stay of a word when its ending is cut."""
_ENDINGS = ("ings", "ing", "edly", "ed", "es", "en", "s", "e")


def stem(word: str) -> str:
    """Cut common endings until none is left: the same of a word and of its plural.

    One rule for all languages, because the language of a short text is a guess; numbers stay as they are.
    """
    if not word.isalpha() or not word.isascii():
        return word
    if word.endswith("ies") and len(word) > MIN_STEM:
        return word[:-2]
    while True:
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= MIN_STEM:
                word = word[: -len(ending)]
                break
        else:
            return word[:-1] + "i" if word.endswith("y") else word
