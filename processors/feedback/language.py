"""Which language a text is written in, offline."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from processors.feedback.cleaning.function_words import votes

SUPPORTED = ("en", "de", "fr", "es", "pt", "zh")
"""Those whose words the later steps know; others are named, so that a person sees why nothing is said about them."""
MIN_LETTERS = 20
"""Below this the model guesses: three words share too many letters with too many languages."""
FEWEST_LETTERS = 4
LANGUAGES = tuple("ar cs da de el en es fi fr he hi hu id it ja ko nl no pl pt ro ru sv th tr uk vi zh".split())  # noqa: SIM905 - readable so
"""Those with most writers on the web; the model knows 97, and on a short text the rare ones take the blame."""
MIN_CONFIDENCE = 0.6
MAX_CHARS = 2_000
"""More does not make it surer."""
_UNSPOKEN = re.compile(
    r"(?:https?://|www\.)\S{1,2000}|\[(?:email|phone|card|account|ip|name)\]"
    r"|^[ \t]*(?:at |File \"|Caused by:|\.\.\. \d).{0,2000}$"
    r"|(?<![!-~])[!-~]{0,80}[_\d/\\{}<>=$@][!-~]{0,80}|\b\w{1,60}(?:Exception|Error)\b|\b\w{1,40}\.\w{1,40}\.\w{1,200}",
    re.MULTILINE,
)
"""Links, masks, frames of a stack, identifiers: in no language, and most of them look English."""
_HAN, _KANA, _HANGUL = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[\u3040-\u30ff]"), re.compile(r"[\uac00-\ud7a3]")
_DOUBT = 0.5
"""Of a word that is nowhere else: one such word gives .67, two give .8."""
_SYLLABLE = 4
"""A character of Chinese, Japanese or Korean carries about as much as so many letters."""


@cache
def _identifier() -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def identify_language(text: str) -> tuple[str | None, float | None]:
    """BCP 47 primary tag and probability, or nothing when the text is too short or the answer too unsure.

    Of a text in two languages it is the one with most words.
    """
    spoken = _UNSPOKEN.sub(" ", text[:MAX_CHARS])
    letters = sum(map(str.isalpha, spoken))
    syllables = {tag: len(shape.findall(spoken)) for tag, shape in (("zh", _HAN), ("ja", _KANA), ("ko", _HANGUL))}
    if letters + (_SYLLABLE - 1) * sum(syllables.values()) < FEWEST_LETTERS:
        return None, None
    if any(syllables.values()):
        found = _by_script(syllables, letters - sum(syllables.values()))
        if found:
            return found
    return _by_words(spoken, letters)


def is_supported(language: str) -> bool:
    """Whether the later steps know words of a language, given by its BCP 47 tag."""
    return language.replace("_", "-").partition("-")[0].lower() in SUPPORTED


def _by_script(syllables: dict[str, int], other: int) -> tuple[str, float] | None:
    """Chinese, Japanese or Korean by their characters, when these say more than letters of other scripts do."""
    weight = _SYLLABLE * sum(syllables.values())
    if weight <= other:
        return None
    tag = "ko" if syllables["ko"] > syllables["zh"] else "ja" if syllables["ja"] else "zh"
    return tag, round(weight / (weight + other), 3)


def _by_words(spoken: str, letters: int) -> tuple[str | None, float | None]:
    """By the model; where it has little to go by or doubts, by short words that few languages share."""
    language, confidence = "", 0.0
    if letters >= MIN_LETTERS:
        language, confidence = _identifier().classify(spoken)
    if confidence < MIN_CONFIDENCE and (counted := votes(spoken)):
        best = max(sorted(counted), key=lambda tag: counted[tag])
        share = counted[best] / (sum(counted.values()) + _DOUBT)
        if best == language:  # both may be wrong, independently
            confidence = 1 - (1 - confidence) * (1 - share)
        elif share > confidence:
            language, confidence = best, share
    sure = round(float(confidence), 3)
    return (str(language), sure) if sure >= MIN_CONFIDENCE else (None, sure or None)
