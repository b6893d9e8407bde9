"""An intake in memory, with keys, and requests to it through the application."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
from pydantic import SecretStr

from producers.intake.app import create_app
from producers.intake.intake import Intake
from producers.intake.keys import Key, Ring, hashed
from producers.intake.limits import Limits
from producers.intake.messages import MemoryOutlet

NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
SECRET = b"0" * 32
TOKEN = "abcdefgh" + "a" * 24
SIGNED, SIGNING = "sssssss2", "an example of a secret"
ALL = ("feedback", "calls", "signals")


def key(purposes: tuple[str, ...] = ALL, *, token: str = TOKEN, **changes: Any) -> Key:
    said: dict[str, Any] = {
        "id": token[:8],
        "tenant": "acme",
        "project": "shop",
        "purposes": frozenset(purposes),
        "created_at": NOW,
        "token_sha256": hashed(token),
    }
    return Key.model_validate({**said, **changes})


def signed_key(purpose: str, secret: str = SIGNING) -> Key:
    return key((purpose,), token=SIGNED, token_sha256="", signing_secret=SecretStr(secret))


class Desk:
    """``now`` and ``clock`` can be moved, ``keys`` changed."""

    def __init__(self, *keys: Key, limits: Limits | None = None, cors: tuple[str, ...] = ()) -> None:
        self.keys = list(keys or [key()])
        self.now = NOW
        self.clock = 100.0
        self.outlet = MemoryOutlet()
        self.intake = Intake(
            outlet=self.outlet,
            ring=lambda: Ring({one.id: one for one in self.keys}),
            secret=SECRET,
            now=lambda: self.now,
            clock=lambda: self.clock,
            limits=limits,
        )
        self.app = create_app(self.intake, cors=cors)

    def send(
        self,
        path: str,
        content: Any,
        *,
        token: str | None = TOKEN,
        kind: str | None = "application/json",
        method: str = "POST",
        **headers: str,
    ) -> httpx.Response:
        """One request; anything but bytes is sent as JSON."""
        said = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
        if token is not None:
            said[b"Authorization"] = f"Bearer {token}".encode()
        if kind is not None:
            said[b"Content-Type"] = kind.encode()
        body = content if isinstance(content, bytes) else orjson.dumps(content)
        return self.run(lambda client: client.request(method, path, content=body, headers=said))

    def run(self, use: Callable[[httpx.AsyncClient], Coroutine[Any, Any, httpx.Response]]) -> httpx.Response:
        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://intake.example.com") as client:
                return await use(client)

        return asyncio.run(sent())

    def emptied(self) -> Desk:
        """The same desk, which takes time to build, as if nothing had been sent."""
        self.outlet.messages.clear()
        self.clock += 10_000.0
        return self

    def values(self) -> list[dict[str, Any]]:
        """What was written, as JSON."""
        return [orjson.loads(message.value) for message in self.outlet.messages]
