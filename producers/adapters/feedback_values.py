"""Channel, rating and language out of what a cell says."""

from __future__ import annotations

import re
from typing import cast, get_args

from contracts.feedback import Channel
from producers.adapters.feedback_columns import normal_name

CHANNELS: dict[str, Channel] = {
    "mail": "email", "e mail": "email", "phone": "hotline", "call": "hotline",
    "telephone": "hotline", "voice": "hotline", "helpdesk": "ticket", "help desk": "ticket",
    "issue": "ticket", "support": "ticket", "jira": "ticket", "zendesk": "ticket", "servicenow": "ticket",
    "form": "survey", "questionnaire": "survey",
    "nps": "survey", "csat": "survey", "app": "in_app",
    "in app": "in_app", "inapp": "in_app", "web": "in_app",
    "website": "in_app", "widget": "in_app", "mobile": "in_app", "live chat": "chat", "messenger": "chat",
    "slack": "chat", "whatsapp": "chat", "twitter": "social", "x": "social", "facebook": "social",
    "instagram": "social", "linkedin": "social", "app store": "social", "google play": "social",
    "review": "social", "meeting": "interview", "workshop": "interview",
}  # fmt: skip
"""What tools call the channels of the contract."""
SCALES = ("nps", "csat", "ces")
MOST_STARS = 5
MOST_POINTS = 10
_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{1,3})?", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")


def channel_of(cell: str) -> Channel | None:
    """Channel of the contract, or None for a word that is not known."""
    name = normal_name(cell)
    own = name.replace(" ", "_")
    return cast("Channel", own) if own in get_args(Channel) else CHANNELS.get(name)


def points_of(cell: str) -> float | None:
    """Read the number from 0 to 10 that starts a cell such as ``4/5`` or ``4,5``, or count its stars."""
    stars = cell.count("★") or cell.count("⭐")
    if stars:
        return float(stars) if stars <= MOST_STARS else None
    found = _NUMBER.match(cell.strip())
    if found is None:
        return None
    points = float(found[0].replace(",", "."))
    return points if points <= MOST_POINTS else None


def scale_of(column: str, most: float) -> str:
    """Scale of a rating: as the column is called, else stars up to five and NPS above."""
    words = normal_name(column).split()
    named = next((scale for scale in SCALES if scale in words), None)
    return named or ("stars" if most <= MOST_STARS else "nps")


def language_of(cell: str) -> str | None:
    """BCP 47 tag, or None for anything else, such as the name of a language."""
    text = cell.strip()
    return text.replace("_", "-") if _LANGUAGE.fullmatch(text) else None
