"""What the middleware costs a request: `python -m tests.unit.producers.client.overhead`.

The same small FastAPI application with and without it, in turns, no server and no network in between; the client's
thread sends to librdkafka's broker mock in the same process, so that what it takes counts, too.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from statistics import median
from typing import Any

from fastapi import FastAPI

from contracts.topics import GATEWAY
from hypercare.engines.mock_broker import MockBroker
from producers.client import CallsMiddleware, Client

REQUESTS, ROUNDS = 2_000, 9


def application() -> FastAPI:
    app = FastAPI()

    @app.get("/orders/{number}")
    async def order(number: int) -> dict[str, int]:
        return {"number": number}

    return app


async def took_us(app: Any) -> float:
    """Microseconds a request."""
    headers = [(b"host", b"shop.example.com"), (b"user-agent", b"shop/1.0")]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Any) -> None:
        pass

    began = time.perf_counter()
    for _ in range(REQUESTS):
        await app(
            {
                "type": "http",
                "method": "GET",
                "path": "/orders/42",
                "raw_path": b"/orders/42",
                "query_string": b"",
                "headers": headers,
                "scheme": "http",
                "root_path": "",
            },
            receive,
            send,
        )
    return (time.perf_counter() - began) / REQUESTS * 1e6


def main() -> None:
    plain = application()
    with MockBroker() as broker, tempfile.TemporaryDirectory() as spool:
        broker.create([GATEWAY.name])
        with Client(broker.bootstrap, source="urn:shop:web", spool=spool) as client:
            watched = CallsMiddleware(application(), client=client)
            pairs: list[tuple[float, float]] = []
            for _ in range(ROUNDS):
                pairs.append((asyncio.run(took_us(plain)), asyncio.run(took_us(watched))))
                client.flush(20)
            ratios = sorted(after / before for before, after in pairs)
            sys.stdout.write(
                f"{median(b for b, _ in pairs):.0f} µs without, {median(a for _, a in pairs):.0f} µs with; ratio "
                f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) over {ROUNDS} rounds; {client.counts}\n"
            )


if __name__ == "__main__":
    main()
