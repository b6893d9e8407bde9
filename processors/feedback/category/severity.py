"""How bad a text says something is: a weak prior for severity, never the whole.

Log-odds points for words that block, ease, or are felt, and for a rating on its own scale; each counts once, so that
shouting is not louder than saying.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import exp
from typing import Protocol

from processors.feedback.category import severity_words
from processors.feedback.category.words import MAX_TEXT, MAX_TITLE, visible

START = -0.6
"""Most feedback is about something that bothers, not something that stops: 0.35 with no evidence at all."""
POINTS = {"easing": -0.9, "blocking": 1.3, "negative": 0.5, "positive": -0.7}
"""Points of the first word of a kind; a second, different one adds half of it, later ones nothing. In the order in
which they are looked for: "not urgent" must not be found urgent next."""
RATING_POINTS = 1.0
"""The worst rating adds this, the best one takes it away, the middle one does nothing."""
SCALES: Mapping[str, tuple[float, float, bool]] = {
    "nps": (0, 10, True),
    "csat": (1, 5, True),
    "ces": (1, 7, True),
    "stars": (1, 5, True),
}
"""Lowest and highest value of a scale and whether more is better; ces is asked as agreement that it was easy."""
MOST_EVIDENCE = 6
_NOT = ("not ", "n't ", "nicht ", "pas ", "no ", "não ", "nada ", "不", "没")
"""What turns the next word round; who is not happy says nothing good."""


class Rating(Protocol):
    """A number on a known scale, as `contracts.feedback.Rating`."""

    @property
    def scale(self) -> str:
        """Name of the scale."""

    @property
    def value(self) -> float:
        """What was given."""


@dataclass(frozen=True, slots=True)
class Severity:
    """Between 0 and 1, and the words of the text that say so, with the rating where there is one."""

    score: float
    words: tuple[str, ...]


def severity_of(
    text: str, title: str | None = None, rating: Rating | None = None, language: str | None = None
) -> Severity:
    """How bad the words say it is; ``language`` narrows which words are looked for, where it has words of its own."""
    said = visible(f"{(title or '')[:MAX_TITLE]}\n{text[:MAX_TEXT]}")
    points, evidence = START, []
    tag = (language or "").partition("-")[0].casefold()
    for kind, worth in POINTS.items():
        pattern = _pattern(kind, tag)
        found, said = _found(said, pattern), pattern.sub(" ", said)
        points += worth * (0, 1, 1.5)[min(len(found), 2)]
        evidence += found
    if rating is not None:
        badness = badness_of(rating)
        points -= RATING_POINTS * (1 - 2 * badness)
        evidence.append(f"{rating.scale} {rating.value:g}")
    return Severity(round(1 / (1 + exp(-points)), 3), tuple(evidence[-MOST_EVIDENCE:]))


def badness_of(rating: Rating) -> float:
    """From 0 for the best to 1 for the worst value of a scale; what lies outside counts as its end."""
    low, high, more_is_better = SCALES.get(rating.scale, (0.0, 10.0, True))
    share = (min(max(rating.value, low), high) - low) / (high - low)
    return 1 - share if more_is_better else share


def _found(said: str, pattern: re.Pattern[str]) -> list[str]:
    """Different words that were found, as they stand, the first of each."""
    found: dict[str, str] = {}
    for match in pattern.finditer(said):
        found.setdefault(match[0].casefold(), match[0])
    return list(found.values())


@cache
def _pattern(kind: str, language: str) -> re.Pattern[str]:
    """The words of a kind in one language and in English, or in all where the language has none or is not known."""
    by_language: Mapping[str, str] = getattr(severity_words, kind.upper())
    wanted = {language, "en"} if language in by_language else set(by_language)
    spelled = [by_language[name] for name in by_language if name in wanted and name != "zh"]
    unless = "".join(f"(?<!{word})" for word in _NOT) if kind == "positive" else ""
    plain = unless + r"(?<!\w)(?:" + "|".join(map(re.escape, "|".join(spelled).split("|"))) + r")(?!\w)"
    chinese = unless + "(?:" + "|".join(map(re.escape, by_language["zh"].split("|"))) + ")" if "zh" in wanted else ""
    return re.compile(f"{plain}|{chinese}" if chinese else plain, re.IGNORECASE)
