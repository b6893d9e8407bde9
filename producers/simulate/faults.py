"""What may go wrong in the simulated system; each fault changes some calls of a chunk and says what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from producers.simulate.world import BROWSERS, SEEN_AS, Chunk, Mask, World

Cause = dict[str, str]
"""Attribute → value, with the names of findings."""
PLACES = {"browser": 0, "os": 1, "device": 2}


class Fault(Protocol):
    """Changes calls between ``onset`` and ``end``, both in seconds since 1970."""

    @property
    def onset(self) -> float:
        """When it begins."""
        ...

    @property
    def end(self) -> float:
        """When it is over."""
        ...

    def apply(self, world: World, chunk: Chunk) -> None:
        """Change a chunk in place."""

    def truth(self, world: World) -> Mapping[str, Any]:
        """What was planted, for whoever scores."""


@dataclass(frozen=True)
class FailingCell:
    """Calls of a combination of attributes fail with ``rate``."""

    cause: Mapping[str, str]
    rate: float
    onset: float
    end: float
    status: int = 502

    def apply(self, world: World, chunk: Chunk) -> None:
        """Let some of its calls fail."""
        hit = _inside(chunk, self) & cell(world, chunk, self.cause)
        hit &= chunk.dice.random(len(chunk.times)) < self.rate
        chunk.status[hit] = self.status

    def truth(self, world: World) -> Mapping[str, Any]:
        """The combination, and others that select exactly the same calls."""
        return {
            "kind": "errors",
            "cause": dict(self.cause),
            "equivalents": equivalents(self.cause),
            "rate": self.rate,
            "share": share_of(world, self.cause),
        }


@dataclass(frozen=True)
class SlowCell:
    """Calls of a combination take ``factor`` times as long; with ``ramp_s`` it creeps up to that."""

    cause: Mapping[str, str]
    factor: float
    onset: float
    end: float
    ramp_s: float = 0.0

    def apply(self, world: World, chunk: Chunk) -> None:
        """Slow its calls down."""
        hit = _inside(chunk, self) & cell(world, chunk, self.cause)
        part = np.clip((chunk.times - self.onset) / self.ramp_s, 0, 1) if self.ramp_s else np.ones(len(chunk.times))
        chunk.latency[hit] *= 1 + (self.factor - 1) * part[hit]

    def truth(self, world: World) -> Mapping[str, Any]:
        """The combination and how slow it gets."""
        return {
            "kind": "latency",
            "cause": dict(self.cause),
            "equivalents": equivalents(self.cause),
            "factor": self.factor,
            "share": share_of(world, self.cause),
        }


@dataclass(frozen=True)
class Silence:
    """Nothing is heard of the calls of a combination."""

    cause: Mapping[str, str]
    onset: float
    end: float

    def apply(self, world: World, chunk: Chunk) -> None:
        """Drop its calls."""
        hit = _inside(chunk, self) & cell(world, chunk, self.cause)
        chunk.dropped = hit if chunk.dropped is None else chunk.dropped | hit

    def truth(self, world: World) -> Mapping[str, Any]:
        """The combination."""
        return {"kind": "outage", "cause": dict(self.cause), "equivalents": [], "share": share_of(world, self.cause)}


def cell(world: World, chunk: Chunk, cause: Mapping[str, str]) -> Mask:
    """Which calls of a chunk have all the values."""
    mask: Mask = np.ones(len(chunk.times), np.bool_)
    for attribute, value in cause.items():
        mask &= world.column(chunk, attribute) == world.names[attribute].index(value)
    return mask


def share_of(world: World, cause: Mapping[str, str]) -> float:
    """Part of all calls that a combination has; attributes are drawn independently, but for those of one agent."""
    share = sum(world.shares["agent"][number] for number in agents_of(cause))
    by_route = np.ones(world.routes, np.bool_)
    for attribute, value in cause.items():
        if attribute in PLACES:
            continue
        code = world.names[attribute].index(value)
        if attribute == "upstream":
            by_route &= world.upstream_of == code
        elif attribute == "route":
            by_route &= np.arange(world.routes) == code
        else:
            share *= world.shares[attribute][code]
    return float(share * world.weights[by_route].sum())


def agents_of(cause: Mapping[str, str]) -> tuple[int, ...]:
    """Numbers of the agents that a combination leaves."""
    return tuple(
        number
        for number in range(len(BROWSERS))
        if all(SEEN_AS[number][place] == cause[name] for name, place in PLACES.items() if name in cause)
    )


def equivalents(cause: Mapping[str, str]) -> list[Cause]:
    """Other ways to say the same by browser, system and device, with at most three attributes in all."""
    rest = {name: value for name, value in cause.items() if name not in PLACES}
    agents, found = agents_of(cause), []
    if len(agents) == len(BROWSERS):
        return []
    for number in agents:
        seen = SEEN_AS[number]
        for chosen in range(1, 8):
            other = rest | {name: seen[place] for name, place in PLACES.items() if chosen >> place & 1}
            if len(other) <= 3 and agents_of(other) == agents and other != dict(cause) and other not in found:  # noqa: PLR2004
                found.append(other)
    return found


def _inside(chunk: Chunk, fault: Fault) -> Mask:
    inside: Mask = (chunk.times >= fault.onset) & (chunk.times < fault.end)
    return inside
