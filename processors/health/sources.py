"""Who sends calls, and who has stopped: a gateway that is silent hides whatever goes wrong behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from contracts.windows import ATTRIBUTES, OTHER, UNKNOWN, WINDOW_S
from processors.health.by_project import by_name
from processors.health.route_state import RATE_S, WARM_CALLS, WARM_S
from processors.health.sighting import CauseKey, Sighting
from processors.health.totals import Window
from processors.runtime import metrics
from processors.runtime.tables import State, table_of

GAP_S = 86_400
"""Half-life of the longest silence that was nothing: what happens every day stays known."""
GAPS = 3.0
"""A silence means something when it is so many times as long as any before."""
SHORTEST_S = 60
"""A silence shorter than this is nobody's: a gateway may restart."""
EXPECTED = 20.0
"""Calls that should have come before their absence is a blind spot: chance e^-20 for calls that come as they like."""
MOST = 250
"""Instances of a project that are told apart; where pods come and go, those that left a day ago make room."""
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


HEARD = table_of(Source, "heard", capacity=20_000)


class Sources:
    """The sources of one partition's projects: their gateway instances, and all together."""

    def __init__(self, state: State) -> None:
        self._known = by_name(state[HEARD])

    def take(self, project: str, window: Window) -> None:
        """Take a closed window in."""
        end = window.start + WINDOW_S
        heard = _by_instance(window)
        heard[EVERYBODY] = float(sum(totals.calls for totals in window.routes.values()))
        for name, calls in heard.items():
            if calls and (source := self._source(project, name, window.start)) is not None:
                source.hear(end, calls)
                self._known.keep(project, name, source)

    def silent(self, project: str, end: int) -> Iterator[Sighting]:
        """Instances that should have been heard long ago, at the end of a window in which others were."""
        for name, source in self._known.of(project):
            if name != EVERYBODY and (missing := source.missing(end)):
                yield _sighting((("instance", name),), source, missing, end)

    def silence(self, project: str, unheard_s: int) -> tuple[int, Sighting | None]:
        """What time it is when Kafka has had nothing of the project for so many seconds, and what is missed."""
        everybody = self._known.get(project, EVERYBODY)
        if everybody is None:
            return 0, None
        now = everybody.until + unheard_s
        missing = everybody.missing(now)
        return now, _sighting((), everybody, missing, now) if missing else None

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)

    def _source(self, project: str, name: str, start: int) -> Source | None:
        """What is known of a source; nothing where a project has too many of them, after those of yesterday left."""
        found = self._known.get(project, name)
        if found is None and self._known.count(project) >= MOST:
            for old, source in self._known.of(project):
                if start - source.until > GAP_S:
                    self._known.drop(project, old)
        if found is None and self._known.count(project) >= MOST and name != EVERYBODY:
            metrics.CAPPED.labels("source").inc()
            return None
        return found or Source(start, start)


def _sighting(cause: CauseKey, source: Source, missing: float, end: int) -> Sighting:
    return Sighting(
        kind="blind_spot",
        cause=cause,
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
    for values, rows, _ in window.leaves:
        calls = np.bincount(rows[:, INSTANCE], rows[:, len(values)], len(values[INSTANCE]))
        for name, number in zip(values[INSTANCE], calls.tolist(), strict=True):
            if name not in {OTHER, UNKNOWN}:
                heard[name] = heard.get(name, 0.0) + number
    return heard
