"""Messages without calls, to measure how well groups are found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

from producers.simulate.people.channels import channel_for
from producers.simulate.people.compose import Wish, compose
from producers.simulate.people.noise import MACHINES, noise_topic
from producers.simulate.people.person import person
from producers.simulate.people.said import Said
from producers.simulate.people.wordings.tongue import Kind
from producers.simulate.people.wordings.tongues import Language
from producers.simulate.people.wordings.tongues import wordings as wordings_of

NAMED: tuple[Kind, ...] = (
    "payment", "order", "notification", "upload", "login", "slow", "search", "report", "rate_limit", "assistant",
)  # fmt: skip
"""Kinds of which somebody can tell by the words alone that they are two problems and not one."""
START_MS = int(datetime(2026, 6, 15, 9, tzinfo=UTC).timestamp() * 1000)
GAP_MS = 20_000
"""Between two messages, on average."""


def messages_only(
    seed: int,
    *,
    problems: int = 2,
    messages: int = 500,
    wordings: int = 12,
    noise: float = 0.5,
    languages: tuple[Language, ...] = ("en",),
) -> Iterator[Said]:
    """Yield ``messages`` about the problems, of ``wordings`` sentences each, and ``noise`` times as many others.

    Problems come in turn at random, mixed with the others; there is no spam, no duplicate and no context, so that
    only words can tell them apart. Which problems and sentences they are is drawn by the seed.
    """
    random = Random(f"{seed}/messages")
    planted = random.sample(NAMED, problems)
    chosen = {topic: _some(random, topic, wordings, languages) for topic in planted}
    total = messages + round(noise * messages)
    about = [True] * messages + [False] * (total - messages)
    random.shuffle(about)
    for number, meant in enumerate(about):
        who = person(seed, f"writer-{number}", "", languages)
        at_ms = START_MS + number * GAP_MS + random.randrange(GAP_MS)
        channel = channel_for("none", random)
        name = f"message-{seed}-{number}"
        if meant:
            topic = random.choice(planted)
            wish = Wish(name, who, channel, topic, random.choice(chosen[topic]), at_ms, problem=topic)
        else:
            other = noise_topic(random, planted, without=MACHINES)
            wish = Wish(name, who, channel, other, random.randrange(1_000), at_ms)
        yield compose(wish, random)


def _some(random: Random, topic: Kind, count: int, languages: tuple[Language, ...]) -> list[int]:
    """Numbers of sentences; a language that has fewer uses them in turn."""
    most = max(len(wordings_of(language, topic)) for language in languages)
    return random.sample(range(most), min(count, most))
