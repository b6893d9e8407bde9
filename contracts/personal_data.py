"""What is personal in a text, by shape, and how it is masked: each kind by its own word, to stay readable."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

from contracts.encoded import look_behind_codes, look_behind_escapes
from contracts.phone_numbers import BY_LOOK, BY_WORD, CALLED, IN_CHINESE, NAMES, is_phone
from contracts.secrets import mask_secrets
from contracts.spelling import legible

_EMAIL = re.compile(
    r"[^\s\x00-$&-*,/:-@\[-^`{-\x7f\u3000-\u303f\uff00-\uff0f][^\s\x00-$&-*,/:-@\[-^`{-\x7f\u3000-\u303f\uff00-\uff0f]{0,63}"
    r"@[\w][\w\-]{0,62}(?:\.[\w\-]{1,63}){0,8}\.[^\W\d_]{2,24}\b"
)
_EMAIL_SPELLED = re.compile(
    r"(?i)\w[\w.+\-]{0,63}\s?[(\[{](?:at|@|ät|arroba)[)\]}]\s?[\w\-]{1,63}"
    r"(?:(?:\.|\s?[(\[{](?:dot|punkt|point|punto|ponto)[)\]}]\s?)[\w\-]{1,63}){1,4}"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]{4}){2,7}(?:[ \-]?[A-Z0-9]{1,4})?\b")
_IBAN_BY_NAME = re.compile(r"(?i)(?P<kept>\biban\b\W{0,5})[a-z]{2}\d{2}(?:[ \-]?[a-z0-9]){11,30}(?!\w)")
_ACCOUNT_BY_NAME = re.compile(
    r"(?i)(?P<kept>(?:\b(?:account (?:number|no\b)|konto(?:nummer|-?nr\b)|(?:numéro|n°) de compte"
    r"|número de (?:la )?cuenta|número da conta|sort code|routing number|bankleitzahl)|(?:银行)?(?:账号|卡号))"
    r"(?:\s?(?:[:.#\uff1a]|is|ist|est|es|é|是|为)){0,2}\s{0,2})(?:\d[ \-]?){5,23}\d(?![\w\-])"
)
_CARD = re.compile(r"(?<![\w.\-])[2-6]\d(?:[ .\-]?\d){11,17}(?![\w\-])")
_IP = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)"
    r"|(?<![\w:.])(?=[0-9a-fA-F:]{0,38}\d)(?:[0-9a-fA-F]{1,4}:){2,7}(?::?[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6})?(?![\w:])"
    r"|(?<![\w:.])(?=[0-9a-fA-F:]{0,38}\d)[0-9a-fA-F]{1,4}::(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,5})?(?![\w:])"
)
_CARD_DIGITS = range(14, 20)
"""ISO/IEC 7812; times in milliseconds have 13 digits, cards of 13 are no longer issued."""
_ISSUER = re.compile(r"4|2[2-7]|3[04-9]|5[0-8]|6[023457]")
_IBAN_MODULUS = 97
_LONGEST_VERSION = 8
"""So short an address, such as 0.8.2.1, is nearly always the version of something."""


def _is_card(text: str) -> bool:
    """An issuer's number, ISO/IEC 7812-1, with its Luhn checksum (annex B)."""
    digits = [int(c) for c in text if c.isdigit()]
    plain = "".join(map(str, digits))
    if len(digits) not in _CARD_DIGITS or not _ISSUER.match(plain):
        return False
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]  # noqa: PLR2004 - two-digit products
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1


def _is_account(text: str) -> bool:
    """IBAN check digits, ISO 13616: the rearranged number is 1 modulo 97."""
    plain = text.replace(" ", "").replace("-", "")
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % _IBAN_MODULUS == 1


def _is_ip(text: str) -> bool:
    if len(text) <= _LONGEST_VERSION and ":" not in text:
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_public_ip(text: str) -> bool:
    """Servers inside talk of each other by private addresses, and nobody lives there."""
    return _is_ip(text) and not ipaddress.ip_address(text).is_private


def _always(_: str) -> bool:
    return True


