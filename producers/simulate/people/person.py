"""Who writes: a language, a way to type, a mood; the same person writes the same way each time."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from producers.simulate.people.wordings.tongue import Mood
from producers.simulate.people.wordings.tongues import Language, language_in

Casing = Literal["usual", "lower", "upper"]
CASINGS: dict[Casing, int] = {"usual": 84, "lower": 13, "upper": 3}
CARELESS_SHARE = 0.3
TYPOS = (0.01, 0.05)
"""Typing errors a letter, of those who do not look again."""
EMOJI_SHARE = 0.15
GIVEN = ("Alex", "Robin", "Kim", "Sam", "Dominique", "Andrea", "Sascha", "Charlie")
SURNAMES: dict[Language, str] = {
    "en": "Example", "de": "Beispiel", "fr": "Exemple", "es": "Ejemplo", "pt": "Exemplo", "zh": "Example",
}  # fmt: skip
MOODS_IN_TROUBLE: dict[Mood, int] = {"calm": 35, "polite": 20, "annoyed": 22, "angry": 13, "worried": 10}
MOODS: dict[Mood, int] = {"calm": 70, "polite": 30}


@dataclass(frozen=True, slots=True)
class Person:
    """``typos`` is a chance a letter; ``name`` stands under letters."""

    pseudonym: str
    country: str
    language: Language
    casing: Casing
    typos: float
    emoji: bool
    name: str
    phone: str


def person(seed: int, pseudonym: str, country: str, languages: tuple[Language, ...] = ()) -> Person:
    """The person of a pseudonym; of all languages unless some are given."""
    random = Random(f"{seed}/{pseudonym}")
    language = random.choice(languages) if languages else language_in(country, random)
    return Person(
        pseudonym,
        country,
        language,
        random.choices(tuple(CASINGS), tuple(CASINGS.values()))[0],
        random.uniform(*TYPOS) if random.random() < CARELESS_SHARE else 0.0,
        random.random() < EMOJI_SHARE,
        f"{random.choice(GIVEN)} {SURNAMES[language]}",
        f"+1-555-01{random.randrange(100):02d}",
    )


def mood(random: Random, *, in_trouble: bool) -> Mood:
    """How somebody feels while writing."""
    moods = MOODS_IN_TROUBLE if in_trouble else MOODS
    return random.choices(tuple(moods), tuple(moods.values()))[0]
