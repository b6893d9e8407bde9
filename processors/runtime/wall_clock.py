"""Whether the wall clock was set back: timed waits of librdkafka and of the kernel are until a moment of it."""

from __future__ import annotations

STEP_S = 5.0
"""A time service slews its corrections, or steps by less than this once it runs."""


class WallClock:
    """Compares the wall clock with the monotonic one, look by look; all times in seconds."""

    def __init__(self, now: float, wall: float) -> None:
        self._ahead = wall - now
        self._waits_until = now

    def look(self, now: float, wall: float) -> float:
        """Give the seconds by which the wall clock was set back since the last look, 0 for what is no step."""
        back = self._ahead - (wall - now)
        self._ahead = wall - now
        if back < STEP_S:
            return 0.0
        self._waits_until = max(self._waits_until, now) + back
        return back

    def holds_up(self, now: float) -> bool:
        """Whether a wait that began before the clock was set back may still go on because of that."""
        return now < self._waits_until