Kind = tuple[str, re.Pattern[str], Callable[[str], bool]]
"""Name, shape, and whether what has the shape is real; a shape may begin with a group ``kept``, which is not masked."""
_SAID_BY_PEOPLE: tuple[Kind, ...] = (
    ("email", _EMAIL, _always),
    ("email", _EMAIL_SPELLED, _always),
    ("account", _IBAN, _is_account),
    ("account", _IBAN_BY_NAME, _always),
    ("card", _CARD, _is_card),
    ("account", _ACCOUNT_BY_NAME, _always),
    ("ip", _IP, _is_ip),
    ("phone", BY_LOOK, is_phone),
    ("phone", BY_WORD, _always),
    ("phone", IN_CHINESE, _always),
)
_WRITTEN_BY_PROGRAMS: tuple[Kind, ...] = (
    ("email", _EMAIL, _always),
    ("account", _IBAN, _is_account),
    ("card", _CARD, _is_card),
    ("ip", _IP, _is_public_ip),
    ("phone", CALLED, is_phone),
)
"""Programs write many long numbers: only those that can hardly be anything else count as personal."""
_AT_SPELLED = re.compile(r"[(\[{](?:[aAäÄ][tT]|@|(?i:arroba))[)\]}]")
_ACCOUNT_NAMES = (
    "account n",
    "konto",
    "compte",
    "cuenta",
    "da conta",
    "sort code",
    "routing",
    "bankleitzahl",
    "账号",
    "卡号",
)
_SELDOM: dict[re.Pattern[str], Callable[[str], bool]] = {
    _EMAIL_SPELLED: lambda lower: _AT_SPELLED.search(lower) is not None,
    _ACCOUNT_BY_NAME: lambda lower: any(name in lower for name in _ACCOUNT_NAMES),
    BY_WORD: lambda lower: any(name in lower for name in NAMES),
}
"""Costly shapes that need a word which is hardly ever there: a cheap first look at the text in lower case."""
_WORTH_A_LOOK = re.compile(rf"\d.{{0,2}}\d.{{0,2}}\d.{{0,2}}\d|::|@|{_AT_SPELLED.pattern}")
"""Without one of these nothing below can match."""
_SHORTEST_LIMIT = 32
"""No field that is looked at takes less."""


def mask_personal_data(text: str) -> tuple[str, dict[str, int]]:
    """Mask secrets, then personal data, in what a person wrote; return it with how many of each kind were found."""
    masked, counts = _mask(legible(text), _SAID_BY_PEOPLE)
    masked, found = look_behind_codes(masked, lambda decoded: _mask(legible(decoded), _SAID_BY_PEOPLE))
    return masked, dict(Counter(counts) + found)


def mask_line(text: str) -> tuple[str, int]:
    """Mask secrets and personal data in a line that a program wrote; return text and count.

    What comes out is not longer than what came in, or than the shortest limit of a field: a mask may be longer than
    what it hides, and must not break its field's limit.
    """
    masked, counts = _mask(legible(text), _WRITTEN_BY_PROGRAMS)
    if "%" in text or "&" in text:
        masked, found = look_behind_escapes(masked, lambda decoded: _mask(legible(decoded), _WRITTEN_BY_PROGRAMS))
        return masked[: max(len(text), _SHORTEST_LIMIT)], sum(counts.values()) + found.total()
    return masked[: max(len(text), _SHORTEST_LIMIT)], sum(counts.values())


def _mask(text: str, kinds: tuple[Kind, ...]) -> tuple[str, dict[str, int]]:
    text, secrets = mask_secrets(text)
    counts = {"secret": secrets} if secrets else {}
    if not _WORTH_A_LOOK.search(text):
        return text, counts
    lower = text.lower()
    for kind, shape, is_real in kinds:
        found = 0
        if shape in _SELDOM and not _SELDOM[shape](lower):
            continue

        def mask(match: re.Match[str], is_real: Callable[[str], bool] = is_real, word: str = f"[{kind}]") -> str:
            nonlocal found
            kept = match["kept"] if match.re.groupindex else ""
            if not is_real(match.group()[len(kept) :]):
                return match.group()
            found += 1
            return kept + word

        text = shape.sub(mask, text)
        if found:
            counts[kind] = counts.get(kind, 0) + found
    return text, counts


@lru_cache(maxsize=20_000)
def truncate_address(address: str) -> str | None:
    """Cut an address to its network, /24 for IPv4 and /48 for IPv6; None for what is no address.

    The prefix lengths are those of RFC 6177's site and of common practice for anonymised logs.
    """
    try:
        found = ipaddress.ip_address(address.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    prefix = 24 if found.version == 4 else 48  # noqa: PLR2004
    return str(ipaddress.ip_network((found, prefix), strict=False).network_address)
