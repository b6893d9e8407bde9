"""What counts as a secret in a URL or a text, and what as personal in a URL, and how it is masked."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

MASK = "***"

_SENSITIVE_NAME = (
    r"(?:[\w.\-\[]{0,40}(?:token|secret|password|passwd|passwort|passphrase|passcode|apikey|api_key|api-key|signature|credentials?|cookie"
    r"|sessionid|sessid|authorization|assertion)"
    r"|(?:[\w.\-\[]{0,40}[_.\-\[]|access|auth|client|private|secret|user)?(?:key|pass|pwd|sig|otp|pin|jwt|sid|auth))\]?"
)
_PERSONAL_NAME = (
    r"(?:[\w.\-]{0,40}[_.\-])?(?:e?mail|e?mail_?address|tel|telephone|phone|phone_?number|mobile|fax|msisdn|iban|card"
    r"|card_?number|cvv|cvc|ssn|passport|birthdate|birthday|dob|(?:first|last|full|given|family|sur|maiden)_?name)\]?"
)
_EMAIL_IN_URL = re.compile(r"[^/?&;=@%\s]{1,64}(?:@|%40)[A-Za-z0-9.\-]{1,255}\.[A-Za-z]{2,24}")
_PARAMETER = re.compile(r"(^|[&;?])([^=&;?#\s]{1,200})=([^&;#\s]*)")
_SECRET_PARAMETER = re.compile(rf"(?i){_SENSITIVE_NAME}|{_PERSONAL_NAME}|code|state|nonce")
_SENSITIVE_FIELD = re.compile(rf"(?i){_SENSITIVE_NAME}|{_PERSONAL_NAME}")
_SECRET_ASSIGNMENT = re.compile(
    rf"(?i)(\b{_SENSITIVE_NAME}\b[\"']?\s*[:=]\s*[\"']?)(?!\*\*\*)((?:bearer|basic)\s+)?([^\s\"',;&]{{4,}})"
)
_BEARER = re.compile(
    r"\b(?:((?i:bearer))\s+(?!(?i:auth|token))|((?i:basic))\s+(?=[\w\-.~+/]{0,200}(?:\d|[a-z][A-Z]|=)))[\w\-.~+/]{8,}=*"
)
"""Basic is a word, too: what follows it in a sentence has no digit, no capital inside and no sign of base64."""
_JWT = re.compile(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?")
_KNOWN_TOKEN = re.compile(
    r"\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_\-]{16,}"  # payment and model providers
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bglpat-[A-Za-z0-9_\-]{16,}|\bxox[abprs]-[A-Za-z0-9\-]{10,}"
    r"|\bgithub_pat_[A-Za-z0-9_]{20,}|\bya29\.[A-Za-z0-9_\-]{10,}|\bwhsec_[A-Za-z0-9+/=_\-]{10,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_\-]{30,}"
)
_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)")
_BEGINNINGS = r"eyJ|[sprk]k[-_]|gh[pousr]_|github_pat|ya29\.|whsec_|glpat|xox|AKIA|ASIA|AIza"
_TOKEN_BEGINS = re.compile(_BEGINNINGS)
_PARTS_OF_BEGINNINGS = ("eyJ", "k_", "k-", "gh", "github", "ya29", "whsec", "glpat", "xox", "KIA", "SIA", "AIza")
_SHAPED = re.compile(rf"{_BEGINNINGS}|://|(?i:bearer|basic)\s")
"""Cheap first look: without one of these no shape below can match."""
_SUSPECT = re.compile(
    r"(?i)eyJ|[sprk]k[-_]|gh[pousr]_|github_pat|ya29|whsec|glpat|xox|akia|asia|aiza|://|bearer|basic|private key|[:=]"
    r"|passw|passcode|kennwort|mot de passe|contrase|senha|palavra|\bpin\b|密码|口令"
)
_SAID = re.compile(
    r"(?i)(\b(?:password|passwort|kennwort|passcode|mot de passe|contrase[ñn]a|senha|palavra-passe)\b"
    r"(?:\s{1,3}(?:is|was|ist|war|lautet|est|es|era|é))?\s{0,3}[:=]?\s{0,3}[\"'„“«]?)"
    r"(?!\*\*\*)(?=[^\s\"',;]{0,60}(?:\d|[!$%&/=?+*#@]\w))([^\s\"',;]{4,64})"
    r"|(\bpin\b(?:\s{1,3}(?:is|ist|est|es|é))?\s{0,3}[:=]?\s{0,3})(?<=[\s:=])(\d{4,8}\b)"
    r"|((?:密码|口令)\s{0,3}(?:是|为)?\s{0,3}[:\uff1a]?\s{0,3})(?!\*\*\*)([A-Za-z0-9!-/]{4,64})"
)
"""A password in a sentence: after its name comes a word with a digit or a sign in it."""
_ONE_TIME = re.compile(
    r"(?i)(/(?:[\w\-]{0,40}[\-_])?(?:reset|verify|verification|confirm|confirmation|invite|invitation|activate|activation"
    r"|token|unsubscribe|magic|recover|recovery)(?:[\-_][\w\-]{0,40})?/)(?!\*\*\*)([A-Za-z0-9_\-.~+=]{16,})"
)
"""What follows such a step of a path opens an account to whoever has it."""
_LONG_STEP = re.compile(r"/[^/]{16}")


def mask_query(query: str) -> tuple[str, int]:
    """Mask secret and personal parameters and whatever looks like a token or an address; return text and count.

    A query that shows more when it is decoded is kept decoded: ``p%61ssword`` is a password, too.
    """
    masked, count = _mask_query(query)
    if "%" in query:
        decoded = unquote(unquote(query, errors="replace"), errors="replace")
        masked_decoded, found = _mask_query(decoded)
        if found > count:
            return masked_decoded, found
    return masked, count


def _mask_query(query: str) -> tuple[str, int]:
    named = 0

    def mask(found: re.Match[str]) -> str:
        nonlocal named
        if not _is_secret_parameter(found[2]):
            return found[0]
        named += 1
        return f"{found[1]}{found[2]}={MASK}"

    masked, shaped = _mask_shapes(_PARAMETER.sub(mask, query))
    masked, people = _mask_addresses(masked)
    return masked, named + shaped + people


@lru_cache(maxsize=10_000)
def _is_secret_parameter(name: str) -> bool:
    return _SECRET_PARAMETER.fullmatch(name) is not None


def mask_path(path: str) -> tuple[str, int]:
    """Mask what looks like a token or an address in a path, one-time links, and parameters that stand in it."""
    masked, once = _ONE_TIME.subn(rf"\1{MASK}", path) if _LONG_STEP.search(path) else (path, 0)
    with_parameters = "=" in masked
    masked, found = mask_query(masked) if with_parameters else _mask_addresses_after(_mask_shapes(masked))
    return masked, once + found


@lru_cache(maxsize=10_000)
def is_sensitive(name: str) -> bool:
    """Whether a field of this name holds a secret or something personal, whatever it looks like."""
    return _SENSITIVE_FIELD.fullmatch(name) is not None


def may_hold_token(text: str) -> bool:
    """Cheap look: whether anything in a text has the shape of a token."""
    for part in _PARTS_OF_BEGINNINGS:  # on the hot path: a search for each costs less than one for any of them
        if part in text:
            return _TOKEN_BEGINS.search(text) is not None
    return False


def mask_secrets(text: str) -> tuple[str, int]:
    """Mask secrets in free text: private keys, tokens by shape, and ``password: …`` by name."""
    if not _SUSPECT.search(text):
        return text, 0
    masked, keys = _PRIVATE_KEY.subn(MASK, text)
    masked, shaped = _mask_shapes(masked)
    masked, named = _SECRET_ASSIGNMENT.subn(rf"\1{MASK}", masked)
    masked, said = _SAID.subn(lambda found: (found[1] or found[3] or found[5]) + MASK, masked)
    return masked, keys + shaped + named + said


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
        (_BEARER, rf"\1\2 {MASK}"),
        (_USERINFO, f"{MASK}@"),
    ):
        text, found = shape.subn(by, text)
        total += found
    return text, total
