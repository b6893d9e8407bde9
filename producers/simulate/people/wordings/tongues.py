"""All languages, and which of them somebody in a country writes."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Literal

from producers.simulate.people.wordings.de import GERMAN
from producers.simulate.people.wordings.en import ENGLISH
from producers.simulate.people.wordings.es import SPANISH
from producers.simulate.people.wordings.fr import FRENCH
from producers.simulate.people.wordings.pt import PORTUGUESE
from producers.simulate.people.wordings.tongue import Lines, Tongue, Topic
from producers.simulate.people.wordings.zh import CHINESE

Language = Literal["en", "de", "fr", "es", "pt", "zh"]
TONGUES: Mapping[Language, Tongue] = {
    "en": ENGLISH,
    "de": GERMAN,
    "fr": FRENCH,
    "es": SPANISH,
    "pt": PORTUGUESE,
    "zh": CHINESE,
}
AT_HOME: Mapping[str, Language] = {"DE": "de", "AT": "de", "FR": "fr", "ES": "es"}
AT_HOME_SHARE, ABROAD_SHARE = 0.4, 0.08
"""Most write English to an international support; some write what is spoken at home, few something else again."""


def language_in(country: str, random: Random) -> Language:
    """Draw what somebody there writes."""
    drawn = random.random()
    if country in AT_HOME and drawn < AT_HOME_SHARE:
        return AT_HOME[country]
    return random.choice(("pt", "zh")) if drawn > 1 - ABROAD_SHARE else "en"


def wordings(language: Language, topic: Topic) -> Lines:
    """Wordings of a topic; those of English where a language has none."""
    return TONGUES[language].wordings.get(topic) or ENGLISH.wordings[topic]
