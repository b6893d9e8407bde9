"""A steady rise over the last minutes, and when it reaches a limit if it goes on, damped.

For what is slower, `processors.health.series.forecast` looks at hours; this looks at single minutes, because a leak of
half an hour hurts in ten. A step is no rise: a straight line through it leaves a quarter of the variance over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from processors.health.series.history import Bins
from processors.health.series.rhythm import Rhythm
from processors.health.series.slope import INTERVAL_Z, MAD_TO_SD, MOST_ALIKE, Numbers

LENGTHS = (5, 6, 8, 10, 15, 20, 30, 45)
"""Minutes in which a rise is looked for."""
SURE_Z = 6.0
"""Standard errors, by the noise before it: chance 1e-9, for thousands of series in thousands of minutes."""
STRAIGHT = 0.85
"""Part of the variance that a straight line has to explain; of a step it explains at most three quarters."""
BEFORE = 15
"""Minutes before the rise that are needed to know the noise."""


@dataclass(frozen=True, slots=True)
class Breach:
    """Seconds from now until the limit: at a damped pace; at the steepest one, undamped; at the gentlest, damped.

    ``latest_s`` is None for maybe never.
    ``level`` is the series now, without its noise; ``seen_s`` is how long the rise was seen, ``rhythm_s`` which rhythm
    was taken off.
    """

    breach_s: float
    earliest_s: float
    latest_s: float | None
    level: float
    seen_s: float
    rhythm_s: int

    @property
    def numbers(self) -> dict[str, float]:
        """As evidence has it, in whole seconds."""
        ahead: dict[str, float] = {"breach_s": round(self.breach_s), "earliest_s": round(self.earliest_s)}
        return ahead if self.latest_s is None else {**ahead, "latest_s": round(self.latest_s)}


def rise_to(
    minutes: Bins, now: float, limit: float, *, least: float, noise_floor: float, usual: Rhythm
) -> Breach | None:
    """When a rise of at least ``least`` reaches ``limit``; None where there is none, or it will not get there."""
    times, values = minutes.points()
    values = values - usual.at(times) + float(usual.at(np.array([now]))[0])
    best: tuple[float, Breach] | None = None
    for length in LENGTHS:
        if len(times) < length + BEFORE:
            break
        found = _rise(times[-length:], values[-length:], _noise(values[:-length], noise_floor), least)
        if found is not None and (best is None or found.z > best[0]):
            breach = _breach(found, limit, length * minutes.width_s, usual.period_s)
            if breach is not None:
                best = found.z, breach
    return best[1] if best else None


@dataclass(frozen=True, slots=True)
class _Rise:
    """How sure a rise is, its pace per second, where it has got to, and how far both may be off."""

    z: float
    pace: float
    pace_aside: float
    level: float
    level_aside: float


def _noise(values: Numbers, floor: float) -> float:
    """Standard deviation that a minute has, as far as means are concerned: more where neighbours follow each other."""
    rest = values - np.median(values)
    around = MAD_TO_SD * float(np.median(np.abs(rest)))
    step = MAD_TO_SD * float(np.median(np.abs(np.diff(values)))) / math.sqrt(2)
    power = float(rest @ rest)
    alike = min(MOST_ALIKE, max(0.0, float(rest[1:] @ rest[:-1]) / power)) if power else 0.0
    return max(floor, around, step) * math.sqrt((1 + alike) / (1 - alike))


def _rise(times: Numbers, values: Numbers, noise: float, least: float) -> _Rise | None:
    around = times - times.mean()
    spread = float(around @ around)
    pace = float(around @ values) / spread
    rest = values - values.mean() - pace * around
    whole = float(((values - values.mean()) ** 2).sum())
    if pace * float(times[-1] - times[0]) < least or float(rest @ rest) > (1 - STRAIGHT) * whole:
        return None
    noise = max(noise, math.sqrt(float(rest @ rest) / (len(times) - 2)))
    error = noise / math.sqrt(spread)
    if pace < SURE_Z * error:
        return None
    level, aside = float(values.mean() + pace * around[-1]), math.hypot(noise / len(times) ** 0.5, error * around[-1])
    return _Rise(pace / error, pace, INTERVAL_Z * error, level, INTERVAL_Z * aside)


def _breach(rise: _Rise, limit: float, seen_s: float, rhythm_s: int) -> Breach | None:
    def reached(slope: float, gap: float) -> float | None:
        """Solve gap = slope τ (1 - exp(-h / τ)) for h (Gardner and McKenzie 1985, see `series.forecast`)."""
        part = gap / (slope * seen_s) if slope > 0 else math.inf
        return -seen_s * math.log1p(-part) if part < 1 else None

    gap = limit - rise.level
    middle = reached(rise.pace, gap) if gap > 0 else None
    if middle is None:
        return None
    earliest = max(0.0, gap - rise.level_aside) / (rise.pace + rise.pace_aside)
    latest = reached(rise.pace - rise.pace_aside, gap + rise.level_aside)
    return Breach(middle, earliest, latest, rise.level, seen_s, rhythm_s)
