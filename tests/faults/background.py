"""Servers of a test, each in a thread and an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Server(Protocol):
    """What listens until it is told to stop."""

    async def serve(self, ready: threading.Event, over: asyncio.Event) -> None:
        """Set ``ready`` when it listens, return after ``over``."""


@contextmanager
def in_background(server: Server) -> Iterator[None]:
    """Run a server until the block ends, and everything it began with it."""
    ready = threading.Event()
    found: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def work() -> None:
        over = asyncio.Event()
        found.append((asyncio.get_running_loop(), over))
        await server.serve(ready, over)

    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    assert ready.wait(10)
    try:
        yield
    finally:
        loop, over = found[0]
        loop.call_soon_threadsafe(over.set)
        thread.join(30)
