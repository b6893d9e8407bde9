"""How somebody types: openers and closers by mood, slips of the finger, capitals, exclamation marks, emoji."""

from __future__ import annotations

import re
from random import Random

from producers.simulate.people.person import Person
from producers.simulate.people.wordings.tongue import Mood
from producers.simulate.people.wordings.tongues import TONGUES

FACES: dict[Mood, str] = {"calm": "🙂", "polite": "🙏", "annoyed": "🙄", "angry": "😡", "worried": "😟"}
ENDING = re.compile(r"[.!。\uff01]+$")
SHOUTED = 3
"""Exclamation marks of somebody angry."""


def in_the_mood(text: str, who: Person, mood: Mood, random: Random) -> str:
    """The text with what the mood puts before and after it."""
    tongue = TONGUES[who.language]
    said = f"{random.choice(tongue.openers[mood])}{text}{random.choice(tongue.closers[mood])}"
    if mood == "angry" and random.random() < 0.5:  # noqa: PLR2004 - every other one
        said = ENDING.sub("", said) + "!" * SHOUTED
    return f"{said} {FACES[mood]}" if who.emoji else said


def typed(text: str, who: Person, random: Random) -> str:
    """The text as the person's fingers and caps key leave it."""
    slipped = _slips(text, who.typos, random) if who.typos else text
    if who.casing == "lower":
        return slipped.lower()
    return slipped.upper() if who.casing == "upper" else slipped


def _slips(text: str, rate: float, random: Random) -> str:
    """Letters left out, doubled or swapped with the next; words from other alphabets are left alone."""
    letters = list(text)
    for place in range(len(letters) - 1):
        if not (letters[place].isascii() and letters[place].isalpha()) or random.random() >= rate:
            continue
        slip = random.choice(("drop", "double", "swap"))
        if slip == "drop":
            letters[place] = ""
        elif slip == "double":
            letters[place] *= 2
        elif letters[place + 1].isalpha():
            letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)
