"""How many records may be at work at a time."""

from __future__ import annotations

import asyncio


class InFlight:
    """Records that were handed on and are not done with: whoever hands on more than ``most`` waits for room.

    It counts records, not the runs that they come in: of a quiet topic these hold one record each, and a few of them
    would fill a count of runs long before the epoch that commits them is over. What is larger than ``most`` passes
    alone.
    """

    def __init__(self, most: int) -> None:
        self._most, self.records = most, 0
        self._left = asyncio.Event()

    async def enter(self, records: int) -> None:
        """Wait for room and take it; one at a time may wait."""
        while self.records and self.records + records > self._most:
            self._left.clear()
            await self._left.wait()
        self.records += records

    def leave(self, records: int) -> None:
        """Make room."""
        self.records -= records
        self._left.set()
