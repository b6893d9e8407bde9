"""Whether a route is slower than ever within memory: the novelty ratio of its typical latency, every five minutes.

The typical latency is the geometric mean, which heavy tails hardly move. A record opens a departure, which lasts until
half of it is gone, or for a day: then it is what is usual.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Self

from contracts.windows import LATENCY_RATIO
from processors.health.series.baseline import SeriesBaseline
from processors.health.series.novelty import NOVEL, Novelty

SURE = 0.99
"""Confidence of a record: there are thousands of routes, and each has a value every five minutes."""
SLOWER = math.log(1.3) / math.log(LATENCY_RATIO)
"""Buckets by which it has to be above what is usual; a sure change of less is nobody's trouble."""
FEW = 30
"""Timed calls in five minutes below which there is no typical latency."""
SLOW_AVERAGE = 0.5 ** (1 / 72)
"""What is usual for a route: a half-life of six hours of five-minute values."""
FEWEST = 288.0
"""Values that must have been seen: a day of them, not a day with a few."""
BEYOND = 7.0
"""Times the usual distance from the profile (5.6 standard deviations): few calls make records by chance."""
LASTS_S = 86_400
BACK = 0.5
HEAD = struct.Struct("<4dq2d")


@dataclass(frozen=True, slots=True)
class Slowed:
    """Since when, and the typical latency in milliseconds before and now."""

    since: int
    usual_ms: float
    now_ms: float
    confidence: float


class Slowness:
    """The latency of one route, in histogram buckets: a logarithmic scale."""

    __slots__ = ("_confidence", "_departure", "_latest", "_series", "_since", "_spread", "_usual", "_weight")

    def __init__(self) -> None:
        self._series = SeriesBaseline()
        self._usual = self._weight = self._latest = self._spread = 0.0
        self._since, self._departure, self._confidence = 0, 0.0, 0.0

    def take(self, at: int, timed: int, buckets: int) -> None:
        """Learn five minutes that end at ``at``: calls with a duration, and the sum of their buckets."""
        if timed < FEW:
            self._since = 0
            return
        value = self._latest = buckets / timed
        novelty = self._series.take(at, value)
        off = value - self._usual
        apart = 0.0 if novelty.expected is None else value - novelty.expected
        if self._since:
            if off < BACK * self._departure or at - self._since > LASTS_S:
                self._since = 0
        elif off >= SLOWER and self._is_record(novelty, apart):
            self._since, self._departure, self._confidence = at - 300, off, novelty.confidence
        if not self._since:
            self._weight = self._weight * SLOW_AVERAGE + 1
            self._usual += off / self._weight
            self._spread += (abs(apart) - self._spread) / self._weight

    def _is_record(self, novelty: Novelty, apart: float) -> bool:
        """Whether a value that is ``apart`` from its profile is higher than ever, and no chance of few calls."""
        sure = novelty.score >= NOVEL and novelty.confidence >= SURE and novelty.departure > 0
        return sure and novelty.steps >= FEWEST and 0 < BEYOND * self._spread <= apart

    @property
    def slowed(self) -> Slowed | None:
        """A departure that lasts."""
        if not self._since:
            return None
        usual_ms, now_ms = LATENCY_RATIO**self._usual, LATENCY_RATIO**self._latest
        return Slowed(self._since, usual_ms, now_ms, self._confidence)

    def encode(self) -> bytes:
        """The whole state in 929 bytes; `decode` gives an equal one."""
        departure = self._since, self._departure, self._confidence
        return HEAD.pack(self._usual, self._weight, self._latest, self._spread, *departure) + self._series.encode()

    @classmethod
    def decode(cls, stored: bytes) -> Self:
        """Bring back what `encode` stored; ValueError for anything else."""
        self = cls()
        self._series = SeriesBaseline.decode(stored[HEAD.size :])
        self._usual, self._weight, self._latest, self._spread, *departure = HEAD.unpack_from(stored)
        self._since, self._departure, self._confidence = departure
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slowness) and self.encode() == other.encode()

    __hash__ = None  # type: ignore[assignment]  # it changes with every value
