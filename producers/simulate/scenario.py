"""Named scenarios: a world, its faults, and what was planted; the same for the same seed."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from contracts.cloudevents import rfc3339
from contracts.errors import Stop
from producers.simulate.asked import Asked
from producers.simulate.erp_chain import ErpChain
from producers.simulate.faults import Cause, Fault
from producers.simulate.kinds import SCENARIOS
from producers.simulate.traffic.traffic import Traffic
from producers.simulate.visitors import Visitors
from producers.simulate.wire import Call, spelled
from producers.simulate.world import CHUNK_S, World

CELL_SHARE = 0.01
FOR_EVER = timedelta(days=3_650)
ERP = "erp"
NEXT_SEED = 7_919
"""Added to the seed for every further part, so that two parts do not draw the same cause."""


@dataclass(frozen=True)
class Planted:
    """One part of a scenario: what it does to the world's calls, and what comes beside them."""

    name: str
    faults: tuple[Fault, ...]
    traffic: tuple[Traffic, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """``rate`` is in calls a second, on average of a working day; ``onset`` counts from ``start``.

    With ``users`` the same calls say who made them: user, session, trace and request id.
    """

    name: str
    seed: int
    start: datetime
    duration: timedelta
    rate: float
    planted: tuple[Planted, ...]
    world: World
    chain: ErpChain | None = None
    users: int = 0

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is done to the world's calls."""
        return tuple(fault for part in self.planted for fault in part.faults)

    @property
    def end_ms(self) -> int:
        """When it is over, in milliseconds since 1970."""
        return int((self.start + self.duration).timestamp() * 1000)

    def calls(self, since_ms: int = 0) -> Iterator[Call]:
        """Raw calls as ``(milliseconds since 1970, JSON)`` in the order of time.

        Of those before ``since_ms`` most are left out, where that can be done without drawing them.
        """
        sources = [source.calls() for source in self._traffic()]
        if self.chain is not None:
            sources.append(self.chain.calls())
        if self.chain is None or len(self.planted) > 1:
            sources.append(self._world_calls(since_ms))
        return heapq.merge(*sources, key=itemgetter(0)) if len(sources) > 1 else sources[0]

    def signals(self) -> Iterator[Call]:
        """Raw signals in the order of time; what is usual may have been signalled before the first call."""
        return heapq.merge(*(source.signals() for source in self._traffic()), key=itemgetter(0))

    @property
    def truth(self) -> dict[str, Any]:
        """What was planted; ``beside`` is what happens, too, and is no fault."""
        planted: list[Mapping[str, Any]] = [
            {**fault.truth(self.world), "onset": rfc3339(_moment(self.start, fault.onset))} for fault in self.faults
        ]
        if self.chain is not None:
            planted.append(self.chain.truth())
        told = [(source.truth(), source.asked.onset) for source in self._traffic()]
        planted += [
            {**truth, "onset": rfc3339(_moment(self.start, onset))} for truth, onset in told if "harmless" not in truth
        ]
        beside = [truth for truth, _ in told if "harmless" in truth]
        return {
            "scenario": self.name,
            "seed": self.seed,
            "start": rfc3339(self.start),
            "seconds": self.duration.total_seconds(),
            "rate": self.rate,
            "faults": planted,
            **({"beside": beside} if beside else {}),
        }

    def _traffic(self) -> Iterator[Traffic]:
        return (source for part in self.planted for source in part.traffic)

    def _world_calls(self, since_ms: int) -> Iterator[Call]:
        visitors = Visitors(self.world, self.users) if self.users else None
        first = 0 if visitors else max(0, int((since_ms / 1000 - self.start.timestamp()) / CHUNK_S))
        faults = self.faults
        for number in range(first, int(self.duration.total_seconds() / CHUNK_S)):
            chunk = self.world.draw(self.start + timedelta(seconds=CHUNK_S * number), number + 1, self.rate)
            for fault in faults:
                fault.apply(self.world, chunk)
            name = f"{self.name}-{self.seed}-{number}"
            yield from spelled(self.world, chunk, name, visitors.of(chunk, number, name) if visitors else None)


def scenario(
    name: str,
    *,
    seed: int,
    start: datetime,
    duration: timedelta,
    rate: float = 100.0,
    onset: timedelta = timedelta(minutes=30),
    failure_rate: float = 0.2,
    share: float = CELL_SHARE,
    cause: Cause | None = None,
    users: int = 0,
) -> Scenario:
    """Build a scenario by name; several names are joined by ``+``, each may say its own minutes (``outage@20-35``).

    ``onset`` is that of the parts that say none; ``cause`` is that of the first part. Raise `Stop` for a name that does
    not exist, minutes that are none, or a share that no combination has.
    """
    parts = [_part(text, onset) for text in name.split("+")]
    world, label = World(seed), "+".join(part for part, _, _ in parts)
    asked = Asked(world, seed, start, duration, rate, 0.0, 0.0, failure_rate, share, cause, users)
    planted: list[Planted] = []
    for number, (part, since, until) in enumerate(parts):
        own = replace(
            asked,
            seed=seed + NEXT_SEED * number,
            onset=(start + since).timestamp(),
            end=(start + until).timestamp(),
            cause=cause if number == 0 else None,
            without=tuple(dict(fault.truth(world)["cause"]) for other in planted for fault in other.faults),
        )
        kind, before = SCENARIOS[part], sum(other.name.partition(" ")[0] == part for other in planted)
        called = f"{part} {before + 1}" if before else part
        planted.append(Planted(called, kind.faults(own), kind.traffic(own)))
    peaks = [since for part, since, _ in parts if part == ERP]
    chain = ErpChain(seed, start, duration, peaks[0], users) if peaks else None
    return Scenario(label, seed, start, duration, rate, tuple(planted), world, chain, users)


def _part(text: str, onset: timedelta) -> tuple[str, timedelta, timedelta]:
    """Name, onset and end of one part."""
    name, at, minutes = text.partition("@")
    if name not in SCENARIOS:
        raise Stop(f"There is no scenario {name!r}.", fix=f"choose one of {', '.join(SCENARIOS)}", exit_code=2)
    if not at:
        return name, onset, FOR_EVER
    first, dash, last = minutes.partition("-")
    try:
        since = timedelta(minutes=float(first))
        until = timedelta(minutes=float(last)) if dash else FOR_EVER
    except (ValueError, OverflowError) as error:
        raise Stop(f"{text!r} has no minutes.", fix=f"for example {name}@20-35", exit_code=2) from error
    if not timedelta(0) <= since < until:
        raise Stop(f"{text!r} ends before it begins.", fix=f"for example {name}@20-35", exit_code=2)
    return name, since, until


def _moment(start: datetime, seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, start.tzinfo)
