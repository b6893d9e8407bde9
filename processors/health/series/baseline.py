"""How unusual the newest value of a series is, against everything the series did before.

Three residuals are followed, because each sees what the others cannot:

- *profile*: the value minus what this hour of the week had (this hour of the day, until a week was seen);
- *swing*: a fast average minus a slow one, for a change that outlasts single values;
- *drift*: the long average of the distance from the hour of the day, for a departure that lasts.

Each is divided by its own greatest value so far, which decays: the *novelty ratio*. Above 1 the series did something
that it did not do within memory, whatever its scale, unit or noise; so one threshold serves all series. For profile and
swing, up and down are told apart: a series that often jumps up may never have dropped. The greatest of the ratios
counts, and a record mutes those after it that are no stronger.

Everything is online: a result comes from this value and earlier ones. Nothing grows with the length of the series.
"""

from __future__ import annotations

import math
import struct
from array import array
from typing import Self

from processors.health.series.novelty import DRIFT, PROFILE, RECORDS, SWING, USUAL, Novelty, Tuning, confidence

HOUR_S = 3_600
HOURS_OF_DAY = 24
HOURS_OF_WEEK = 7 * HOURS_OF_DAY
EXTENT = 1e30
"""Values further than this from the first one are no measurements, and would not fit a cell of 32 bits."""
CELL_RESOLUTION = 2.0**-22
"""Differences from a cell below this part of it are rounding: cells hold 24 binary digits."""
RESOLUTION = 2.0**-40
"""Differences of averages below this part of them are rounding: those hold 53."""
LARGEST_RATIO = 1e30
"""Bound of a ratio: after a residual next to nothing, what is ordinary would be infinite times as large."""
NEVER_BEFORE = 2.0
"""Ratio of the first departure of what never moved: with nothing to divide by, it counts as twice the greatest."""
VERSION = 1
HEAD = struct.Struct(f"<B8d{len(RECORDS)}d")
CELLS = struct.Struct(f"<{HOURS_OF_DAY + HOURS_OF_WEEK}f")


