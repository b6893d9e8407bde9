"""Keyed pseudonyms: distinct people stay countable, nobody can be named without the key."""

from __future__ import annotations

import hmac
import re
from functools import lru_cache

from contracts.spelling import legible

PREFIX = "p_"
REMEMBERED = 50_000
"""Some 15 MB; a user or a session makes many calls in a row."""
_DIGEST_BYTES = 12  # 96 bits: a collision among ten million people has a chance below one in a quadrillion
_ADDRESSED = re.compile(r"[^<>]{0,300}<\s*([^<>\s]{1,300}@[^<>\s]{1,300})\s*>\s*")
_MADE = re.compile(rf"{PREFIX}[0-9a-f]{{{2 * _DIGEST_BYTES}}}")


@lru_cache(maxsize=REMEMBERED)
def pseudonym(name: str, key: bytes) -> str:
    """HMAC-SHA256 of the trimmed, lower-case name under ``key``; one that is a pseudonym already is kept."""
    if _MADE.fullmatch(name):
        return name
    digest = hmac.digest(key, name.strip().casefold().encode(), "sha256")
    return PREFIX + digest[:_DIGEST_BYTES].hex()


def pseudonym_of_person(name: str, key: bytes) -> str:
    """Pseudonym of an id or an address, however a channel writes it: ``Ana <ANA@example.com>``, ``mailto:…``.

    An address with a tag, ``ana+shop@example.com``, is kept apart from the one without: shops know their users by the
    whole address, so that calls and complaints of one account stay together, and what relays mail puts the person
    after the plus sign. Dots are kept, too: only some providers ignore them.
    """
    if _MADE.fullmatch(name):
        return name
    plain = legible(name).strip()
    addressed = _ADDRESSED.fullmatch(plain)
    plain = addressed[1] if addressed else plain
    if plain[:7].casefold() == "mailto:":
        plain = plain[7:]
    return pseudonym(plain, key)
