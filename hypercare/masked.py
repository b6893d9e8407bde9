"""What of a record may be shown on a screen: secrets and personal data masked, control characters made harmless.

As everywhere, masking goes by names and shapes and has gaps.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from contracts.personal_data import mask_personal_data
from contracts.pseudonyms import PREFIX
from contracts.secrets import MASK, is_sensitive

MAX_BYTES = 65_536
"""More than this of one value is not looked at, and not shown."""
_PEOPLE = {"user", "session", "pseudonym", "contact_ref"}
"""Fields of our contracts that name people in raw events, and hold pseudonyms in derived ones."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def masked_value(value: bytes | None) -> str:
    """A value as text: JSON field by field, anything else as a line."""
    if value is None:
        return "(no value)"
    if len(value) <= MAX_BYTES:
        try:
            return orjson.dumps(_masked(orjson.loads(value))).decode()
        except (orjson.JSONDecodeError, RecursionError, TypeError):
            pass
    return masked_line(text_of(value[:MAX_BYTES])) + (" …" if len(value) > MAX_BYTES else "")


def masked_line(text: str) -> str:
    """A text without secrets, personal data and control characters."""
    return printable(mask_personal_data(text)[0])


def masked_header(name: str, value: bytes | None) -> str:
    """The value of a header; nothing of it when the name says that it is secret."""
    return MASK if value and is_sensitive(name) else masked_line(text_of(value))


def text_of(value: bytes | None) -> str:
    """Bytes as text, what is not UTF-8 written as an escape."""
    return (value or b"").decode("utf-8", "backslashreplace")


def printable(text: str) -> str:
    """Escape what would move the cursor or colour the terminal."""
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def _masked(part: Any) -> Any:
    if isinstance(part, dict):
        return {masked_line(name): _field(name, value) for name, value in part.items()}
    if isinstance(part, list):
        return [_masked(value) for value in part]
    return masked_line(part) if isinstance(part, str) else part


def _field(name: str, value: Any) -> Any:
    scalar = isinstance(value, str | int | float) and not isinstance(value, bool)
    if scalar and is_sensitive(name):
        return MASK
    if name in _PEOPLE and isinstance(value, str) and not value.startswith(PREFIX):
        return MASK
    return _masked(value)
