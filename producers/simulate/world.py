"""A system behind a gateway, as columns of numbers: who calls what, how often, how long it takes, how often it fails.

Calls are drawn in chunks of ten seconds with numpy, so that a day of a busy system takes minutes. Everything is
invented: hosts in example.com, addresses from the documentation ranges, no people.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt

from producers.simulate.browsers import AGENTS, Agent

CHUNK_S = 10.0
Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MORE_AGENTS = (
    Agent(
        "Chrome",
        "macOS",
        "Mac",
        6,
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/137.0.0.0 Safari/537.36",
    ),
    Agent(
        "Firefox",
        "Android",
        "phone",
        4,
        "Mozilla/5.0 (Android 15; Mobile; rv:139.0) Gecko/139.0 Firefox/139.0",
    ),
)
BROWSERS = (*AGENTS, *MORE_AGENTS)
SEEN_AS = (
    ("Chrome", "Windows", "desktop"),
    ("Edge", "Windows", "desktop"),
    ("Firefox", "Windows", "desktop"),
    ("Safari", "Mac OS X", "desktop"),
    ("Chrome Mobile", "Android", "mobile"),
    ("Mobile Safari", "iOS", "mobile"),
    ("Chrome Mobile iOS", "iOS", "mobile"),
    ("Chrome", "Mac OS X", "desktop"),
    ("Firefox Mobile", "Android", "mobile"),
)
"""Browser, system and device of each agent as the telemetry stage names them; a test compares."""
COUNTRIES = {"DE": 28, "FR": 18, "US": 14, "GB": 10, "ES": 8, "IT": 7, "NL": 5, "PL": 4, "AT": 3, "SE": 3}
RELEASES = {"3.1.0": 18, "3.2.0": 52, "3.2.1": 30}
CONSUMERS = {"web": 34, "ios-app": 20, "android-app": 18, "partner-a": 12, "partner-b": 9, "back-office": 7}
INSTANCES = {"gateway-1": 40, "gateway-2": 35, "gateway-3": 25}
METHODS = ("GET", "GET", "POST", "GET", "PUT", "GET", "DELETE", "GET")
NOISE = (0.0015, 0.01)
"""Bounds of the share of calls of a route that fail without any fault."""
DAY_S, WEEKEND = 86_400, 0.55


@dataclass(frozen=True)
class World:
    """Routes, upstreams and clients, drawn once by ``seed``."""

    seed: int
    routes: int = 100
    upstreams: int = 24

    @cached_property
    def weights(self) -> Floats:
        """How often each route is called, as shares: a few often, many seldom."""
        drawn = self._dice(1).pareto(1.3, self.routes) + 0.2
        shares: Floats = drawn / drawn.sum()
        return shares

    @cached_property
    def upstream_of(self) -> Numbers:
        """Number of the upstream of each route."""
        return np.arange(self.routes) % self.upstreams

    @cached_property
    def noise(self) -> Floats:
        """Share of calls of each route that fail without any fault."""
        return self._dice(2).uniform(*NOISE, self.routes)

    @cached_property
    def typical_ms(self) -> Floats:
        """Median latency of each route."""
        return np.exp(self._dice(3).normal(math.log(60), 0.8, self.routes))

    @cached_property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """What the codes of each attribute mean."""
        return {
            "route": tuple(f"/api/v1/{_word(number)}/{{id}}" for number in range(self.routes)),
            "upstream": tuple(f"{_word(number)}.shop.example.com" for number in range(self.upstreams)),
            "consumer": tuple(CONSUMERS),
            "country": tuple(COUNTRIES),
            "release": tuple(RELEASES),
            "instance": tuple(INSTANCES),
            "browser": tuple(dict.fromkeys(seen[0] for seen in SEEN_AS)),
            "os": tuple(dict.fromkeys(seen[1] for seen in SEEN_AS)),
            "device": tuple(dict.fromkeys(seen[2] for seen in SEEN_AS)),
        }

    @cached_property
    def shares(self) -> Mapping[str, Floats]:
        """How common each value of each drawn column is."""
        agents = [agent.share for agent in BROWSERS]
        tables = (("consumer", CONSUMERS), ("country", COUNTRIES), ("release", RELEASES), ("instance", INSTANCES))
        drawn = {name: _shares(list(table.values())) for name, table in tables}
        return {"route": self.weights, "agent": _shares(agents), **drawn}

    def column(self, chunk: Chunk, attribute: str) -> Numbers:
        """Codes of an attribute, the derived ones included."""
        if attribute == "upstream":
            return self.upstream_of[chunk.columns["route"]]
        if attribute in {"browser", "os", "device"}:
            place = ("browser", "os", "device").index(attribute)
            codes = np.array([self.names[attribute].index(seen[place]) for seen in SEEN_AS])
            return np.asarray(codes[chunk.columns["agent"]], np.int64)
        return chunk.columns[attribute]

    def draw(self, start: datetime, number: int, rate: float) -> Chunk:
        """The calls of the ten seconds that begin at ``start``, the ``number``-th of the run, in the order of time."""
        dice = np.random.default_rng([self.seed, number])
        count = int(dice.poisson(rate * CHUNK_S * rhythm(start)))
        columns = {name: dice.choice(len(p), count, p=p) for name, p in self.shares.items()}
        route = columns["route"]
        latency = self.typical_ms[route] * np.exp(dice.normal(0, 0.5, count))
        failed = dice.random(count) < self.noise[route]
        return Chunk(
            dice,
            np.sort(dice.random(count)) * CHUNK_S + start.timestamp(),
            columns,
            latency,
            np.where(failed, np.where(dice.random(count) < 0.6, 500, 503), 200),  # noqa: PLR2004 - a share
            dice.integers(200, 9_000, count),
            number=number,
        )

    def _dice(self, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, 0, purpose])


@dataclass(slots=True)
class Chunk:
    """Calls as columns; faults change ``status`` and ``latency``. Times are seconds since 1970.

    Where gateways are watched, ``own`` is the time they add themselves, in milliseconds, beside ``latency``, which is
    then the upstream's; ``refused`` are calls that a gateway answered without asking anybody.
    """

    dice: np.random.Generator
    times: Floats
    columns: dict[str, Numbers]
    latency: Floats
    status: Numbers
    bytes: Numbers
    rows: Numbers | None = None
    dropped: Mask | None = field(default=None)
    number: int = 0
    own: Floats | None = None
    refused: Mask | None = None


def rhythm(moment: datetime) -> float:
    """How busy it is, 1 on average of a working day: low at four in the morning, less on Saturday and Sunday."""
    hour = moment.astimezone(UTC).timestamp() % DAY_S / 3_600
    daily = 1 - 0.6 * math.cos((hour - 4) / 24 * 2 * math.pi)
    return daily * (WEEKEND if moment.weekday() >= 5 else 1.0)  # noqa: PLR2004 - Saturday


def rhythm_at(at: float) -> float:
    """The same for a moment in seconds since 1970."""
    return rhythm(datetime.fromtimestamp(at, UTC))


def _shares(weights: list[int]) -> Floats:
    return np.array(weights, np.float64) / sum(weights)


def _word(number: int) -> str:
    first = ("order", "stock", "price", "user", "cart", "ship", "pay", "search", "offer", "report")
    return f"{first[number % len(first)]}-{number // len(first) + 1}"
