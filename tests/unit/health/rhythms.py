"""Weeks of calls by the window, as one route sees them: for rules that know what an hour usually has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np

from processors.health.detect import Alarm
from processors.health.look import Look
from processors.health.route_state import RouteState
from processors.health.totals import RouteKey, Totals
from processors.health.usual.memories import TABLES, Memories
from processors.runtime.tables import State

MONDAY = int(datetime(2026, 6, 15, tzinfo=UTC).timestamp())
HOUR, DAY, WEEK = 3_600, 86_400, 7 * 86_400
Rate = Callable[[int], float]
"""Calls a window at a moment, in seconds since 1970."""
ROUTE = ("/r", "s")


def office(at: int) -> float:
    """Nothing but a few at night and on weekends, a steep morning at a quarter past eight, a lunch break."""
    day, hour = (at - MONDAY) // DAY % 7, at % DAY / HOUR
    if day >= 5 or not 8.25 <= hour < 18:
        return 3.0
    return 25.0 if 12 <= hour < 13 else 60.0


class Watched:
    """One project with one route, watched window by window."""

    def __init__(self, seed: int = 1, start: int = MONDAY) -> None:
        self.dice = np.random.default_rng(seed)
        self.state = State(TABLES)
        self.memories = Memories(self.state)
        self.now = start
        self.routes: dict[RouteKey, RouteState] = {ROUTE: RouteState(start)}

    def window(self, calls: dict[RouteKey, Totals]) -> list[tuple[RouteKey, Alarm]]:
        for key in calls:
            self.routes.setdefault(key, RouteState(self.now))
        for key, state in self.routes.items():
            state.take(self.now, calls.get(key))
        self.now += 10
        return self.memories.look("t/p/e", self.routes.items(), Look(self.now - 10, self.now))

    def run(self, seconds: int, rate: Rate, *, failing: float = 0.0) -> Iterator[tuple[int, RouteKey, Alarm]]:
        """Alarms with the seconds since Monday."""
        count = seconds // 10
        starts = self.now + 10 * np.arange(count)
        drawn = self.dice.poisson([rate(int(at)) for at in starts])
        failed = self.dice.binomial(drawn, failing)
        for calls, bad in zip(drawn.tolist(), failed.tolist(), strict=True):
            totals = Totals(outcomes={"ok": calls - bad, "upstream_error": bad}) if calls else None
            for key, alarm in self.window({ROUTE: totals} if totals else {}):
                yield self.now - MONDAY, key, alarm
