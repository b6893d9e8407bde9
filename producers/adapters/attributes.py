"""The bounded bag for what the contract has no field for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from contracts.limits import MAX_ATTRIBUTES
from contracts.secrets import mask_secrets
from producers.adapters.loose_values import MAX_COUNT, storable

KEY_CHARS = 120
VALUE_CHARS = 2_048
DROPPED = "dropped"
CACHED = 10_000
CACHED_CHARS = 200
"""Values and names repeat from line to line; how many, and up to which length, are looked at only once."""
Scalar = str | int | float | bool
_SECRET_NAME = re.compile(
    r"(?i)key(?!word|board)|token|authori[sz]ation|cookie|secret|passw|pwd|credential|signature|jwt|session"
)


@lru_cache(maxsize=CACHED)
def smells_of_secret(name: str) -> bool:
    """Tell whether a field of this name is likely to hold a secret."""
    return _SECRET_NAME.search(name) is not None


def bounded(pairs: Iterable[tuple[str, object]], *, dropped: int = 0, room: int = 0) -> dict[str, Scalar]:
    """Scalars that fit, secrets inside texts masked.

    Fields that smell of secrets, and those beyond the limit, are left out and counted in ``dropped``; empty
    ones and objects are left out silently. ``room`` is how many more the caller is going to add.
    """
    most = MAX_ATTRIBUTES - 1 - room
    bag: dict[str, Scalar] = {}
    for name, value in pairs:
        kept = _scalar(value)
        if kept is None or not name:
            continue
        if smells_of_secret(name) or len(bag) >= most:
            dropped += 1
        else:
            bag[storable(name)[:KEY_CHARS]] = kept
    if dropped:
        bag[DROPPED] = dropped
    return bag


def masked(text: str) -> str:
    """A text with its secrets masked, as it can be stored."""
    return _short(text) if len(text) <= CACHED_CHARS else mask_secrets(storable(text))[0]


@lru_cache(maxsize=CACHED)
def _short(text: str) -> str:
    return mask_secrets(storable(text))[0]


def _scalar(value: object) -> Scalar | None:
    if isinstance(value, str):
        text = value.strip()
        return masked(text[:VALUE_CHARS])[:VALUE_CHARS] if text and text != "-" else None
    if isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= MAX_COUNT else str(value)
    return None
