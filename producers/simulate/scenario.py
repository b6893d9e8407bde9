"""Named scenarios: a world, its faults, and what was planted; the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from contracts.cloudevents import rfc3339
from contracts.errors import Stop
from producers.simulate.erp_chain import ErpChain
from producers.simulate.faults import Cause, FailingCell, Fault, Silence, SlowCell, share_of
from producers.simulate.visitors import Visitors
from producers.simulate.wire import Call, spelled
from producers.simulate.world import CHUNK_S, World

CELL_SHARE = 0.01
NEAR = (0.75, 1.35)
"""How far a drawn combination may lie from the share that is asked for."""
TRIES = 2_000
CHOICES = ("upstream", "country", "release", "consumer", "instance", "browser", "os", "device")
LEAK_FACTOR, LEAK_S = 6.0, 1_800.0
FOR_EVER = timedelta(days=3_650)


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
    faults: tuple[Fault, ...]
    world: World
    chain: ErpChain | None = None
    users: int = 0

    def calls(self) -> Iterator[Call]:
        """Raw calls as ``(milliseconds since 1970, JSON)`` in the order of time."""
        if self.chain is not None:
            yield from self.chain.calls()
            return
        visitors = Visitors(self.world, self.users) if self.users else None
        for number in range(int(self.duration.total_seconds() / CHUNK_S)):
            chunk = self.world.draw(self.start + timedelta(seconds=CHUNK_S * number), number + 1, self.rate)
            for fault in self.faults:
                fault.apply(self.world, chunk)
            name = f"{self.name}-{self.seed}-{number}"
            yield from spelled(self.world, chunk, name, visitors.of(chunk, number, name) if visitors else None)

    @property
    def end_ms(self) -> int:
        """When it is over, in milliseconds since 1970."""
        return int((self.start + self.duration).timestamp() * 1000)

    @property
    def fault_names(self) -> tuple[str, ...]:
        """What to call each fault."""
        return (self.name,) * len(self.faults)

    @property
    def truth(self) -> dict[str, Any]:
        """What was planted."""
        planted: list[Mapping[str, Any]] = [
            {**fault.truth(self.world), "onset": rfc3339(_moment(self.start, fault.onset))} for fault in self.faults
        ]
        if self.chain is not None:
            planted.append(self.chain.truth())
        return {
            "scenario": self.name,
            "seed": self.seed,
            "start": rfc3339(self.start),
            "seconds": self.duration.total_seconds(),
            "rate": self.rate,
            "faults": planted,
        }


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
    """Build a scenario by name; raise `Stop` for a name that does not exist or a share that no combination has."""
    if name not in SCENARIOS:
        raise Stop(f"There is no scenario {name!r}.", fix=f"choose one of {', '.join(SCENARIOS)}", exit_code=2)
    world = World(seed)
    asked = _Asked(world, seed, share, failure_rate, (start + onset).timestamp(), (start + FOR_EVER).timestamp(), cause)
    chain = ErpChain(seed, start, duration, onset, users) if name == "erp" else None
    return Scenario(name, seed, start, duration, rate, SCENARIOS[name].faults(asked), world, chain, users)


@dataclass(frozen=True)
class _Asked:
    """What a scenario is built from; times in seconds since 1970."""

    world: World
    seed: int
    share: float
    failure_rate: float
    onset: float
    end: float
    cause: Cause | None

    def cause_or(self, default: Callable[[], Cause]) -> Cause:
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
        return lambda: drawn_cause(self.world, self.seed, self.share, among or CHOICES)


@dataclass(frozen=True)
class Kind:
    """What a scenario is about, and the faults it plants."""

    about: str
    faults: Callable[[_Asked], tuple[Fault, ...]]


def _failing(default: Callable[[_Asked], Callable[[], Cause]], *, status: int = 502, rate: float | None = None) -> Any:
    def faults(asked: _Asked) -> tuple[Fault, ...]:
        cause = asked.cause_or(default(asked))
        chance = asked.failure_rate if rate is None else rate
        return (FailingCell(cause, chance, asked.onset, asked.end, status),)

    return faults


def _slower(asked: _Asked) -> tuple[Fault, ...]:
    cause = asked.cause_or(asked.drawn("upstream"))
    return (SlowCell(cause, LEAK_FACTOR, asked.onset, asked.end, ramp_s=LEAK_S),)


def _silent(asked: _Asked) -> tuple[Fault, ...]:
    instances = asked.world.names["instance"]
    cause = asked.cause_or(lambda: {"instance": instances[asked.seed % len(instances)]})
    return (Silence(cause, asked.onset, asked.end),)


def _in_newest_release(asked: _Asked) -> Callable[[], Cause]:
    upstreams, releases = asked.world.names["upstream"], asked.world.names["release"]
    return lambda: {"release": releases[-1], "upstream": upstreams[asked.seed % len(upstreams)]}


def _nothing(_: _Asked) -> tuple[Fault, ...]:
    return ()


SCENARIOS = {
    "checkout": Kind(
        "a combination of up to three attributes fails now and then", _failing(lambda asked: asked.drawn())
    ),
    "erp": Kind("at the peak far more data overwhelms one service; its callers wait", _nothing),
    "outage": Kind(
        "one upstream answers nothing but 503", _failing(lambda asked: asked.drawn("upstream"), status=503, rate=1.0)
    ),
    "bad-release": Kind("one upstream fails in the newest release", _failing(_in_newest_release, status=500)),
    "slow-leak": Kind("one upstream gets slower, over half an hour", _slower),
    "rate-limiting": Kind(
        "a partner is turned away by a rate limit",
        _failing(lambda _: lambda: {"consumer": "partner-a"}, status=429, rate=0.3),
    ),
    "silent": Kind("nothing is heard from one gateway any more", _silent),
    "null": Kind("nothing happens but noise", _nothing),
}


def drawn_cause(world: World, seed: int, share: float, among: tuple[str, ...] = CHOICES) -> Cause:
    """A combination of one to three attributes that has about the share of all calls."""
    random = Random(seed)
    best: tuple[float, Cause] | None = None
    for _ in range(TRIES):
        count = random.randint(1, min(3, len(among)))
        names = random.sample(among, count)
        if sum(name in {"browser", "os", "device"} for name in names) > 1:
            continue  # they imply each other, and the cause would have several names
        cause = {name: random.choice(world.names[name]) for name in sorted(names)}
        found = share_of(world, cause)
        if NEAR[0] * share <= found <= NEAR[1] * share:
            return cause
        if found and (best is None or abs(found - share) < abs(best[0] - share)):
            best = found, cause
    if best is None:
        raise Stop(f"No combination has {share:.2%} of the calls.", fix="ask for another share", exit_code=2)
    return best[1]


def _moment(start: datetime, seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, start.tzinfo)
