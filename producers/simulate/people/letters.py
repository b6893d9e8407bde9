"""What a channel makes of words: letters with greeting and signature, notes of a hotline, forwards, quoted replies."""

from __future__ import annotations

from random import Random

from contracts.feedback import Channel
from producers.simulate.people.person import Person
from producers.simulate.people.wordings.tongues import TONGUES

PHONE_SHARE, ADDRESS_SHARE = 0.5, 0.3
SHOP = "@exampleshop"


def dressed(channel: Channel, title: str, text: str, who: Person, random: Random) -> tuple[str | None, str]:
    """Title, if the channel has one, and text as it arrives there."""
    if channel == "email":
        greeting = random.choice(TONGUES[who.language].greetings)
        return title, f"{greeting}\n\n{text}\n\n{signature(who, random)}"
    if channel == "ticket":
        return title, text
    if channel == "hotline":
        return None, f"{random.choice(TONGUES[who.language].noted)}{_sentence(title)} {text}"
    if channel == "social":
        return None, f"{SHOP} {title} {text}"
    # half of those who only have one box begin with what would be the title
    return None, f"{_sentence(title)} {text}" if random.random() < 0.5 else text  # noqa: PLR2004


def _sentence(title: str) -> str:
    return title if title.endswith(("?", "!", "\uff1f")) else f"{title}."


def signature(who: Person, random: Random) -> str:
    """What stands under a letter; the name is invented, the number belongs to nobody."""
    lines = [random.choice(TONGUES[who.language].farewells), who.name]
    if random.random() < PHONE_SHARE:
        lines.append(who.phone)
    if random.random() < ADDRESS_SHARE:
        lines.append(f"{who.name.replace(' ', '.').lower()}@example.com")
    return "\n".join(lines)


def forwarded(title: str, text: str, who: Person) -> tuple[str, str]:
    """A letter that somebody else hands on."""
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    return f"{TONGUES[who.language].forwarded}{title}", f"FYI\n\n{quoted}"


def nudge(text: str, who: Person, random: Random) -> str:
    """A reply that asks how it goes, with the first letter quoted below and a signature."""
    tongue = TONGUES[who.language]
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    asked = random.choice(tongue.nudges)
    return f"{asked}\n\n{signature(who, random)}\n\n-- {tongue.quoted}\n{quoted}"
