"""A TCP proxy on loopback that is slow, deaf, or cuts the line; what it does can change at any time."""

from __future__ import annotations

import asyncio
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
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._loop = asyncio.get_running_loop()
        ready.set()
        await over.wait()
        server.close()
        connections = asyncio.all_tasks() - {asyncio.current_task()}
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await asyncio.sleep(0.1)  # what was aborted is closed by the loop

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection(*self.upstream)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, up_writer}
        pumps = [
            asyncio.create_task(self._pump(reader, up_writer, reply=False)),
            asyncio.create_task(self._pump(up_reader, writer, reply=True)),
        ]
        with suppress(asyncio.CancelledError):  # the proxy ends
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        up_writer.transport.abort()
        writer.transport.abort()
        self._open -= {writer, up_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, reply: bool) -> None:
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
