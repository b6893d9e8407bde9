"""Browsers, systems and devices, spelled alike: a user agent says ``Mobile Safari``, a person ``Safari, iPhone``."""

from __future__ import annotations

import re
from functools import lru_cache

from processors.feedback.joining.words import fold

BROWSERS = {
    # the first that occurs in a name counts: Chrome's own names hold Safari, Edge's hold Chrome
    "edge": ("edge", "edg"),
    "samsung": ("samsung",),
    "opera": ("opera", "opr"),
    "firefox": ("firefox", "fxios", "mozilla firefox"),
    "chrome": ("chrome", "crios", "chromium"),
    "safari": ("safari",),
}
SYSTEMS = {
    "ios": ("ios", "iphone", "ipad", "ipados", "iphone os"),
    "android": ("android",),
    "mac": ("mac os", "macos", "mac os x", "macbook", "imac", "mac"),
    "windows": ("windows",),
    "linux": ("linux", "ubuntu", "debian", "fedora"),
}
DEVICES = {
    "tablet": ("tablet", "ipad", "tableta", "tablette"),
    "mobile": ("mobile", "phone", "iphone", "smartphone", "handy", "telefon", "telephone", "movil", "celular", "手机"),
    "desktop": (
        "desktop", "laptop", "pc", "computer", "mac", "macbook", "imac", "rechner", "ordinateur", "ordenador",
        "computador", "电脑",
    ),
}  # fmt: skip
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_LATIN = re.compile(r"[a-z]+")


@lru_cache(maxsize=20_000)
def spell(
    browser: str | None, system: str | None, device: str | None, country: str | None, release: str | None
) -> tuple[str, str, str, str, str]:
    """All five spelled alike, empty where not known; a name that is not known here is kept, folded."""
    kind = _named(DEVICES, device)
    return (
        _named(BROWSERS, browser),
        _named(SYSTEMS, system) or (_known(SYSTEMS, device) or ""),
        "" if kind == "unknown" else kind,
        (country or "").strip().upper()[:2],
        _version(release),
    )


def spoken_of(text: str) -> tuple[str, str, str]:
    """Browser, system and device that a text speaks of, each only where it is one alone."""
    said = fold(text)
    words = set(_LATIN.findall(said))
    return _alone(BROWSERS, words, said), _alone(SYSTEMS, words, said), _alone(DEVICES, words, said)


def _alone(names: dict[str, tuple[str, ...]], words: set[str], said: str) -> str:
    found = [
        known
        for known, spellings in names.items()
        if any(name in words if name.isascii() and " " not in name else name in said for name in spellings)
    ]
    return found[0] if len(found) == 1 else ""


def _named(names: dict[str, tuple[str, ...]], name: str | None) -> str:
    if not name:
        return ""
    return _known(names, name) or fold(name).strip()[:40]


def _known(names: dict[str, tuple[str, ...]], name: str | None) -> str | None:
    words = _LATIN.findall(fold(name or ""))
    joined = " ".join(words)
    for known, spellings in names.items():
        if any(spelling in words or spelling == joined for spelling in spellings):
            return known
    return None


def _version(release: str | None) -> str:
    """``shop 2.3.1`` and ``v2.3.1`` are the same release."""
    if not release:
        return ""
    found = _VERSION.findall(release)
    return found[-1] if found else fold(release).strip()[:40]
