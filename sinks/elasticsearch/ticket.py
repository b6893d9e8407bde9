"""A promise for several documents: kept when the last of them is written or refused."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from processors.runtime.stage import Refusal


class Ticket:
    """Counts the documents of one submission down."""

    __slots__ = ("_left", "refusals", "written")

    def __init__(self, size: int) -> None:
        self._left = size
        self.refusals: list[Refusal] = []
        self.written: asyncio.Future[Sequence[Refusal]] = asyncio.get_running_loop().create_future()
        if not size:
            self.written.set_result(())

    def one_less(self) -> None:
        """One of them is written or refused."""
        self._left -= 1
        if not self._left and not self.written.done():
            self.written.set_result(self.refusals)

    def fail(self, error: Exception) -> None:
        """None of the rest will be."""
        if not self.written.done():
            self.written.set_exception(error)
