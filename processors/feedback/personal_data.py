"""What is personal in a text, by shape, and how it is masked: each kind by its own word, to stay readable."""

from __future__ import annotations

import re
from collections.abc import Callable

from contracts.secrets import mask_secrets

_EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9\-.]{0,252}[A-Za-z0-9])?\.[A-Za-z]{2,24}\b"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(r"(?<![\w.\-])\d(?:[ \-]?\d){12,18}(?![\w\-])")
_PHONE = re.compile(
    r"(?<![\w.\-/])(?:\+\d{1,3}[\s.\-]?|00[ ]?\d{1,3}[\s.\-]|\(\d{2,5}\)[\s.\-]?|0\d{2,4}[\s./\-]"
    r"|\d{3}[.\-](?=\d{3}[.\-]))\d(?:[\s.\-/()]{0,2}\d){5,13}(?![\w\-])"
)
_IP = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{1,4}(?![\w:])"
)
_PHONE_DIGITS = range(8, 16)
"""ITU-T E.164 allows at most 15 digits; below 8 it is more often an order number."""
_IBAN_MODULUS = 97
_IPV4_MAX = 255


def _is_card(text: str) -> bool:
    """Luhn checksum, ISO/IEC 7812-1 annex B."""
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]  # noqa: PLR2004 - two-digit products
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1


def _is_account(text: str) -> bool:
    """IBAN check digits, ISO 13616: the rearranged number is 1 modulo 97."""
    plain = text.replace(" ", "")
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % _IBAN_MODULUS == 1


def _is_phone(text: str) -> bool:
    return sum(c.isdigit() for c in text) in _PHONE_DIGITS


def _is_ip(text: str) -> bool:
    return ":" in text or all(int(part) <= _IPV4_MAX for part in text.split("."))


def _always(_: str) -> bool:
    return True


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool], str], ...] = (
    ("email", _EMAIL, _always, "[email]"),
    ("account", _IBAN, _is_account, "[account]"),
    ("card", _CARD, _is_card, "[card]"),
    ("ip", _IP, _is_ip, "[ip]"),
    ("phone", _PHONE, _is_phone, "[phone]"),
)


def mask_personal_data(text: str) -> tuple[str, dict[str, int]]:
    """Mask secrets, then personal data, in a text; return it with how many of each kind were found."""
    text, secrets = mask_secrets(text)
    counts = {"secret": secrets} if secrets else {}
    for kind, shape, is_real, word in _KINDS:
        found = 0

        def mask(match: re.Match[str], is_real: Callable[[str], bool] = is_real, word: str = word) -> str:
            nonlocal found
            if not is_real(match.group()):
                return match.group()
            found += 1
            return word

        text = shape.sub(mask, text)
        if found:
            counts[kind] = found
    return text, counts
