"""How fast the error budget burns, in a long and a short window at a time.

Source: "The Site Reliability Workbook" (O'Reilly 2018), chapter 5, table 5-8: an alert when 2 % of the budget of the
whole period are used up in an hour, 5 % in six, or 10 % in three days, and as fast in the last twelfth of that time,
so that it ends when the trouble ends. Over a phase of P days that is a burn rate of ``share x P / window``: 14.4, 6 and
1 for 30 days. It is never less than 1, which the budget stands until the end of the phase.
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass
from typing import Self

from contracts.agreements import DEFAULT, Limits
from processors.health.chances import chance_share_exceeds

DAY_S = 86_400
SLOTS = 12
"""A window is twelve of its bins; the short window is the last twelfth of the long one."""
WIDTHS = (300, 1_800, 21_600)
"""Bins of an hour, of six hours, and of three days."""
SHARES = (0.02, 0.05, 0.10)
"""Part of the whole budget that a window may use up before it is an alarm."""
SURE = 0.99
"""Posterior at which a burn rate counts as exceeded, in both windows."""
FEW_LONG, FEW_SHORT = 20, 3
"""Failures in the windows below which no budget is judged."""
COVERED = 0.5
"""Part of a long window that must have been seen."""
VERSION = 1
HEAD = struct.Struct("<B4q")
CELLS = struct.Struct(f"<{2 * SLOTS * len(WIDTHS)}I")
LARGEST = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Burn:
    """Multiples of the pace at which the budget just lasts, over ``window_s`` and over its last twelfth.

    ``since`` is where the window begins, or where the calls do, in seconds since 1970.
    """

    window_s: int
    since: int
    calls: int
    failed: int
    long: float
    short: float
    chance: float


class Budget:
    """Calls and failures of the last three days, in rings of ever wider bins."""

    __slots__ = ("_cells", "_newest", "_since")

    def __init__(self) -> None:
        self._since = -1
        self._newest = [-1] * len(WIDTHS)
        self._cells = array("I", bytes(4 * 2 * SLOTS * len(WIDTHS)))

    def take(self, at: int, calls: int, failed: int) -> None:
        """Add the calls of the five minutes that end at ``at`` (seconds since 1970)."""
        if self._since < 0:
            self._since = at - WIDTHS[0]
        for level, width in enumerate(WIDTHS):
            number, newest = (at - 1) // width, self._newest[level]
            for skipped in range(max(newest + 1, number - SLOTS + 1), number + 1):
                place = self._place(level, skipped)
                self._cells[place] = self._cells[place + 1] = 0
            self._newest[level] = max(number, newest)
            place = self._place(level, self._newest[level])
            self._cells[place] = min(LARGEST, self._cells[place] + calls)
            self._cells[place + 1] = min(LARGEST, self._cells[place + 1] + failed)

    def burning(self, at: int, limits: Limits = DEFAULT) -> Burn | None:
        """The fastest window that surely burns too much, None where none does."""
        for level, width in enumerate(WIDTHS):
            window_s = width * SLOTS
            rate = burn_limit(SHARES[level], window_s, limits)
            share = rate * limits.error_budget
            calls, failed = self._last(level, SLOTS)
            if failed < FEW_LONG or failed <= share * calls or share >= 1 or at - self._since < COVERED * window_s:
                continue
            few_calls, few_failed = self._short(level)
            if few_failed < FEW_SHORT or few_failed <= share * few_calls:
                continue
            chance = min(chance_share_exceeds(share, *pair) for pair in ((failed, calls), (few_failed, few_calls)))
            if chance > SURE:
                return Burn(
                    window_s,
                    max(self._since, at - window_s),
                    calls,
                    failed,
                    failed / calls / limits.error_budget,
                    few_failed / few_calls / limits.error_budget,
                    chance,
                )
        return None

    def share(self, level: int = 0) -> tuple[int, int]:
        """Calls and failures of the last hour, six hours or three days."""
        return self._last(level, SLOTS)

    def lately(self) -> list[int]:
        """Calls of each five minutes of the last hour, as far as they are known, oldest first."""
        newest = self._newest[0]
        first = max(newest - SLOTS + 1, -(-self._since // WIDTHS[0]))
        return [self._cells[self._place(0, number)] for number in range(first, newest + 1)] if newest >= 0 else []

    def encode(self) -> bytes:
        """The whole state in 321 bytes; `decode` gives an equal one."""
        return HEAD.pack(VERSION, self._since, *self._newest) + CELLS.pack(*self._cells)

    @classmethod
    def decode(cls, stored: bytes) -> Self:
        """Bring back what `encode` stored; ValueError for anything else."""
        if len(stored) != HEAD.size + CELLS.size or stored[0] != VERSION:
            raise ValueError(f"no budget of version {VERSION}: {len(stored)} bytes beginning {stored[:1]!r}")
        self = cls()
        _, self._since, *self._newest = HEAD.unpack_from(stored)
        self._cells = array("I", CELLS.unpack_from(stored, HEAD.size))
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Budget) and self.encode() == other.encode()

    __hash__ = None  # type: ignore[assignment]  # it changes with every value

    def _short(self, level: int) -> tuple[int, int]:
        """Calls and failures of the last twelfth of a long window, from the finer bins, which are newer."""
        if not level:
            return self._last(0, 1)
        return self._last(level - 1, WIDTHS[level] // WIDTHS[level - 1])

    def _last(self, level: int, bins: int) -> tuple[int, int]:
        """Calls and failures of the newest bins."""
        newest = self._newest[level]
        places = [self._place(level, number) for number in range(newest - bins + 1, newest + 1) if number >= 0]
        return sum(self._cells[place] for place in places), sum(self._cells[place + 1] for place in places)

    @staticmethod
    def _place(level: int, number: int) -> int:
        return 2 * (level * SLOTS + number % SLOTS)


def burn_limit(share: float, window_s: int, limits: Limits) -> float:
    """The burn rate that uses up ``share`` of the phase's budget in a window."""
    return max(1.0, share * limits.phase_days * DAY_S / window_s)
