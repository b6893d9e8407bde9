"""What time it is for a stage that may be behind: what seems silent or late may only not have been read yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from processors.runtime.records import Record

LATEST_MS = 2**47
"""Times of records beyond, in milliseconds since 1970, are mistakes: the year 6429."""


class ReadingClock:
    """Follows the times Kafka has for the records, until all are read; then the wall clock counts."""

    def __init__(self) -> None:
        self._latest_ms = 0

    def read(self, records: Iterable[Record]) -> None:
        """Note the times of records that were read."""
        self._latest_ms = max([self._latest_ms, *(r.timestamp for r in records if r.timestamp < LATEST_MS)])

    def moment(self, now: datetime, *, behind: bool) -> datetime | None:
        """``now``, or the latest time that was read while there is more to read; None before anything was."""
        if not behind:
            return now
        return min(now, datetime.fromtimestamp(self._latest_ms / 1000, UTC)) if self._latest_ms else None
