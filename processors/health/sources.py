"""Who sends calls, and who has stopped: a gateway that is silent hides whatever goes wrong behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import orjson

from contracts.windows import ATTRIBUTES, CODED, OTHER, UNKNOWN, WINDOW_S
from processors.health.sighting import Sighting
from processors.health.totals import Window
from processors.runtime.tables import State, TableSpec

RATE_S = 1_800
"""Half-life of the usual rate, in seconds: it has to follow the rhythm of the day."""
GAP_S = 86_400
"""Half-life of the longest silence that was nothing: what happens every day stays known."""
GAPS = 3.0
"""A silence means something when it is so many times as long as any before."""
SHORTEST_S = 60
"""A silence shorter than this is nobody's: a gateway may restart."""
EXPECTED = 20.0
"""Calls that should have come before their absence is a blind spot: chance e^-20 for calls that come as they like."""
WARM_S, WARM_CALLS = 600, 200.0
"""What is usual must have been seen for ten minutes and in 200 calls."""
MOST = 250
"""Instances of a project that are told apart."""
EVERYBODY = ""
"""Stands for all calls of a project."""
INSTANCE = ATTRIBUTES.index("instance")


@dataclass(slots=True)
class Source:
    """When a source was heard, and how often; times are ends of windows in seconds since 1970, rates per window."""

    since: int
    until: int
    calls: float = 0.0
    windows: float = 0.0
    total: float = 0.0
    gap_s: float = 0.0

    @property
    def rate(self) -> float:
        """Usual calls a window."""
        return self.calls / self.windows if self.windows else 0.0

    def hear(self, end: int, calls: float) -> None:
        """Take in the calls of a window that ends then."""
        passed = max(WINDOW_S, end - self.until)
        keep = 0.5 ** (passed / RATE_S)
        self.gap_s = max(self.gap_s * 0.5 ** (passed / GAP_S), float(passed - WINDOW_S))
        self.calls = self.calls * keep + calls
        self.windows = self.windows * keep + (1 - keep) / (1 - 0.5 ** (WINDOW_S / RATE_S))
        self.total += calls
        self.until = end

    def missing(self, end: int) -> float:
        """Calls that should have come since it was heard last; 0 where its silence means nothing yet."""
        silent_s = end - self.until
        warm = self.until - self.since >= WARM_S and self.total >= WARM_CALLS
        if not warm or silent_s < max(SHORTEST_S, GAPS * self.gap_s):
            return 0.0
        fading = 0.5 ** (silent_s / RATE_S)
        expected = self.rate * silent_s / WINDOW_S
        return expected if expected * fading >= EXPECTED else 0.0

    def encode(self) -> bytes:
        """As it is stored."""
        return orjson.dumps(asdict(self))

    @classmethod
    def decode(cls, value: bytes) -> Source:
        """Read it back."""
        return cls(**orjson.loads(value))


HEARD: TableSpec[Source] = TableSpec("heard", encode=Source.encode, decode=Source.decode, capacity=20_000)


class Sources:
    """The sources of one partition's projects: their gateway instances, and all together."""

    def __init__(self, state: State) -> None:
        self._table = state[HEARD]
        self._names: dict[str, set[str]] = {}
        for key in self._table:
            project, _, name = key.partition("|")
            self._names.setdefault(project, set()).add(name)

    def take(self, project: str, window: Window) -> None:
        """Take a closed window in."""
        end = window.start + WINDOW_S
        heard = _by_instance(window)
        heard[EVERYBODY] = float(sum(totals.calls for totals in window.routes.values()))
        names = self._names.setdefault(project, set())
        for name, calls in heard.items():
            if calls and (name in names or len(names) < MOST):
                key = f"{project}|{name}"
                source = self._table.get(key) or Source(window.start, window.start)
                source.hear(end, calls)
                self._table[key] = source
                names.add(name)

    def silent(self, project: str, end: int) -> Iterator[Sighting]:
        """Instances that should have been heard long ago, at the end of a window in which others were."""
        for name in sorted(self._names.get(project, ())):
            if name and (sighting := self._silent(project, name, end)) is not None:
                yield sighting

    def silence(self, project: str, unheard_s: int) -> Iterator[Sighting]:
        """All of them together, when Kafka has had nothing of the project for so many seconds."""
        everybody = self._table.get(f"{project}|{EVERYBODY}")
        sighting = everybody and self._silent(project, EVERYBODY, everybody.until + unheard_s)
        if sighting:
            yield sighting

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        for name in self._names.pop(project, ()):
            if f"{project}|{name}" in self._table:
                del self._table[f"{project}|{name}"]

    def _silent(self, project: str, name: str, end: int) -> Sighting | None:
        source = self._table.get(f"{project}|{name}")
        missing = source.missing(end) if source is not None else 0.0
        if source is None or not missing:
            return None
        return Sighting(
            kind="blind_spot",
            cause=(("instance", name),) if name else (),
            since=source.until,
            until=end,
            calls=0,
            observed=0,
            expected=missing,
            score=missing,
            confidence=0.95,
            detectors=("silent_source",),
        )


def _by_instance(window: Window) -> dict[str, float]:
    heard: dict[str, float] = {}
    for values, rows in window.leaves:
        calls = np.bincount(rows[:, INSTANCE], rows[:, len(CODED)], len(values[INSTANCE]))
        for name, number in zip(values[INSTANCE], calls.tolist(), strict=True):
            if name not in {OTHER, UNKNOWN}:
                heard[name] = heard.get(name, 0.0) + number
    return heard
