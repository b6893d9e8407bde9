"""A gateway instance that has too much to do: it adds time of its own, and refuses calls without asking anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from producers.simulate.faults import cell, share_of
from producers.simulate.world import Chunk, World

USUAL_MS, SPREAD = 3.0, 0.4
"""What a gateway usually adds to a call, and the sigma of its log-normal."""
ADDED_MS, REFUSED = 350.0, 0.08
"""At its worst: what it adds, typically, and the part of the calls it answers with its own 503."""
RAMP_S = 240.0


@dataclass(frozen=True)
class Overload:
    """Of one ``instance``, between ``onset`` and ``end``, in seconds since 1970; it takes minutes to get so bad."""

    instance: str
    onset: float
    end: float

    @property
    def cause(self) -> Mapping[str, str]:
        """The calls that go through it."""
        return {"instance": self.instance}

    def apply(self, world: World, chunk: Chunk) -> None:
        """Give every call of every gateway its own time, and let this one's grow."""
        dice = np.random.default_rng([world.seed, int(chunk.number), 15])
        count = len(chunk.times)
        own = USUAL_MS * np.exp(dice.normal(0, SPREAD, count))
        inside = (chunk.times >= self.onset) & (chunk.times < self.end) & cell(world, chunk, self.cause)
        part = np.where(inside, np.clip((chunk.times - self.onset) / RAMP_S, 0, 1), 0.0)
        own += part * ADDED_MS * np.exp(dice.normal(0, SPREAD, count))
        refused = dice.random(count) < REFUSED * part
        chunk.own = own if chunk.own is None else np.maximum(chunk.own, own)
        chunk.refused = refused if chunk.refused is None else chunk.refused | refused

    def truth(self, world: World) -> Mapping[str, Any]:
        """Its time is to blame, not that of whoever stands behind it."""
        return {
            "kind": "latency",
            "also": ["errors", "capacity"],
            "blame": "gateway",
            "cause": dict(self.cause),
            "equivalents": [],
            "added_ms": ADDED_MS,
            "refused": REFUSED,
            "share": share_of(world, self.cause),
        }
