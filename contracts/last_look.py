"""The last look at an event before it is stored: a field is not trusted because nobody thought of it.

Rules mask the fields they know, each in its own way. This walks over all the others, so that a field added later is
looked at without anybody's doing. Only names of fields that cannot hold anything personal are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts.event import Part
from contracts.personal_data import mask_line
from contracts.pseudonyms import pseudonym
from contracts.quick import Quick, changed, fields_of
from contracts.secrets import MASK, is_sensitive

SAFE = frozenset(
    {
        # patterns and closed lists
        "tenant", "project", "environment", "outcome", "blame", "channel", "device", "scale", "language", "notes",
        # masked in full before, each kind with its own word
        "text", "title", "attributes",
    }
)  # fmt: skip
NAMES = frozenset(
    {
        "id", "trace_id", "span_id", "parent_span_id", "request_id", "session", "thread", "consumer", "service",
        "instance",
    }
)  # fmt: skip
"""Fields that name something: what is personal in them becomes a pseudonym, so that they still tell things apart."""
_MIN_CARD = 10**13
Mask = Callable[[str], tuple[str, int]]


def may_hold_address(raw: bytes) -> bool:
    """Cheap look at a raw event or header: whether any field of it could hold an e-mail address or user info."""
    return b"@" in raw or not raw.isascii() or (b"%" in raw and b"%40" in raw) or (b"\\" in raw and b"\\u" in raw)


def last_look(fields: Mapping[str, Any], key: bytes) -> tuple[dict[str, Any], int]:
    """Mask what rules left; return all fields, and how many were changed."""
    looked: dict[str, Any] = {}
    total = 0
    for name, value in fields.items():
        looked[name], found = (value, 0) if name in SAFE else _look(name, value, key)
        total += found
    return looked, total


def look_at_attributes(attributes: Mapping[str, Any], mask: Mask = mask_line) -> tuple[dict[str, Any], int]:
    """Mask by name what has a sensitive one, by look the rest, and the names themselves; none is lost."""
    looked: dict[str, Any] = {}
    total = 0
    for name, value in attributes.items():
        known_as, found = mask_line(name)
        while known_as in looked:  # two names that are masked alike
            known_as += "_"
        total += found
        if is_sensitive(name):
            looked[known_as], found = MASK, 1
        elif isinstance(value, str) or (isinstance(value, int) and abs(value) >= _MIN_CARD):
            masked, found = mask(str(value))
            looked[known_as] = masked if found else value
        else:
            looked[known_as], found = value, 0
        total += found
    return looked, total


def _look(name: str, value: Any, key: bytes) -> tuple[Any, int]:
    if isinstance(value, str):
        return _look_at_text(name, value, key)
    if isinstance(value, Part):
        fields, found = last_look(value.__dict__, key)
        return (type(value).trusted(fields), found) if found else (value, 0)
    if isinstance(value, Quick):
        fields, found = last_look(fields_of(value), key)
        return (changed(value, **fields), found) if found else (value, 0)
    if isinstance(value, tuple):
        parts = [_look(name, part, key) for part in value]
        return tuple(part for part, _ in parts), sum(found for _, found in parts)
    return value, 0


def _look_at_text(name: str, text: str, key: bytes) -> tuple[str, int]:
    if name == "address" and "@" in text:
        return text.rpartition("@")[2], 1
    masked, found = mask_line(text)
    if not found:
        return text, 0
    return (pseudonym(text, key) if name in NAMES else masked), 1
