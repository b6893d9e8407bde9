"""Read values whose type cannot be trusted: 200, ``"200"``, ``""``, ``"-"``, null all occur for one field."""

from __future__ import annotations

import math
import re

from contracts.limits import MAX_ATTEMPTS

NAME_CHARS = 300
LINE_CHARS = 8_192
IP_CHARS = 64
MAX_COUNT = 2**53
DAY_MS = 86_400_000.0
MAX_STATUS = 999
_NOTHING = frozenset({"", "-"})
_DIGITS = re.compile(r"\d{1,15}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,25}(?:\.\d{1,25})?(?:[eE][+-]?\d{1,3})?")
_ADDRESS_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.%]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*(?:%\w+)?")


def text_of(value: object, limit: int = NAME_CHARS) -> str | None:
    """Text of a scalar, cut to ``limit`` characters; None for nothing, a dash, an object or a list."""
    if isinstance(value, str):
        text = value.strip()
        if text in _NOTHING:
            return None
        return storable(text if len(text) <= limit else text[:limit])
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)[:limit]
    return None


def storable(text: str) -> str:
    r"""Write NUL as the four characters ``\x00``: no index stores it, and nothing should be lost."""
    return text.replace("\x00", "\\x00") if "\x00" in text else text


def number_of(value: object) -> float | None:
    """Finite number, or None when there is none."""
    if value.__class__ is int and -MAX_COUNT <= value <= MAX_COUNT:  # the usual case
        return float(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        if not _NUMBER.fullmatch(text):
            return None
        value = float(text)
    if not isinstance(value, int | float) or abs(value) > MAX_COUNT * 1e6 or not math.isfinite(value):
        return None
    return float(value)


def count_of(value: object) -> int | None:
    """Whole number from 0 to 2**53, or None."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value <= MAX_COUNT else None
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)  # the usual case; what is longer is too large, or written oddly
    number = number_of(value)
    if number is None or number < 0 or number > MAX_COUNT or number != int(number):
        return None
    return int(number)


def status_of(value: object) -> int | None:
    """HTTP status from 0 to 999, or None."""
    status = count_of(value)
    return status if status is not None and status <= MAX_STATUS else None


def statuses_of(value: object) -> tuple[int, ...]:
    """Statuses of several attempts, as a number, a list or ``"502, 200"``; what is none is left out."""
    parts = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else [value]
    found = (status_of(part) for part in parts)
    return tuple(status for status in found if status)[:MAX_ATTEMPTS]


def milliseconds(amount: float | None) -> float | None:
    """Duration the contract takes, to the microsecond; None when it is negative or above one day."""
    return round(amount, 3) if amount is not None and 0 <= amount <= DAY_MS else None


def address_of(value: object) -> str | None:
    """IP address without port; None for anything that is no address, such as a host name."""
    text = text_of(value, IP_CHARS)
    if text is None:
        return None
    with_port = _ADDRESS_WITH_PORT.fullmatch(text)
    if with_port:
        text = with_port[1] or with_port[2]
    return text if _ADDRESS.fullmatch(text) else None
