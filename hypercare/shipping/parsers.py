"""Where blocks are read: here, or in processes of their own when one core is not enough."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime
from multiprocessing.connection import wait
from typing import Protocol

from producers.ship.block import Block
from producers.ship.parse import Owner, Parsed, parse_block

AHEAD = 2
"""Blocks a process has waiting, so that it never waits for the next one."""
Read = tuple[Block, Parsed]


class Parser(Protocol):
    """Takes blocks, and gives back what is in them in the same order."""

    def full(self) -> bool:
        """Whether it has enough to do."""
        ...

    def take(self, block: Block, adapter: str) -> None:
        """Read a block."""
        ...

    def give(self) -> Read | None:
        """The first one that was read, if it is done."""
        ...

    def forget(self) -> None:
        """Drop what was taken and not given back: it is read again."""
        ...

    def close(self) -> None:
        """Let go of processes."""
        ...


class HereParser:
    """Reads in this process, when asked for the result."""

    def __init__(self, owner: Owner, origin: str, clock: Callable[[], datetime]) -> None:
        self._owner, self._origin, self._clock = owner, origin, clock
        self._waiting: deque[tuple[Block, str]] = deque()

    def full(self) -> bool:
        """One at a time."""
        return bool(self._waiting)

    def take(self, block: Block, adapter: str) -> None:
        """Keep it until it is asked for."""
        self._waiting.append((block, adapter))

    def give(self) -> Read | None:
        """Read it."""
        if not self._waiting:
            return None
        block, adapter = self._waiting.popleft()
        return block, parse_block(block, self._owner, adapter, self._origin, self._clock())

    def forget(self) -> None:
        """Drop what waits."""
        self._waiting.clear()

    def close(self) -> None:
        """Nothing is held."""


class PoolParser:
    """Reads in several processes; they end with this one, however it ends."""

    def __init__(self, owner: Owner, origin: str, clock: Callable[[], datetime], workers: int) -> None:
        self._owner, self._origin, self._clock = owner, origin, clock
        self._most = workers * AHEAD
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent)
        self._under_way: deque[tuple[Block, Future[Parsed]]] = deque()

    def full(self) -> bool:
        """So many are waiting that no process runs dry."""
        return len(self._under_way) >= self._most

    def take(self, block: Block, adapter: str) -> None:
        """Hand it to a process."""
        work = self._pool.submit(parse_block, block, self._owner, adapter, self._origin, self._clock())
        self._under_way.append((block, work))

    def give(self) -> Read | None:
        """The first one, waited for when no more can be taken."""
        if not self._under_way or not (self.full() or self._under_way[0][1].done()):
            return None
        block, work = self._under_way.popleft()
        return block, work.result()

    def forget(self) -> None:
        """Drop what is under way."""
        self._under_way.clear()

    def close(self) -> None:
        """End the processes; what they were reading is read again the next time."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _end_with_parent() -> None:
    """A signal at the terminal is the parent's to handle; and a parent that was killed ends us too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(sentinel: int) -> None:
    wait([sentinel])
    os._exit(0)
