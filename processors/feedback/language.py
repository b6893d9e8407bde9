"""Which language a text is written in, offline."""

from __future__ import annotations

from functools import cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

MIN_LETTERS = 12
"""Below this the model guesses: three words share too many letters with too many languages."""
LANGUAGES = tuple("ar cs da de el en es fi fr he hi hu id it ja ko nl no pl pt ro ru sv th tr uk vi zh".split())  # noqa: SIM905 - readable so
"""Those with most writers on the web; the model knows 97, and on a short text the rare ones take the blame."""
MIN_CONFIDENCE = 0.6
MAX_CHARS = 2_000
"""More does not make it surer."""


@cache
def _identifier() -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def identify_language(text: str) -> tuple[str | None, float | None]:
    """BCP 47 primary tag and probability, or nothing when the text is too short or the answer too unsure.

    Ideographs carry a syllable each, so they count four times.
    """
    letters = sum(4 if c > "\u2e80" else 1 for c in text[:MAX_CHARS] if c.isalpha())
    if letters < MIN_LETTERS:
        return None, None
    language, probability = _identifier().classify(text[:MAX_CHARS])
    confidence = round(float(probability), 3)
    return (str(language), confidence) if confidence >= MIN_CONFIDENCE else (None, confidence)
