"""Wordings as a small grammar: ``[this|that]`` is a choice, ``{slot}`` a word to fill in, ``title // text``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

CHOICE = re.compile(r"\[([^\[\]]*)\]")
"""The innermost brackets; they may be nested."""
SLOT = re.compile(r"\{(\w+)\}")
BREAK = " // "


def spoken(wording: str, random: Random, slots: Mapping[str, str]) -> tuple[str, str]:
    """Title and text of one wording; raise `KeyError` for a slot that nobody fills."""
    while CHOICE.search(wording):
        wording = CHOICE.sub(lambda found: random.choice(found[1].split("|")), wording)
    filled = SLOT.sub(lambda found: slots[found[1]], wording)
    title, _, text = filled.partition(BREAK)
    return title.strip(), " ".join(text.split())
