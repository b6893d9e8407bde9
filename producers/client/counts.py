"""What became of what an application handed over."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Counts:
    """Events so far, in this process; what is ``waiting`` is in memory or in the spool.

    ``sent`` are confirmed by Kafka. ``spooled`` went to the disk first, most of them are sent later. ``dropped`` are
    lost, ``refused`` were never taken, both by reason. ``failed`` are callables given to a middleware that raised.
    """

    sent: int = 0
    spooled: int = 0
    waiting: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)


class Tally:
    """Counts that several threads add to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent = 0
        self._spooled = 0
        self._dropped: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()

    def sent(self, count: int) -> None:
        """Kafka has confirmed them."""
        with self._lock:
            self._sent += count

    def spooled(self, count: int = 1) -> None:
        """They are on the disk."""
        with self._lock:
            self._spooled += count

    def dropped(self, reason: str, count: int = 1) -> None:
        """They are lost."""
        with self._lock:
            self._dropped[reason] += count

    def refused(self, reason: str) -> None:
        """One was not taken."""
        with self._lock:
            self._refused[reason] += 1

    def failed(self, what: str) -> None:
        """A callable of the application raised, or something is tried again."""
        with self._lock:
            self._failed[what] += 1

    def seen(self, waiting: int) -> Counts:
        """Say how it stands."""
        with self._lock:
            return Counts(
                self._sent, self._spooled, waiting, dict(self._dropped), dict(self._refused), dict(self._failed)
            )
