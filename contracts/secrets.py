"""What counts as a secret in a URL or a text, and what as personal in a URL, and how it is masked."""

from __future__ import annotations

import re
from functools import lru_cache

MASK = "***"

_SENSITIVE_NAME = (
    r"(?:[\w.\-\[]{0,40}(?:token|secret|password|passwd|passphrase|apikey|api_key|api-key|signature|credentials?|cookie"
    r"|sessionid|sessid|authorization|assertion)"
    r"|(?:[\w.\-\[]{0,40}[_.\-\[]|access|auth|client|private|secret|user)?(?:key|pwd|sig|otp|pin|jwt|sid|auth))\]?"
)
_PERSONAL_NAME = (
    r"(?:[\w.\-]{0,40}[_.\-])?(?:e?mail|phone|mobile|msisdn|iban|card|cardnumber|cvv|cvc|ssn|birthdate|dob)\]?"
)
_EMAIL_IN_URL = re.compile(r"[^/?&;=@%\s]{1,64}(?:@|%40)[A-Za-z0-9.\-]{1,255}\.[A-Za-z]{2,24}")
_SECRET_PARAMETER = re.compile(rf"(?i)(^|[&;?])({_SENSITIVE_NAME}|{_PERSONAL_NAME}|code|state|nonce)=([^&;#\s]*)")
_SENSITIVE_FIELD = re.compile(rf"(?i){_SENSITIVE_NAME}|{_PERSONAL_NAME}")
_SECRET_ASSIGNMENT = re.compile(
    rf"(?i)(\b{_SENSITIVE_NAME}\b[\"']?\s*[:=]\s*[\"']?)(?!\*\*\*)((?:bearer|basic)\s+)?([^\s\"',;&]{{4,}})"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9\-._~+/]{8,}=*")
_JWT = re.compile(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?")
_KNOWN_TOKEN = re.compile(
    r"\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_\-]{16,}"  # payment and model providers
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bglpat-[A-Za-z0-9_\-]{16,}|\bxox[abprs]-[A-Za-z0-9\-]{10,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_\-]{30,}"
)
_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)")
_SHAPED = re.compile(r"eyJ|[sprk]k[-_]|gh[pousr]_|glpat|xox|AKIA|ASIA|AIza|://|(?i:bearer|basic)\s")
"""Cheap first look: without one of these no shape below can match."""
_SUSPECT = re.compile(r"(?i)eyJ|[sprk]k[-_]|gh[pousr]_|glpat|xox|akia|asia|aiza|://|bearer|basic|private key|[:=]")


def mask_query(query: str) -> tuple[str, int]:
    """Mask secret and personal parameters and whatever looks like a token or an address; return text and count."""
    masked, named = _SECRET_PARAMETER.subn(rf"\1\2={MASK}", query)
    masked, shaped = _mask_shapes(masked)
    masked, people = _mask_addresses(masked)
    return masked, named + shaped + people


def mask_path(path: str) -> tuple[str, int]:
    """Mask what looks like a token or an e-mail address in a path, and secret matrix parameters."""
    return mask_query(path) if ";" in path else _mask_addresses_after(_mask_shapes(path))


@lru_cache(maxsize=10_000)
def is_sensitive(name: str) -> bool:
    """Whether a field of this name holds a secret or something personal, whatever it looks like."""
    return _SENSITIVE_FIELD.fullmatch(name) is not None


def mask_line(text: str) -> tuple[str, int]:
    """Mask secrets and e-mail addresses in a line that a program wrote."""
    return _mask_addresses_after(mask_secrets(text))


def mask_secrets(text: str) -> tuple[str, int]:
    """Mask secrets in free text: private keys, tokens by shape, and ``password: …`` by name."""
    if not _SUSPECT.search(text):
        return text, 0
    masked, keys = _PRIVATE_KEY.subn(MASK, text)
    masked, shaped = _mask_shapes(masked)
    masked, named = _SECRET_ASSIGNMENT.subn(rf"\1{MASK}", masked)
    return masked, keys + shaped + named


def _mask_addresses(text: str) -> tuple[str, int]:
    return _EMAIL_IN_URL.subn(MASK, text) if "@" in text or "%40" in text else (text, 0)


def _mask_addresses_after(masked: tuple[str, int]) -> tuple[str, int]:
    text, people = _mask_addresses(masked[0])
    return text, masked[1] + people


def _mask_shapes(text: str) -> tuple[str, int]:
    if not _SHAPED.search(text):
        return text, 0
    total = 0
    for shape, by in (
        (_JWT, MASK),
        (_KNOWN_TOKEN, MASK),
        (_BEARER, rf"\1 {MASK}"),
        (_USERINFO, f"{MASK}@"),
    ):
        text, found = shape.subn(by, text)
        total += found
    return text, total
