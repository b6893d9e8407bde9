"""Who called, technically: the user agent understood."""

from __future__ import annotations

from functools import lru_cache

import ua_parser

from contracts.calls import DeviceClass, UserAgent
from contracts.personal_data import mask_line
from contracts.quick import quickened

MAX_USER_AGENT = 512
"""Real ones are shorter; matching time grows with length."""
CACHED = 20_000
_TABLETS = ("iPad", "Tablet", "Kindle", "Nexus 7", "Nexus 9", "Nexus 10", "SM-T", "Silk")
_PHONES = ("iPhone", "iPod", "Mobile", "Windows Phone", "BlackBerry")
_TELEVISIONS = ("SmartTV", "SMART-TV", "AppleTV", "Apple TV", "HbbTV", "GoogleTV", "Roku", "BRAVIA", "Tizen")
_ROBOTS = ("bot", "crawl", "spider", "slurp", "monitor", "uptime", "feedfetcher", "preview")
_SCREENS = ("Windows", "Mac OS X", "macOS", "Linux", "Ubuntu", "Chrome OS", "Fedora", "Debian", "FreeBSD")


@lru_cache(maxsize=CACHED)
def understand_user_agent(text: str) -> UserAgent:
    """Browser, system and kind of device of a user agent string; what is not known is left out."""
    found = ua_parser.parse(text[:MAX_USER_AGENT])
    browser = found.user_agent
    system = found.os
    agent = UserAgent(
        browser=browser.family if browser else None,
        browser_version=browser.major if browser else None,
        os=system.family if system else None,
        os_version=system.major if system else None,
        device=_device(text, system.family if system else "", found.device.family if found.device else ""),
    )
    return quickened(agent)


@lru_cache(maxsize=CACHED)
def mask_user_agent(text: str) -> tuple[str, int]:
    """Mask secrets that some programs put into their user agent; return text and count."""
    return mask_line(text)


def _device(text: str, system: str, family: str) -> DeviceClass:
    lower = text.lower()
    if family == "Spider" or any(word in lower for word in _ROBOTS):
        return "bot"
    if any(word in text for word in _TELEVISIONS):
        return "tv"
    if any(word in text for word in _TABLETS) or ("Android" in text and "Mobile" not in text):
        return "tablet"
    if any(word in text for word in _PHONES):
        return "mobile"
    if system in _SCREENS:
        return "desktop" if "Mozilla/" in text or "Opera/" in text else "program"
    return "program" if "/" in text and "Mozilla" not in text else "unknown"
