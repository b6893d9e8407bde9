"""What can be simulated: by name, what goes wrong and what happens beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from producers.simulate.asked import Asked
from producers.simulate.faults import Cause, FailingCell, Fault, Silence, SlowCell
from producers.simulate.overload import Overload
from producers.simulate.traffic.assistant import Assistant
from producers.simulate.traffic.bots import Bots
from producers.simulate.traffic.stuffing import Stuffing
from producers.simulate.traffic.traffic import Traffic
from producers.simulate.traffic.watched import DataTaken, Deployed, Full, gateways_but

LEAK_FACTOR, LEAK_S = 6.0, 1_800.0
DATABASES = ("orders-db-1", "orders-db-2", "orders-db-3")
Faults = Callable[[Asked], tuple[Fault, ...]]
Default = Callable[[Asked], Callable[[], Cause]]


def no_faults(_: Asked) -> tuple[Fault, ...]:
    """The calls of the world stay as they are."""
    return ()


def no_traffic(_: Asked) -> tuple[Traffic, ...]:
    """Nothing comes beside them."""
    return ()


@dataclass(frozen=True)
class Kind:
    """What a scenario is about, the faults it plants in the world's calls, and what comes beside them."""

    about: str
    faults: Faults = no_faults
    traffic: Callable[[Asked], tuple[Traffic, ...]] = no_traffic


def _failing(default: Default, *, status: int = 502, rate: float | None = None) -> Faults:
    def faults(asked: Asked) -> tuple[Fault, ...]:
        cause = asked.cause_or(default(asked))
        chance = asked.failure_rate if rate is None else rate
        return (FailingCell(cause, chance, asked.onset, asked.end, status),)

    return faults


def _slower(asked: Asked) -> tuple[Fault, ...]:
    cause = asked.cause_or(asked.drawn("upstream"))
    return (SlowCell(cause, LEAK_FACTOR, asked.onset, asked.end, ramp_s=LEAK_S),)


def _silent(asked: Asked) -> tuple[Fault, ...]:
    return (Silence(asked.cause_or(lambda: {"instance": _instance(asked)}), asked.onset, asked.end),)


def _overloaded(asked: Asked) -> tuple[Fault, ...]:
    return (Overload(_gateway(asked), asked.onset, asked.end),)


def _busy_gateway(asked: Asked) -> tuple[Traffic, ...]:
    instance = _gateway(asked)
    return (Full(asked, "cpu", instance, gateways_but(instance)),)


def _full_disk(asked: Asked) -> tuple[Traffic, ...]:
    instance = DATABASES[asked.seed % len(DATABASES)]
    others = tuple(name for name in DATABASES if name != instance)
    return (Full(asked, "disk", instance, others, service="orders-db", usual=0.7, rise_s=300.0),)


def _in_newest_release(asked: Asked) -> Callable[[], Cause]:
    upstreams, releases = asked.world.names["upstream"], asked.world.names["release"]
    return lambda: {"release": releases[-1], "upstream": upstreams[asked.seed % len(upstreams)]}


def _deployed(asked: Asked) -> tuple[Traffic, ...]:
    """What went live is what the cause names, where it names a release and a service."""
    cause, releases = asked.cause_or(_in_newest_release(asked)), asked.world.names["release"]
    if "release" not in cause or "upstream" not in cause:
        return ()
    place = releases.index(cause["release"])
    return (Deployed(asked, cause["upstream"], cause["release"], releases[place - 1] if place else ""),)


def _instance(asked: Asked) -> str:
    instances = asked.world.names["instance"]
    return instances[asked.seed % len(instances)]


def _gateway(asked: Asked) -> str:
    """The gateway that was asked for, or one by the seed."""
    return asked.cause_or(dict).get("instance") or _instance(asked)


SCENARIOS: Mapping[str, Kind] = {
    "checkout": Kind(
        "a combination of up to three attributes fails now and then", _failing(lambda asked: asked.drawn())
    ),
    "erp": Kind("at the peak far more data overwhelms one service; its callers wait"),
    "outage": Kind(
        "one upstream answers nothing but 503", _failing(lambda asked: asked.drawn("upstream"), status=503, rate=1.0)
    ),
    "bad-release": Kind(
        "one upstream fails in the newest release", _failing(_in_newest_release, status=500), _deployed
    ),
    "slow-leak": Kind("one upstream gets slower, over half an hour", _slower),
    "rate-limiting": Kind(
        "a partner is turned away by a rate limit",
        _failing(lambda _: lambda: {"consumer": "partner-a"}, status=429, rate=0.3),
    ),
    "silent": Kind("nothing is heard from one gateway any more", _silent),
    "credential-stuffing": Kind("stolen passwords are tried on many accounts", traffic=lambda a: (Stuffing(a),)),
    "ai-failover": Kind("a provider of language models is replaced by another", traffic=lambda a: (Assistant(a),)),
    "gateway-overload": Kind("one gateway adds time of its own and refuses calls", _overloaded, _busy_gateway),
    "disk-full": Kind("the disk of a database fills up, as signals tell", traffic=_full_disk),
    "data-access": Kind("an account exports far more than anybody", traffic=lambda a: (DataTaken(a),)),
    "bots": Kind("a crawler and a scanner, which are harmless", traffic=lambda a: (Bots(a),)),
    "bursty-bots": Kind("the same, but they come in bursts", traffic=lambda a: (Bots(a, bursts=True),)),
    "null": Kind("nothing happens but noise"),
}
