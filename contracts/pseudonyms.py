"""Keyed pseudonyms: distinct people stay countable, nobody can be named without the key."""

from __future__ import annotations

import hmac
import re

PREFIX = "p_"
_DIGEST_BYTES = 12  # 96 bits: a collision among ten million people has a chance below one in a quadrillion
_MADE = re.compile(rf"{PREFIX}[0-9a-f]{{{2 * _DIGEST_BYTES}}}")


def pseudonym(name: str, key: bytes) -> str:
    """HMAC-SHA256 of the trimmed, lower-case name under ``key``; one that is a pseudonym already is kept."""
    if _MADE.fullmatch(name):
        return name
    digest = hmac.digest(key, name.strip().casefold().encode(), "sha256")
    return PREFIX + digest[:_DIGEST_BYTES].hex()
