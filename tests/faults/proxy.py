"""A TCP proxy on loopback that is slow, deaf, or cuts the line; what it does can change at any time."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.faults.background import in_background

CHUNK = 65_536


@dataclass
class Proxy:
    """``reset_replies`` and ``lose_replies`` count down: so many replies are cut short, or never arrive.

    A lost reply was read from the server first, so whatever was asked for has been done. What falls into the black
    hole never arrives, and its connection is cut when the hole closes.
    """

    upstream: tuple[str, int]
    latency_s: float = 0.0
    bytes_per_second: float = 0.0
    black_hole: bool = False
    reset_replies: int = 0
    lose_replies: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self._open: set[asyncio.StreamWriter] = set()
        self._carried: set[asyncio.Task[None]] = set()

    def reset(self) -> None:
        """Cut every connection that there is."""
        for writer in set(self._open):
            self._loop.call_soon_threadsafe(writer.transport.abort)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, ready: threading.Event, over: asyncio.Event) -> None:
        """Listen until ``over``."""
        self._loop = asyncio.get_running_loop()
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.settimeout(0)
            self.port = listening.getsockname()[1]
            self._loop.add_reader(listening, self._accept, listening)
            ready.set()
            await over.wait()
            self._loop.remove_reader(listening)
        for task in self._carried:
            task.cancel()
        await asyncio.gather(*self._carried, return_exceptions=True)
        await asyncio.sleep(0.1)  # what was aborted is closed by the loop

    def _accept(self, listening: socket.socket) -> None:
        """Not ``asyncio.start_server``: until Python 3.12 it forgets sockets it accepts while it is closed."""
        with suppress(BlockingIOError, ConnectionAbortedError):
            client, _ = listening.accept()
            task = asyncio.create_task(self._carry(client))
            self._carried.add(task)
            task.add_done_callback(self._carried.discard)
            task.add_done_callback(lambda _: client.close())  # a task cancelled before it began runs no finally

    async def _carry(self, client: socket.socket) -> None:
        """Carry both ways until one end closes, then close both: at a cancellation too, wherever it falls."""
        ends: set[asyncio.StreamWriter] = set()
        try:
            down, to_client = await asyncio.open_connection(sock=client)
            ends.add(to_client)
            up, to_upstream = await asyncio.open_connection(*self.upstream)
            ends.add(to_upstream)
            self._open |= ends
            async with asyncio.TaskGroup() as both:  # the first that ends ends the other
                both.create_task(self._pump(down, to_upstream, reply=False))
                both.create_task(self._pump(up, to_client, reply=True))
        except* OSError:
            pass
        finally:
            for writer in ends:
                writer.transport.abort()
            self._open -= ends

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, reply: bool) -> None:
        await self._copy(reader, writer, reply=reply)
        raise ConnectionResetError  # so that the other way ends too

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, reply: bool) -> None:
        while data := await reader.read(CHUNK):
            if self.black_hole:
                while self.black_hole:  # noqa: ASYNC110 - set from another thread
                    await asyncio.sleep(0.05)
                return
            if reply and self.lose_replies > 0:
                self.lose_replies -= 1
                return
            if reply and self.reset_replies > 0:
                self.reset_replies -= 1
                writer.write(data[: len(data) // 2])
                await writer.drain()
                return
            if reply and self.latency_s:
                await asyncio.sleep(self.latency_s)
            if self.bytes_per_second:
                await asyncio.sleep(len(data) / self.bytes_per_second)
            writer.write(data)
            await writer.drain()


@contextmanager
def proxy_to(url: str) -> Iterator[Proxy]:
    """Run a proxy in a thread of its own; ``upstream`` may be set later."""
    parts = urlsplit(url)
    made = Proxy((parts.hostname or "127.0.0.1", parts.port or 80))
    with in_background(made):
        yield made
