"""Calls and signals that are made one by one, beside those of the world."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np
import orjson

from contracts.cloudevents import rfc3339
from producers.simulate.asked import Asked
from producers.simulate.wire import Call


class Traffic(Protocol):
    """Calls and signals in the order of time, and what they show, if that is a fault."""

    @property
    def asked(self) -> Asked:
        """What it was made from."""
        ...

    def calls(self) -> Iterator[Call]:
        """Raw calls."""
        ...

    def signals(self) -> Iterator[Call]:
        """Raw signals, as ``(milliseconds since 1970, JSON)`` too."""
        ...

    def truth(self) -> Mapping[str, Any]:
        """What was planted, for whoever scores; ``harmless`` is true where nothing should be found."""
        ...


def arrivals(
    seed: int, purpose: int, start: datetime, seconds: float, rate: Callable[[float], float]
) -> Iterator[float]:
    """Moments of a Poisson process in seconds since 1970; ``rate`` a second may change with the moment."""
    dice = np.random.default_rng([seed, 1, purpose])
    first = start.timestamp()
    for second in range(int(seconds)):
        count = dice.poisson(rate(first + second))
        if count:
            yield from (first + second + np.sort(dice.random(count))).tolist()


def spelled_signal(name: str, at: float, kind: str, said: Mapping[str, Any], service: str | None = None) -> Call:
    """One raw signal."""
    moment = rfc3339(datetime.fromtimestamp(at, UTC))
    signal = {"id": name, "occurred_at": moment, "kind": kind, kind: said}
    return int(at * 1000), orjson.dumps(signal | ({"service": service} if service else {}))
