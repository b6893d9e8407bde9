"""What an application holds to report feedback, calls and signals, without ever waiting for Kafka.

    with Client("localhost:9092", source="urn:shop:web", spool="/var/spool/shop", project="shop") as client:
        client.feedback("The pay button spins for ever", rating={"scale": "stars", "value": 1})

Each returns the event's id once it is taken. It is sent in the background, over a spool on the disk while Kafka is
away.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

from contracts.calls import GatewayCall
from contracts.feedback import Feedback
from contracts.signals import Signal
from producers.client.outbox import CLOSE_S, Outbox


class Client(Outbox):
    """For threads; what is wrong with an event is raised at once, as `Rejected`."""

    def feedback(self, text: str | Feedback, /, **fields: Any) -> str:
        """Report what somebody said: its text and further fields of `Feedback`, or a whole one."""
        if isinstance(text, Feedback):
            return self._make(Feedback, text, fields)
        return self._make(Feedback, None, {"text": text, **fields})

    def call(self, call: GatewayCall | None = None, /, **fields: Any) -> str:
        """Report one API call: fields of `GatewayCall`, at least ``request`` and ``response``, or a whole one."""
        return self._make(GatewayCall, call, fields)

    def signal(self, signal: str | Signal, /, **fields: Any) -> str:
        """Report what was noticed: its kind and the fields of `Signal` that it needs, or a whole one."""
        if isinstance(signal, Signal):
            return self._make(Signal, signal, fields)
        return self._make(Signal, None, {"kind": signal, **fields})

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Wait until Kafka has confirmed everything, the spool's included; False when it has not in time."""
        return self._settle(timeout_s)

    def close(self, timeout_s: float = CLOSE_S) -> bool:
        """Send what can be sent in time and leave the rest in the spool; False when there is a rest."""
        return self._end(timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(Outbox):
    """For an event loop: nothing blocks it, waiting is done beside it."""

    async def feedback(self, text: str | Feedback, /, **fields: Any) -> str:
        """Report what somebody said, as `Client.feedback`."""
        if isinstance(text, Feedback):
            return self._make(Feedback, text, fields)
        return self._make(Feedback, None, {"text": text, **fields})

    async def call(self, call: GatewayCall | None = None, /, **fields: Any) -> str:
        """Report one API call, as `Client.call`."""
        return self._make(GatewayCall, call, fields)

    async def signal(self, signal: str | Signal, /, **fields: Any) -> str:
        """Report what was noticed, as `Client.signal`."""
        if isinstance(signal, Signal):
            return self._make(Signal, signal, fields)
        return self._make(Signal, None, {"kind": signal, **fields})

    async def flush(self, timeout_s: float = 10.0) -> bool:
        """Wait for Kafka, as `Client.flush`."""
        return await asyncio.to_thread(self._settle, timeout_s)

    async def close(self, timeout_s: float = CLOSE_S) -> bool:
        """End, as `Client.close`."""
        return await asyncio.to_thread(self._end, timeout_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
