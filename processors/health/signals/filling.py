"""When a resource will be used up, if it goes on like this: a straight rise over minutes, or a slope over hours."""

from __future__ import annotations

from dataclasses import dataclass, field

from processors.health.series.forecast import Forecast, forecast
from processors.health.series.history import Bins, History
from processors.health.series.rhythm import DAY_S, rhythm
from processors.health.usual.rise import Breach, rise_to
from processors.runtime.tables import TableSpec

MINUTES = 60
LEAST = 0.05
"""Part of a resource by which it has to rise within minutes."""
ROUGH = 0.005
"""Noise of a report at least: many are rounded to whole per cents."""
HOURLY_S = 900
"""Seconds between two forecasts from hours."""
HORIZON_S = 2 * DAY_S
STAYS = frozenset({"disk"})
"""What nobody frees at night: told before a rhythm of days is known, and not damped. A busy morning is no leak."""


@dataclass(slots=True)
class Filling:
    """How much of one resource was used: the last hour by minutes, a day by quarters, two weeks by hours; 2.1 kB."""

    minutes: Bins = field(default_factory=lambda: Bins(60, MINUTES))
    history: History = field(default_factory=History)

    def take(self, at: int, used: float) -> None:
        """One report, in order of time (seconds since 1970)."""
        self.minutes.take(at, used)
        self.history.take(at, used)

    def breach(self, at: int, before: int, limit: float, resource: str) -> Breach | None:
        """When ``limit`` will be reached; asked at each report, ``before`` is the time of the last one."""
        soon = None
        if at // 60 > before // 60:
            _, values = self.minutes.points()
            if len(values) and values[-1] - values.min() >= LEAST:
                usual = rhythm(*self.history.weeks.points())
                soon = rise_to(self.minutes, at, limit, least=LEAST, noise_floor=ROUGH, usual=usual)
        if soon is not None or at // HOURLY_S == before // HOURLY_S:
            return soon
        found = forecast(self.history, at, limit, horizon_s=HORIZON_S)
        if found is None or found.level >= limit:
            return None
        return _steady(found, limit) if resource in STAYS else _damped(found, limit)

    def encode(self) -> bytes:
        """The whole state; `decode` gives an equal one."""
        return self.minutes.encode() + self.history.encode()

    @classmethod
    def decode(cls, stored: bytes) -> Filling:
        """Bring back what `encode` stored; ValueError for anything else."""
        self = cls()
        border = len(self.minutes.encode())
        self.minutes.restore(stored[:border])
        self.history = History.decode(stored[border:])
        return self


def _steady(found: Forecast, limit: float) -> Breach | None:
    """At the pace itself, undamped: who writes to a disk does not stop because it gets full."""
    gap, pace = limit - found.level, found.slope
    breach_s, latest_s = gap / pace.middle, gap / pace.low if pace.low > 0 else None
    if breach_s > HORIZON_S:
        return None
    return Breach(breach_s, gap / pace.high, latest_s, found.level, found.seen_s, found.rhythm_s)


def _damped(found: Forecast, limit: float) -> Breach | None:
    """At a damped pace, and only where the rhythm of days is known."""
    if not found.breach_s or not found.rhythm_s:
        return None
    earliest_s = min(found.earliest_s, (limit - found.level) / found.slope.high)
    return Breach(found.breach_s, earliest_s, found.latest_s, found.level, found.seen_s, found.rhythm_s)


FILLINGS: TableSpec[Filling] = TableSpec("filling", encode=Filling.encode, decode=Filling.decode, capacity=20_000)
