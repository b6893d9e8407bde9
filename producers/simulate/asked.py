"""What a scenario is built from, and combinations of attributes drawn by the seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from contracts.errors import Stop
from producers.simulate.faults import Cause, share_of
from producers.simulate.world import World

NEAR = (0.75, 1.35)
"""How far a drawn combination may lie from the share that is asked for."""
TRIES = 2_000
CHOICES = ("upstream", "country", "release", "consumer", "instance", "browser", "os", "device")


@dataclass(frozen=True)
class Asked:
    """``onset`` and ``end`` are in seconds since 1970, ``rate`` in calls a second."""

    world: World
    seed: int
    start: datetime
    duration: timedelta
    rate: float
    onset: float
    end: float
    failure_rate: float
    share: float
    cause: Cause | None = None
    users: int = 0
    without: tuple[Cause, ...] = ()
    """What other parts have planted."""

    def cause_or(self, default: Callable[[], Cause]) -> Cause:
        """The cause that was given, if it selects anything; else one of the scenario's own."""
        for attribute, value in (self.cause or {}).items():
            known = self.world.names.get(attribute, ())
            if value not in known:
                raise Stop(
                    f"Nothing here has {attribute}={value}.",
                    fix=f"choose from {', '.join((known or tuple(self.world.names))[:30])}",
                    exit_code=2,
                )
        return self.cause or default()

    def drawn(self, *among: str) -> Callable[[], Cause]:
        """A combination by the seed, of the attributes that are given."""
        return lambda: drawn_cause(self.world, self.seed, self.share, among or CHOICES, self.without)


def drawn_cause(
    world: World, seed: int, share: float, among: tuple[str, ...] = CHOICES, without: tuple[Cause, ...] = ()
) -> Cause:
    """A combination of one to three attributes that has about the share of all calls, and is none of ``without``."""
    random = Random(seed)
    best: tuple[float, Cause] | None = None
    for _ in range(TRIES):
        count = random.randint(1, min(3, len(among)))
        names = random.sample(among, count)
        if sum(name in {"browser", "os", "device"} for name in names) > 1:
            continue  # they imply each other, and the cause would have several names
        cause = {name: random.choice(world.names[name]) for name in sorted(names)}
        if cause in without:
            continue
        found = share_of(world, cause)
        if NEAR[0] * share <= found <= NEAR[1] * share:
            return cause
        if found and (best is None or abs(found - share) < abs(best[0] - share)):
            best = found, cause
    if best is None:
        raise Stop(f"No combination has {share:.2%} of the calls.", fix="ask for another share", exit_code=2)
    return best[1]
