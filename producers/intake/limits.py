"""How much the intake takes at once, from one request and from one key."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1_048_576


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    body_bytes: int = 8 * MIB
    """As sent; a batch of 10,000 calls is about 6 MiB."""
    unpacked_bytes: int = 32 * MIB
    """After gzip, which makes logs about a tenth as large; more than this is taken for a bomb."""
    items: int = 10_000
    reading_bytes: int = 64 * MIB
    """Of all requests that are being read or worked on at the same time; their events take about four times as much."""
    header_s: float = 10.0
    """From the first byte of a connection, or the end of an answer, to the end of the next header."""
    body_s: float = 30.0
    """From the header to the end of the body; slower than 270 kB/s is too slow for the largest body."""
    answer_s: float = 9.0
    """For Kafka to have everything. Help desks and gateways give up after ten seconds; ours is the clearer answer."""
    connections: int = 1_000
    retry_after_s: float = 5.0


class TokenBucket:
    """``rate`` events a second, ``burst`` at once; a request of more than the burst empties it and waits after."""

    __slots__ = ("_burst", "_left", "_rate", "_then")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._then = now

    def take(self, count: int, now: float) -> float:
        """Take ``count`` and return 0, or leave all and return the seconds until it may be asked again.

        Debt is allowed once something is there, so that a batch above the burst is not refused for ever.
        """
        self._left = min(self._burst, self._left + (now - self._then) * self._rate)
        self._then = now
        needed = min(count, self._burst)
        if self._left >= needed:
            self._left -= count
            return 0.0
        return (needed - self._left) / self._rate


class ReadingRoom:
    """Bytes of all requests that are being read or worked on; bounded, so that a flood costs no memory."""

    __slots__ = ("_most", "taken")

    def __init__(self, most: int) -> None:
        self._most = most
        self.taken = 0

    def enter(self, size: int) -> bool:
        """Take room for ``size`` bytes, or none."""
        if self.taken + size > self._most:
            return False
        self.taken += size
        return True

    def leave(self, size: int) -> None:
        """Give room back."""
        self.taken -= size
