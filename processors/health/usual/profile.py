"""How many calls each hour of the week usually has; bounded, and learned as the hours pass.

What is expected now is bounded by the two hours whose middles lie around now: a working day that begins at a quarter
past eight is neither a surge at half past eight nor a drop at eight. At a peak the two hours are alike, and the bounds
are narrow. A *level* follows growth within a day, so that a new normal is not reported for a week.
"""

from __future__ import annotations

import math
import struct
from array import array
from dataclasses import dataclass
from typing import Self

from contracts.agreements import DEFAULT, Limits
from contracts.baselines import FIRST_MONDAY
from contracts.windows import WINDOW_S

HOUR_S = 3_600
BIN_S = 300
"""How often a profile learns, in seconds: as often as the last five minutes are new."""
BINS = HOUR_S // BIN_S
DAY, WEEK = 24, 168
LEVEL = 288.0
"""Half-life of the level in bins: a day."""
LEVEL_PRIOR = 36.0
"""The level begins at 1, with the weight of three hours."""
PACE = 2.0
"""Half-life of the pace in bins: what a project does on a holiday is seen within a quarter of an hour."""
AGAIN, ODD = 0.5, 0.1
"""How far an hour moves a cell, and an hour that was mostly out of bounds: a fault must not become usual."""
HABIT = 2_016.0
"""Half-life in bins of how often a series is out of bounds: a week."""
ERRATIC, PATIENCE = 0.1, 500.0
"""A series that is out of bounds in more than a tenth of all bins (in more than four hours of the first two days after
its first week) has no usual hours: a batch that runs when it likes."""
FEW = 20.0
"""Calls a bin below which being out of bounds says nothing."""
VERSION = 1
HEAD = struct.Struct("<B3q9d")
CELLS = struct.Struct(f"<{DAY + WEEK}f")


@dataclass(frozen=True, slots=True)
class Expected:
    """Calls a window that are usual now, between ``low`` and ``high``.

    ``rhythm`` is what is known of it: a ``week``, a ``day``, or nothing, and then it is the mean of the last half hour.
    ``steady`` is what it did not fall below lately, which a drop has to: a burst that ends is none.
    """

    low: float
    high: float
    rhythm: str = ""
    steady: float = math.inf


