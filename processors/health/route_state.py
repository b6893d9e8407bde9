"""What is remembered of one route at one upstream: the last minutes as they were, and what is usual."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import mul

import orjson

from contracts.agreements import DEFAULT, Limits
from contracts.windows import LATENCY_RATIO, WINDOW_S
from processors.health.quantiles import bucket_at, middle_ms
from processors.health.totals import Totals

LOG_RATIO = math.log(LATENCY_RATIO)
RECENT = 30
"""Windows kept as they were: five minutes, the longest a detector looks back."""
USUAL_S = 6 * 3_600
"""Half-life of what is usual, in seconds: a fault of some minutes hardly moves it, a new release does within a day."""
RATE_S = 1_800
"""Half-life of the usual rate: it has to follow the rhythm of the day."""
COARSE = 4
"""Fine latency buckets in one of the usual histogram: 8 % wide, at most some hundred of them."""
WARM_S = 600
WARM_CALLS = 200
"""What is called usual must have been seen for ten minutes and in 200 calls."""
SLOW_PART, SLOW_WEIGHT = 0.1, 0.05
"""Latencies of a window with more slow calls than this part count so little for what is usual: a fault must not become
usual while it lasts, a new normal may within days."""
SLOW = 1.5
"""A call is slow when it takes so many times the usual 95th percentile."""


@dataclass(slots=True)
class Row:
    """One window of a route.

    ``slow`` calls are so against what is usual, ``over`` is how many took longer than the agreed limit; ``buckets`` is
    the sum of their histogram buckets, which is their latency on a logarithmic scale.
    """

    start: int
    calls: int = 0
    failed: int = 0
    timed: int = 0
    slow: int = 0
    over: int = 0
    buckets: int = 0


@dataclass(slots=True)
class RouteState:
    """Sums decay by half every `USUAL_S`, those of the rate every `RATE_S`."""

    since: int
    recent: list[Row] = field(default_factory=list)
    calls: float = 0.0
    failed: float = 0.0
    rate_calls: float = 0.0
    rate_windows: float = 0.0
    latency: dict[int, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Usual calls a window."""
        return self.rate_calls / self.rate_windows if self.rate_windows else 0.0

    @property
    def newest(self) -> Row | None:
        """The last window taken in."""
        return self.recent[-1] if self.recent else None

    @property
    def until(self) -> int:
        """End of the last window taken in, in seconds since 1970."""
        return self.recent[-1].start + WINDOW_S if self.recent else self.since

    @property
    def warm(self) -> bool:
        """Whether enough was seen to call anything usual."""
        return self.until - self.since >= WARM_S and self.calls >= WARM_CALLS

    def usual_p95_ms(self) -> float | None:
        """The 95th percentile of usual latencies."""
        bucket = bucket_at(self.latency, 0.95)
        return None if bucket is None else middle_ms(bucket * COARSE)

    def take(self, start: int, totals: Totals | None, limits: Limits = DEFAULT) -> None:
        """Take one window in, in the order of time; None is a window without calls."""
        if self.recent and start <= self.recent[-1].start:
            return
        silent = (start - self.until) // WINDOW_S if self.recent else 0
        self._age(silent + 1)
        first = start - min(silent, RECENT) * WINDOW_S
        self.recent += [Row(missing) for missing in range(first, start, WINDOW_S)]
        row = Row(start)
        if totals is not None:
            row.calls, row.failed, row.timed = totals.calls, totals.failed, totals.timed
            row.slow = self._slow(totals.latency)
            over = math.log(limits.slow_ms) / LOG_RATIO
            if totals.latency and max(totals.latency) > over:
                row.over = sum(count for bucket, count in totals.latency.items() if bucket > over)
            row.buckets = sum(map(mul, totals.latency, totals.latency.values()))
            self._learn(row, totals.latency)
        self.recent.append(row)
        del self.recent[:-RECENT]

    def rows(self, windows: int, end: int) -> list[Row]:
        """The last windows that begin before ``end``, as far as they are known; none is missing between them."""
        if not self.recent:
            return []
        until = -((self.recent[0].start - end) // WINDOW_S)
        return self.recent[max(0, until - windows) : max(0, until)]

    def last(self, windows: int, end: int) -> Row:
        """The sum of the last windows that begin before ``end``."""
        total = Row(end - windows * WINDOW_S)
        for row in self.rows(windows, end):
            total.calls += row.calls
            total.failed += row.failed
            total.timed += row.timed
            total.slow += row.slow
            total.over += row.over
            total.buckets += row.buckets
        return total

    def _slow(self, latency: Mapping[int, int]) -> int:
        usual = bucket_at(self.latency, 0.95) if self.warm else None
        if usual is None:
            return 0
        limit = usual * COARSE + math.log(SLOW) / LOG_RATIO
        return sum(count for bucket, count in latency.items() if bucket > limit)

    def _age(self, windows: int) -> None:
        usual, rate = 0.5 ** (windows * WINDOW_S / USUAL_S), 0.5 ** (windows * WINDOW_S / RATE_S)
        self.calls *= usual
        self.failed *= usual
        self.rate_calls *= rate
        self.rate_windows = self.rate_windows * rate + (1 - rate) / (1 - 0.5 ** (WINDOW_S / RATE_S))
        if self.latency:
            self.latency = {bucket: n for bucket, weight in self.latency.items() if (n := weight * usual) > 0.01}  # noqa: PLR2004 - a hundredth of a call

    def _learn(self, row: Row, latency: Mapping[int, int]) -> None:
        self.calls += row.calls
        self.failed += row.failed
        self.rate_calls += row.calls
        weight = SLOW_WEIGHT if row.slow > SLOW_PART * row.timed else 1.0
        for bucket, count in latency.items():
            coarse = round(bucket / COARSE)
            self.latency[coarse] = self.latency.get(coarse, 0.0) + weight * count

    def encode(self) -> bytes:
        """As it is stored."""
        rows = [[r.start, r.calls, r.failed, r.timed, r.slow, r.over, r.buckets] for r in self.recent]
        rate = self.rate_calls, self.rate_windows
        said = [self.since, rows, self.calls, self.failed, *rate, list(self.latency.items())]
        return orjson.dumps(said)

    @classmethod
    def decode(cls, value: bytes) -> RouteState:
        """Read it back."""
        since, rows, calls, failed, rate_calls, rate_windows, latency = orjson.loads(value)
        recent = [Row(*row) for row in rows]
        return cls(since, recent, calls, failed, rate_calls, rate_windows, dict(latency))
