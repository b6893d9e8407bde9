"""What a language offers: wordings by topic, and what people put around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "payment", "order", "notification", "upload", "login", "slow", "search", "report", "rate_limit", "assistant",
    "error", "office",
]  # fmt: skip
"""What somebody meets when calls fail or are slow; ``error`` is any page, ``office`` the ERP at its peak."""
Other = Literal["praise", "question", "feature", "usability", "security", "other", "spam", "automatic"]
"""What is written without any call behind it."""
Topic = Kind | Other
Mood = Literal["calm", "polite", "annoyed", "angry", "worried"]
Lines = tuple[str, ...]


@dataclass(frozen=True)
class Tongue:
    """Wordings are ``title // text`` in the notation of `grammar.py`; what a language lacks it takes from English."""

    wordings: Mapping[Topic, Lines]
    openers: Mapping[Mood, Lines]
    closers: Mapping[Mood, Lines]
    nudges: Lines
    greetings: Lines
    farewells: Lines
    noted: Lines
    forwarded: str
    quoted: str
    things: Lines
    screens: Mapping[str, str]