class Profile:
    """Cells hold calls a window, not a number where the hour was never seen."""

    __slots__ = (
        "_beyond", "_count", "_day", "_hour", "_judged", "_level_expected", "_level_seen", "_level_weight", "_odd",
        "_pace_expected", "_pace_seen", "_since", "_sum", "_week",
    )  # fmt: skip

    def __init__(self) -> None:
        self._since = self._hour = -1
        self._count = 0
        self._sum = self._odd = 0.0
        self._level_seen = self._level_expected = self._level_weight = 0.0
        self._pace_seen = self._pace_expected = 0.0
        self._judged = self._beyond = 0.0
        self._day = array("f", [math.nan]) * DAY
        self._week = array("f", [math.nan]) * WEEK

    @property
    def erratic(self) -> bool:
        """Whether it is out of bounds so often that this says nothing."""
        return self._beyond > ERRATIC * (self._judged + PATIENCE)

    @property
    def pace(self) -> float:
        """Calls of the last minutes as a multiple of the profile's; 1 where nothing is known."""
        return self._pace_seen / self._pace_expected if self._pace_expected > 0 else 1.0

    def expected(self, at: float, plain: float, pace: float = 1.0) -> Expected:
        """Usual calls a window at ``at`` (seconds since 1970).

        ``plain`` is the mean of the last half hour, which bounds what only a day has taught: it may be a Saturday.
        ``pace`` is that of the whole project: on a holiday no route has its usual calls.
        """
        found = self._around(at)
        if found is None:
            return Expected(plain, plain)
        low, high, rhythm = found
        level = self._level()
        low, high = low * level * min(1.0, pace), high * level * max(1.0, pace)
        if rhythm == "week":
            return Expected(low, high, rhythm)
        return Expected(min(low, plain), max(high, plain), rhythm)

    def take(self, at: float, calls: float, limits: Limits = DEFAULT) -> None:
        """Learn the mean of calls a window in the five minutes that end at ``at``."""
        middle = at - BIN_S / 2
        hour = int(middle // HOUR_S)
        if self._since < 0:
            self._since = hour
        if hour != self._hour:
            self._fold()
            self._hour, self._count, self._sum, self._odd = hour, 0, 0.0, 0.0
        self._count += 1
        self._sum += calls
        self._weigh(middle, calls, limits)

    def encode(self) -> bytes:
        """The whole state in 865 bytes; `decode` gives an equal one that goes on in the same way."""
        numbers = (
            self._sum, self._odd, self._level_seen, self._level_expected, self._level_weight,
            self._pace_seen, self._pace_expected, self._judged, self._beyond,
        )  # fmt: skip
        head = HEAD.pack(VERSION, self._since, self._hour, self._count, *numbers)
        return head + CELLS.pack(*self._day, *self._week)

    @classmethod
    def decode(cls, stored: bytes) -> Self:
        """Bring back what `encode` stored; ValueError for anything else."""
        if len(stored) != HEAD.size + CELLS.size or stored[0] != VERSION:
            raise ValueError(f"no profile of version {VERSION}: {len(stored)} bytes beginning {stored[:1]!r}")
        self = cls()
        _, self._since, self._hour, self._count, *numbers = HEAD.unpack_from(stored)
        self._sum, self._odd, self._level_seen, self._level_expected, self._level_weight, *rest = numbers
        self._pace_seen, self._pace_expected, self._judged, self._beyond = rest
        cells = CELLS.unpack_from(stored, HEAD.size)
        self._day, self._week = array("f", cells[:DAY]), array("f", cells[DAY:])
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Profile) and self.encode() == other.encode()

    __hash__ = None  # type: ignore[assignment]  # it changes with every value

    def hours(self) -> list[float | None]:
        """Calls a window by hour of the week, from Monday midnight UTC; None for an hour that was never seen."""
        shifted = [self._week[(hour + FIRST_MONDAY) % WEEK] for hour in range(WEEK)]
        return [None if math.isnan(cell) else cell for cell in shifted]

    def _around(self, at: float) -> tuple[float, float, str] | None:
        """The lesser and the greater of the two hours around a moment, and whether they are of a week or a day.

        One week may have had a fault at this hour: what the day has then is not too much either.
        """
        first = int((at - HOUR_S / 2) // HOUR_S)
        for cells, size, rhythm in ((self._week, WEEK, "week"), (self._day, DAY, "day")):
            one, other = cells[first % size], cells[(first + 1) % size]
            if math.isnan(one + other) or first - self._since < size:
                continue
            low, high = (one, other) if one < other else (other, one)
            aside = (high - low) / (2 * BINS)  # a bin may lie in two hours, up to its half
            low, high = max(0.0, low - aside), high + aside
            if rhythm == "week" and first - self._since < 2 * size:
                high = max(high, self._day[first % DAY], self._day[(first + 1) % DAY])
            return low, high, rhythm
        return None

    def _level(self) -> float:
        if not self._level_weight or not self._level_expected:
            return 1.0
        prior = LEVEL_PRIOR * self._level_expected / self._level_weight
        return (self._level_seen + prior) / (self._level_expected + prior)

    def _weigh(self, middle: float, calls: float, limits: Limits) -> None:
        """Follow the pace; and, where the week is known, the level, and how often it is out of bounds."""
        found = self._around(middle)
        if found is None:
            return
        low, high, rhythm = found
        level, usual = self._level(), (low + high) / 2
        decay, pace, habit = 0.5 ** (1 / LEVEL), 0.5 ** (1 / PACE), 0.5 ** (1 / HABIT)
        self._pace_seen = self._pace_seen * pace + calls
        self._pace_expected = self._pace_expected * pace + usual * level
        judged = max(high * level, calls) * BIN_S / WINDOW_S >= FEW
        odd = judged and not limits.drop * low * level <= calls <= limits.surge * high * level
        self._odd += odd
        if rhythm == "week":
            self._level_seen = self._level_seen * decay + calls
            self._level_expected = self._level_expected * decay + usual
            self._level_weight = self._level_weight * decay + 1
            self._judged = self._judged * habit + judged
            self._beyond = self._beyond * habit + odd

    def _fold(self) -> None:
        """Take the hour that is over into its cells, if at least half of it was seen."""
        if 2 * self._count < BINS:
            return
        mean, odd = self._sum / self._count, 2 * self._odd > self._count
        day, week = self._hour % DAY, self._hour % WEEK
        if math.isnan(self._week[week]):
            self._week[week] = mean
        else:
            self._week[week] += (ODD if odd else AGAIN) * (mean - self._week[week])
        if math.isnan(self._day[day]):
            self._day[day] = mean
        else:
            self._day[day] += (ODD if odd else AGAIN) * (mean - self._day[day])
