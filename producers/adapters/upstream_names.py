"""Whose an upstream is: a name tells it, the number of an address does not."""

from __future__ import annotations

import re
from functools import lru_cache

_PUBLIC = re.compile(r"(?:[a-z0-9_\-]{1,63}\.){1,10}[a-z][a-z0-9\-]{1,62}(?::\d{1,5})?", re.IGNORECASE)
_INNER = re.compile(
    r".*\.(?:local|internal|svc|lan|corp|home|localdomain|intra|consul|cluster)(?::\d{1,5})?|.*\.svc\..*", re.IGNORECASE
)
"""Names that only a network of one's own knows."""


def telling_address(address: str | None, *names: str | None) -> str | None:
    """The first name that could be somebody else's, a public domain; without one the address as it was logged."""
    for name in names:
        if name is not None and _is_public(name):
            return name
    return address


@lru_cache(maxsize=1_000)
def _is_public(name: str) -> bool:
    return _PUBLIC.fullmatch(name) is not None and _INNER.fullmatch(name) is None