class SeriesBaseline:
    """The memory of one series: some averages, a profile of the week, and the greatest residuals.

    Values are kept as distances from the first one, so that a large constant costs no precision.
    """

    __slots__ = (
        "_anchor",
        "_at",
        "_day",
        "_drift",
        "_fast",
        "_greatest",
        "_muted",
        "_since",
        "_slow",
        "_steps",
        "_week",
    )

    def __init__(self) -> None:
        self._anchor = math.nan
        self._since = self._at = 0.0
        self._steps = 0.0
        self._fast = self._slow = self._drift = 0.0
        self._muted = 0.0
        self._greatest = [0.0] * len(RECORDS)
        self._day = array("f", [math.nan]) * HOURS_OF_DAY
        self._week = array("f", [math.nan]) * HOURS_OF_WEEK

    def take(self, at: float, value: float, tuning: Tuning = USUAL) -> Novelty:
        """Judge the value at ``at`` (seconds since 1970), then learn it.

        A value that is no finite number changes nothing. Learning goes by the time since the value before: a repeated
        or earlier time moves the records only, and a gap of any length counts as one step.
        """
        if math.isnan(self._anchor) and abs(value) < math.inf:
            self._anchor, self._since, self._at = float(value), float(at), float(at) - tuning.step_s
        distance = value - self._anchor
        if not abs(distance) <= EXTENT:
            return Novelty(steps=self._steps)
        step = min(1.0, max(0.0, at - self._at) / tuning.step_s)
        hour = int(at // HOUR_S) % HOURS_OF_WEEK
        usual, seen = self._usual(hour), self._steps
        self._at = float(at)
        self._steps += step
        off = 0.0 if usual is None else _apart(distance, usual, CELL_RESOLUTION)
        self._learn(distance, hour, step, tuning)
        place, departure, greatest, ratio = self._compare(off, 0.5 ** (step / tuning.greatest))
        return Novelty(
            self._unmuted(ratio, 0.5 ** (step / tuning.mute)),
            ratio,
            RECORDS[place] if ratio else "",
            departure,
            greatest,
            None if usual is None else self._anchor + usual,
            seen,
            confidence(ratio, seen, span_s=at - self._since, tuning=tuning),
        )

    def encode(self) -> bytes:
        """The whole state in 873 bytes; `decode` gives an equal one that goes on in the same way."""
        numbers = (self._anchor, self._since, self._at, self._steps, self._fast, self._slow, self._drift, self._muted)
        return HEAD.pack(VERSION, *numbers, *self._greatest) + CELLS.pack(*self._day, *self._week)

    @classmethod
    def decode(cls, stored: bytes) -> Self:
        """Bring back what `encode` stored; ValueError for anything else."""
        if len(stored) != HEAD.size + CELLS.size or stored[0] != VERSION:
            raise ValueError(f"no series baseline of version {VERSION}: {len(stored)} bytes beginning {stored[:1]!r}")
        self = cls()
        _, self._anchor, self._since, self._at, self._steps, *averages = HEAD.unpack_from(stored)
        self._fast, self._slow, self._drift, self._muted, *self._greatest = averages
        cells = CELLS.unpack_from(stored, HEAD.size)
        self._day, self._week = array("f", cells[:HOURS_OF_DAY]), array("f", cells[HOURS_OF_DAY:])
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SeriesBaseline) and self.encode() == other.encode()

    __hash__ = None  # type: ignore[assignment]  # it changes with every value

    def _usual(self, hour: int) -> float | None:
        """What this hour of the week had, else this hour of the day, as a distance."""
        for cell in (self._week[hour], self._day[hour % HOURS_OF_DAY]):
            if not math.isnan(cell):
                return cell
        return None

    def _learn(self, distance: float, hour: int, step: float, tuning: Tuning) -> None:
        of_day = hour % HOURS_OF_DAY
        cell = self._day[of_day]
        off = 0.0 if math.isnan(cell) else _apart(distance, cell, CELL_RESOLUTION)
        self._drift += (1.0 - 0.5 ** (step / tuning.drift)) * (off - self._drift)
        self._fast += (1.0 - 0.5 ** (step / tuning.fast)) * (distance - self._fast)
        self._slow += (1.0 - 0.5 ** (step / tuning.slow)) * (distance - self._slow)
        _follow(self._day, of_day, distance, 1.0 - 0.5 ** (step / tuning.day))
        _follow(self._week, hour, distance, 1.0 - 0.5 ** (step / tuning.week))

    def _compare(self, off: float, decay: float) -> tuple[int, float, float, float]:
        """Which record is broken most: its place, the residual, the greatest before, their ratio. Keep the records."""
        swing = _apart(self._fast, self._slow, RESOLUTION)
        records = self._greatest = [record * decay for record in self._greatest]
        best = (0, 0.0, 0.0, 0.0)
        for place, residual in ((PROFILE + (off < 0), off), (SWING + (swing < 0), swing), (DRIFT, self._drift)):
            size, before = abs(residual), records[place]
            if size > before:
                records[place] = size
            ratio = min(LARGEST_RATIO, size / before) if before else NEVER_BEFORE if size else 0.0
            if ratio > best[3]:
                best = (place, residual, before, ratio)
        return best

    def _unmuted(self, ratio: float, decay: float) -> float:
        """The ratio, where it is a record and beyond what is muted.

        It is the logarithm of what is muted that halves: one of an eighth beyond is told again 130 steps after a
        record of twice, and 350 steps after one of a million times.
        """
        self._muted *= decay
        if ratio <= 1.0 or (strength := math.log(ratio)) <= self._muted:
            return 0.0
        self._muted = strength
        return ratio


def _apart(one: float, other: float, resolution: float) -> float:
    """The difference, 0 where it is rounding."""
    difference = one - other
    return difference if abs(difference) > resolution * abs(other) else 0.0


def _follow(cells: array[float], number: int, distance: float, rate: float) -> None:
    cell = cells[number]
    cells[number] = distance if math.isnan(cell) else cell + rate * (distance - cell)
