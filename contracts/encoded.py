"""What is written in percent signs, HTML entities or base64 is decoded for a look, and kept unless something shows."""

from __future__ import annotations

import re
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Mapping
from html import unescape
from urllib.parse import unquote

from contracts.secrets import MASK

Mask = Callable[[str], tuple[str, Mapping[str, int]]]
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}|&(?:#|commat|period|lowbar|plus|colon|equals|hyphen)")
_NO_CHARACTER = re.compile(r"&#([0-9]{8})")
_WORD = re.compile(r"\S+")
_DEPTH = 3
"""Links that pass through redirects are encoded again each time; more than three is no accident, and not followed."""
_SHORTEST = 12
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{12,}+(?:={1,2}|%3[Dd](?:%3[Dd])?)?(?![A-Za-z0-9])")
"""A short address has nine bytes, which are twelve letters of base64 (RFC 4648)."""
_URL_SAFE = str.maketrans("-_", "+/")


def look_behind_codes(text: str, mask: Mask) -> tuple[str, Counter[str]]:
    """As `look_behind_escapes`, and words in base64 become the name of what they held."""
    text, counts = look_behind_escapes(text, mask)

    def opened(found: re.Match[str]) -> str:
        whole = found.group()
        named = named_if_personal(whole)
        if named == whole and "/" in whole:  # a path is written in the same letters
            return "/".join(named_if_personal(part) if len(part) >= _SHORTEST else part for part in whole.split("/"))
        return named

    def named_if_personal(word: str) -> str:
        plain = _from_base64(word)
        kinds = mask(plain)[1] if plain else {}
        counts.update(kinds)
        return _name_of(kinds) if kinds else word

    return _BASE64.sub(opened, text), counts


def look_behind_escapes(text: str, mask: Mask) -> tuple[str, Counter[str]]:
    """Decode words with percent signs or entities; where something shows, the word is kept decoded and masked.

    Return the text and how many of each kind. Every character is decoded a bounded number of times.
    """
    counts: Counter[str] = Counter()

    def unescaped(found: re.Match[str]) -> str:
        word = found.group()
        if not _ESCAPED.search(word):
            return word
        masked, kinds = mask(_decoded(word))
        counts.update(kinds)
        return masked if kinds else word

    return (_WORD.sub(unescaped, text) if _ESCAPED.search(text) else text), counts


def entities_read(text: str) -> str:
    """HTML entities as the characters they stand for; numbers beyond Unicode, which `int` refuses to read, stay."""
    return unescape(_NO_CHARACTER.sub(r"&amp;#\1", text)) if "&" in text else text


def _decoded(word: str) -> str:
    for _ in range(_DEPTH):
        plain = entities_read(unquote(word, errors="replace"))
        if plain == word:
            break
        word = plain
    return word


def _from_base64(word: str) -> str:
    """The text in a word of base64; nothing if it is none, as hardly any name, path or hash of that length is."""
    letters = word.partition("%")[0].rstrip("=").translate(_URL_SAFE)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    try:
        plain = b64decode(letters + "=" * (-len(letters) % 4), validate=True).decode()
    except ValueError:
        return ""
    return plain if all(c.isprintable() or c in "\t\r\n" for c in plain) else ""


def _name_of(kinds: Mapping[str, int]) -> str:
    return MASK if "secret" in kinds else f"[{next(iter(kinds))}]"
