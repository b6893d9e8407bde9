"""Users behind the calls: a stable country and browser each, several sessions a day, a trace for most calls."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np

from producers.simulate.world import Chunk, Numbers, World

PERSONAL = ("web", "ios-app", "android-app")
"""Consumers that act for a person; partners' programs have no session."""
GUEST_EVERY = 5
"""Of so many visitors one never signs in: there is a session, but no user."""
SESSION_S = 1_200.0
TRACED = 0.9
DICE = 7_001
"""Own dice, so that the calls stay what they are without users."""


@dataclass(frozen=True)
class Visitors:
    """``users`` visitors in all, spread over browsers and countries as the calls are."""

    world: World
    users: int

    @cached_property
    def _rooms(self) -> tuple[Numbers, Numbers]:
        """How many visitors have each agent in each country, and the number of the first of them."""
        shares = np.outer(self.world.shares["agent"], self.world.shares["country"])
        sizes = np.maximum(1, np.rint(shares * self.users)).astype(np.int64)
        firsts = (np.cumsum(sizes.ravel()) - sizes.ravel()).reshape(sizes.shape)
        return sizes, firsts

    @property
    def count(self) -> int:
        """How many there are, by rounding a few more or less than was asked for."""
        return int(self._rooms[0].sum())

    def home_of(self, code: int) -> tuple[int, int]:
        """Numbers of a visitor's agent and country."""
        firsts = self._rooms[1]
        room = int(np.searchsorted(firsts.ravel(), code, side="right")) - 1
        return room // firsts.shape[1], room % firsts.shape[1]

    def of(self, chunk: Chunk, number: int, name: str) -> list[tuple[str, str]]:
        """JSON to put into the request and into the body of each call of the ``number``-th chunk."""
        dice = np.random.default_rng([self.world.seed, number, DICE])
        sizes, firsts = self._rooms
        room = chunk.columns["agent"], chunk.columns["country"]
        count = len(chunk.times)
        # squared: some come often, many seldom
        codes = firsts[room] + (sizes[room] * dice.random(count) ** 2).astype(np.int64)
        consumers = self.world.names["consumer"]
        personal = np.isin(chunk.columns["consumer"], [consumers.index(each) for each in PERSONAL])
        traced = dice.random(count) < TRACED
        rows = zip(codes.tolist(), personal.tolist(), traced.tolist(), chunk.times.tolist(), strict=True)
        return [
            spelled_visit(f"{name}-{place}", session_of(self.world.seed, code, at) if known else None, traced=one)
            for place, (code, known, one, at) in enumerate(rows)
        ]


def session_of(seed: int, code: int, at: float) -> tuple[str | None, str]:
    """User (none for a guest) and session of a visitor at a moment in seconds since 1970."""
    slot = int((at + code * 7_919 % SESSION_S) / SESSION_S)
    user = None if code % GUEST_EVERY == 0 else f"user-{code:05d}"
    return user, f"s-{blake2b(f'{seed}/{code}/{slot}'.encode(), digest_size=8).hexdigest()}"


def spelled_visit(name: str, visit: tuple[str | None, str] | None, *, traced: bool = True) -> tuple[str, str]:
    """The JSON of who made the call ``name``: for the request, and for the body."""
    digest = blake2b(name.encode(), digest_size=32).hexdigest()
    user, session = visit or (None, None)
    body = f'"user":"{user}",' if user else ""
    body += f'"session":"{session}",' if session else ""
    body += f'"trace":{{"trace_id":"{digest[:32]}","span_id":"{digest[32:48]}"}},' if traced else ""
    return f'"id":"r-{digest[48:]}",', body
