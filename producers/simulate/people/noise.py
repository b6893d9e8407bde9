"""What people write although nothing failed: praise, questions, wishes, complaints about anything else, and spam."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from random import Random

from contracts.feedback import Channel
from producers.simulate.people.channels import channel_for, delay_s
from producers.simulate.people.compose import Wish
from producers.simulate.people.experience import Experience
from producers.simulate.people.person import person
from producers.simulate.people.wordings.tongue import Kind, Topic

REASONS: Mapping[Topic | str, int] = {
    "praise": 18,
    "question": 18,
    "feature": 14,
    "usability": 12,
    "other": 16,
    "security": 3,
    "spam": 6,
    "automatic": 3,
    "mistaken": 10,
}
"""How common each reason to write is; ``mistaken`` reports a failure where no call failed."""
KINDS: tuple[Kind, ...] = (
    "payment", "order", "notification", "upload", "login", "slow", "search", "report", "assistant", "error",
)  # fmt: skip
"""What somebody may complain of by mistake."""
MACHINES: tuple[Topic, ...] = ("spam", "automatic")


def noise_wish(name: str, seen: Experience, seed: int, planted: Collection[Topic], random: Random) -> Wish:
    """Let whoever made a call write about something else; never about what is planted."""
    topic = noise_topic(random, planted)
    writer = seen.user or seen.session or seen.call
    if topic in MACHINES:
        who = person(seed, f"machine-{random.randrange(20)}", "", ("en",))
        return Wish(name, who, "email", topic, random.randrange(1_000), seen.at_ms)
    channel: Channel = channel_for("none", random)
    at_ms = seen.at_ms + int(1000 * delay_s(channel, random))
    return Wish(name, person(seed, writer, seen.country), channel, topic, random.randrange(1_000), at_ms, seen=seen)


def noise_topic(random: Random, planted: Collection[Topic], *, without: Collection[str] = ()) -> Topic:
    """Draw what it is about."""
    reasons = {reason: weight for reason, weight in REASONS.items() if reason not in without}
    drawn = random.choices(tuple(reasons), tuple(reasons.values()))[0]
    if drawn != "mistaken":
        return drawn  # type: ignore[return-value]
    return random.choice([kind for kind in KINDS if kind not in planted])
