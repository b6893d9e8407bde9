"""What is remembered of a route for weeks, beside its last minutes: profile of the week, error budget, latency."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from contracts.agreements import DEFAULT, Limits
from processors.health.chances import poisson_score
from processors.health.detect import Alarm
from processors.health.route_state import RECENT, RouteState
from processors.health.usual.budget import CELLS as BUDGET_CELLS
from processors.health.usual.budget import HEAD as BUDGET_HEAD
from processors.health.usual.budget import Budget
from processors.health.usual.profile import CELLS as PROFILE_CELLS
from processors.health.usual.profile import HEAD as PROFILE_HEAD
from processors.health.usual.profile import Expected, Profile
from processors.health.usual.slowness import Slowness

END = struct.Struct("<q")
BUDGET_AT = END.size + PROFILE_HEAD.size + PROFILE_CELLS.size
LATENCY_AT = BUDGET_AT + BUDGET_HEAD.size + BUDGET_CELLS.size
KNOWN = 6
"""Times of five minutes from which it is known whether calls come in bursts."""
LULL = 0.5
"""Part of the most calls lately below which the last minutes may be a drop: as much as a drop is, unless agreed."""


@dataclass(slots=True)
class Memory:
    """Learns every five minutes; 2.1 kB, and 1.2 kB for a project as a whole, which has no latency of its own."""

    profile: Profile = field(default_factory=Profile)
    budget: Budget = field(default_factory=Budget)
    latency: Slowness | None = None
    end: int = 0
    """When it learned last, in seconds since 1970."""
    _fewest: int | None = field(default=None, compare=False)
    """The answer of `_fewest_lately`, for which every window asks; only what is learned changes it."""

    def take(self, state: RouteState, end: int, limits: Limits = DEFAULT) -> None:
        """Learn the last five minutes."""
        self.end, row, self._fewest = end, state.last(RECENT, end), None
        self.profile.take(end, row.calls / RECENT, limits)
        self.budget.take(end, row.calls, row.failed)
        if self.latency is not None:
            self.latency.take(end, row.timed, row.buckets)

    def expected(self, at: float, plain: float, pace: float = 1.0) -> Expected:
        """Usual calls a window, nothing where the series has no habits."""
        if self.profile.erratic:
            return Expected(0.0, float("inf"))
        usual = self.profile.expected(at, plain, pace)
        return usual if usual.rhythm == "week" else replace(usual, steady=self._steady(pace))

    def _steady(self, pace: float) -> float:
        """Calls a window that there are at least, where it goes on like this."""
        if self._fewest is None:
            self._fewest = self._fewest_lately()
        return min(1.0, pace) * self._fewest / RECENT

    def _fewest_lately(self) -> int:
        """The fewest calls in any five minutes of the last hour, but for those of a drop that may be on now.

        What comes in bursts is known by its lulls before. Nothing is steady that was not seen for half an hour.
        """
        known = self.budget.lately()
        if len(known) < KNOWN:
            return 0
        low = LULL * max(known)
        while known and known[-1] < low:
            known.pop()
        return min(known, default=0)

    def standing(self, limits: Limits = DEFAULT) -> Iterator[Alarm]:
        """What the last five minutes showed, which lasts until something newer is learned."""
        burn = self.budget.burning(self.end, limits)
        if burn is not None:
            expected = burn.calls * limits.error_budget
            yield Alarm(
                "burn_rate", "burn_rate", poisson_score(burn.failed, expected), burn.chance, burn.calls, burn.failed,
                expected, since=burn.since,
                numbers={"burn_long": round(burn.long, 2), "burn_short": round(burn.short, 2)},
            )  # fmt: skip
        slowed = self.latency.slowed if self.latency is not None else None
        if slowed is not None:
            yield Alarm(
                "latency_baseline", "latency", slowed.now_ms / slowed.usual_ms, slowed.confidence, 0, 0, 0,
                since=slowed.since,
                numbers={"typical_ms": round(slowed.now_ms, 1), "usual_typical_ms": round(slowed.usual_ms, 1)},
            )  # fmt: skip

    def encode(self) -> bytes:
        """As it is stored."""
        return (
            END.pack(self.end)
            + self.profile.encode()
            + self.budget.encode()
            + (self.latency.encode() if self.latency else b"")
        )

    @classmethod
    def decode(cls, stored: bytes) -> Memory:
        """Read it back; ValueError for anything else."""
        (end,) = END.unpack_from(stored)
        profile, budget, latency = stored[END.size : BUDGET_AT], stored[BUDGET_AT:LATENCY_AT], stored[LATENCY_AT:]
        return cls(Profile.decode(profile), Budget.decode(budget), Slowness.decode(latency) if latency else None, end)
