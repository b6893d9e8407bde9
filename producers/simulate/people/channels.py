"""Where people write, how long they take to do so, and what the channel knows about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal

from contracts.feedback import Channel

By = Literal["trace", "session", "user", "anonymous", "none"]
"""What ties a piece of feedback to its call, the strongest there is; ``none`` where no call stands behind it."""


@dataclass(frozen=True, slots=True)
class Way:
    """A channel: median delay in seconds, its spread as the sigma of a log-normal, and chances of what comes along.

    ``context`` is the chance of each thing known about the place; ``titled`` says whether people give it a title.
    """

    delay_s: float
    spread: float
    context: float
    titled: bool
    rated: float = 0.0


WAYS: Mapping[Channel, Way] = {
    "in_app": Way(60, 0.6, 0.95, titled=False, rated=0.3),
    "chat": Way(180, 0.7, 0.8, titled=False),
    "hotline": Way(600, 0.8, 0.5, titled=False),
    "ticket": Way(1_800, 0.7, 0.6, titled=True),
    "social": Way(1_200, 1.0, 0.15, titled=False),
    "email": Way(7_200, 0.8, 0.35, titled=True),
    "survey": Way(10_800, 0.9, 0.4, titled=False, rated=1.0),
}
"""An application knows where its user is, a letter says what the writer thinks of. Nobody measured these; they are
what makes the channels as different as they are in practice."""
CHOSEN: Mapping[By, Mapping[Channel, int]] = {
    "trace": {"in_app": 80, "chat": 10, "ticket": 10},
    "session": {"in_app": 70, "chat": 30},
    "user": {"in_app": 25, "ticket": 30, "email": 20, "chat": 15, "hotline": 10},
    "anonymous": {"in_app": 30, "ticket": 14, "email": 16, "hotline": 18, "chat": 8, "social": 8, "survey": 6},
    "none": {"in_app": 32, "ticket": 15, "email": 18, "hotline": 8, "chat": 12, "social": 5, "survey": 10},
}
DEFAULT_SHARES: Mapping[By, float] = {"trace": 0.25, "session": 0.25, "user": 0.25, "anonymous": 0.25}
MOST_DELAY_S = 86_400.0


def channel_for(by: By, random: Random) -> Channel:
    """Draw a channel on which so much can be known."""
    ways = CHOSEN[by]
    return random.choices(tuple(ways), tuple(ways.values()))[0]


def delay_s(channel: Channel, random: Random) -> float:
    """Seconds between the experience and the words."""
    way = WAYS[channel]
    return min(MOST_DELAY_S, way.delay_s * random.lognormvariate(0, way.spread))
