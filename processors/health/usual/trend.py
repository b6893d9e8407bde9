"""Where the latency and the failures of one service are going: minutes for a leak of now, hours for one of days."""

from __future__ import annotations

import math
import struct

import numpy as np

from processors.health.series.baseline import EXTENT
from processors.health.series.forecast import forecast
from processors.health.series.history import Bins, History
from processors.health.series.rhythm import DAY_S, rhythm
from processors.health.usual.rise import Breach, rise_to

HEAD = struct.Struct("<2d")
MINUTES = 60
FEW = 20
"""Calls a minute below which a minute says nothing."""
HALF_LIFE = 0.5 ** (1 / 360)
"""What is usual: six hours of minutes."""
MOVED, MOVED_FAR = 0.15, 0.3
"""Part of the way from the usual to the limit from which a forecast of minutes, or hours, is worth its milliseconds."""
HOURLY_S = 900
"""Seconds between two forecasts from hours."""
QUARTERS = 4
PAST = 12
"""Hours older than a day from which these tell what is usual, so that a leak of a day does not become usual."""


class Trend:
    """One series of a service, by the minute; 2.1 kB."""

    __slots__ = ("_history", "_minutes", "_usual", "_weight")

    def __init__(self) -> None:
        self._minutes = Bins(60, MINUTES)
        self._history = History()
        self._usual = self._weight = 0.0

    @property
    def usual(self) -> float:
        """The slow average, which a leak of minutes hardly moves."""
        return self._usual

    def take(self, at: int, value: float) -> None:
        """Add the minute that ends at ``at`` (seconds since 1970); one that is no measurement is left out."""
        if not abs(value) <= EXTENT:
            return
        self._minutes.take(at - 60, value)
        self._history.take(at - 60, value)
        self._weight = self._weight * HALF_LIFE + 1
        self._usual += (value - self._usual) / self._weight

    def breach(self, now: int, rises_by: float, *, least: float, noise_floor: float) -> Breach | None:
        """When it will be ``rises_by`` above its usual level.

        Asked every minute; a rise over minutes has to be ``least``. None where nothing moved, or nothing is sure.
        """
        times, values = self._minutes.points()
        if len(times) < 2 or times[-1] < now - 120:  # noqa: PLR2004 - two minutes
            return None
        soon = None
        if float(values[-2:].mean()) > self._usual + MOVED * rises_by:
            usual = rhythm(*self._history.weeks.points())
            soon = rise_to(
                self._minutes, now, self._usual + rises_by, least=least, noise_floor=noise_floor, usual=usual
            )
        if soon is not None or now % HOURLY_S:
            return soon
        return self._in_hours(now, rises_by)

    def _in_hours(self, now: int, rises_by: float) -> Breach | None:
        _, recent = self._history.day.points()
        times, values = self._history.weeks.points()
        old = values[times < now - DAY_S]
        usual = float(np.median(old)) if len(old) >= PAST else self._usual
        if (
            not len(recent)
            or float(recent[-QUARTERS:].mean()) <= usual + MOVED_FAR * rises_by
            or self._usual > usual + rises_by
        ):
            return None
        found = forecast(self._history, now, usual + rises_by, horizon_s=DAY_S)
        if found is None or found.breach_s is None or not found.breach_s or not found.rhythm_s:
            return None
        undamped = max(0.0, usual + rises_by - found.level) / found.slope.high
        earliest_s = min(found.earliest_s, undamped)
        return Breach(found.breach_s, earliest_s, found.latest_s, found.level, found.seen_s, found.rhythm_s)

    def encode(self) -> bytes:
        """The whole state; `decode` gives an equal one."""
        return HEAD.pack(self._usual, self._weight) + self._minutes.encode() + self._history.encode()

    @classmethod
    def decode(cls, stored: bytes) -> Trend:
        """Bring back what `encode` stored; ValueError for anything else."""
        self = cls()
        border = HEAD.size + len(self._minutes.encode())
        self._usual, self._weight = HEAD.unpack_from(stored)
        self._minutes.restore(stored[HEAD.size : border])
        self._history = History.decode(stored[border:])
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trend) and self.encode() == other.encode()

    __hash__ = None  # type: ignore[assignment]  # it changes with every value


def share_noise(usual: float, calls: int) -> float:
    """Standard deviation of a failing share of so many calls, by the binomial distribution."""
    share = min(1.0, max(usual, 1 / calls))
    return math.sqrt(share * (1 - share) / calls) if calls else 1.0
