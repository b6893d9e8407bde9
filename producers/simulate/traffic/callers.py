"""Persons who make calls outside of the world's own: the same users, at home where they are there."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from typing import Any

import orjson

from producers.simulate.asked import Asked
from producers.simulate.visitors import PERSONAL, Visitors, session_of, spelled_visit
from producers.simulate.wire import Call
from producers.simulate.world import BROWSERS, World

USERS_A_CALL_A_S, FEWEST_USERS = 40, 50
"""Users for each call a second, unless said: one calls every 40 seconds on average, 90 times in an hour."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A user with browser and country; ``code`` is a number."""

    code: int
    agent: str
    country: str

    @property
    def account(self) -> str:
        """The name to log in with."""
        return f"user-{self.code:05d}"

    @property
    def address(self) -> str:
        """One address of the documentation range for good (RFC 5737); several users share it."""
        return f"203.0.113.{zlib.crc32(self.account.encode()) % 254 + 1}"


@dataclass(frozen=True)
class Callers:
    """Who calls; with ``named`` the calls say so."""

    world: World
    visitors: Visitors
    named: bool

    @classmethod
    def of(cls, asked: Asked) -> Callers:
        """Those of a scenario, even if its calls do not name them."""
        return cls(asked.world, Visitors(asked.world, asked.users or usual_users(asked.rate)), asked.users > 0)

    def someone(self, random: Random) -> Caller:
        """Draw one; some come often, many seldom."""
        code = int(self.visitors.count * random.random() ** 2)
        agent, country = self.visitors.home_of(code)
        return Caller(code, BROWSERS[agent].text, self.world.names["country"][country])

    def call(
        self, name: str, at: float, caller: Caller, random: Random, fields: Mapping[str, Any], *, known: bool = True
    ) -> Call:
        """One raw call of somebody who may be ``known``; ``fields`` say what is asked and answered."""
        made_by: dict[str, Any] = {}
        asked = dict(fields["request"])
        if self.named:
            visit = session_of(self.world.seed, caller.code, at) if known else None
            request_id, body = spelled_visit(name, visit)
            asked |= orjson.loads(f"{{{request_id[:-1]}}}")
            made_by = orjson.loads(f"{{{body[:-1]}}}")
        call = {
            "id": name,
            "occurred_at": datetime.fromtimestamp(at, UTC).isoformat(),
            **made_by,
            "consumer": random.choices(PERSONAL, self._weights["consumer"])[0],
            "release": random.choices(self.world.names["release"], self._weights["release"])[0],
            "gateway": {"instance": random.choices(self.world.names["instance"], self._weights["instance"])[0]},
            "client": {"ip": caller.address, "geo": {"country_iso": caller.country}, "user_agent": caller.agent},
            **fields,
            "request": asked,
        }
        return int(at * 1000), orjson.dumps(call)

    @cached_property
    def _weights(self) -> Mapping[str, list[float]]:
        names, shares = self.world.names, self.world.shares
        personal = [float(shares["consumer"][names["consumer"].index(each)]) for each in PERSONAL]
        return {"consumer": personal, **{name: shares[name].tolist() for name in ("release", "instance")}}


def usual_users(rate: float) -> int:
    """How many users so many calls a second have."""
    return max(FEWEST_USERS, round(rate * USERS_A_CALL_A_S))
