"""Calls of about 600 bytes, as varied as a gateway's: users, routes, agents, outcomes."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime

from confluent_kafka import Producer

AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "okhttp/4.12.0",
)
PATHS = ("/orders/{n}/items", "/products/{n}", "/customers/{n}/addresses/{m}", "/search", "/carts/{n}")


def calls(count: int, seed: int = 1) -> Iterator[bytes]:
    """Encoded calls; ids are unique within the seed."""
    dice = random.Random(seed)
    at = datetime.now(UTC).isoformat()
    for number in range(count):
        path = dice.choice(PATHS).format(n=dice.randrange(100_000), m=dice.randrange(100))
        total = round(dice.lognormvariate(3.5, 0.8), 1)
        yield json.dumps(
            {
                "id": f"{seed}-{number}",
                "occurred_at": at,
                "project": "bench",
                "gateway": {"product": "apinto", "instance": f"node-{number % 3}"},
                "request": {"method": "GET", "path": path, "query": f"page={number % 9}", "host": "gw.example.com"},
                "response": {"status": dice.choice((200, 200, 200, 200, 404, 502)), "bytes": dice.randrange(20_000)},
                "latency": {"total_ms": total, "upstream_ms": round(total * 0.9, 1)},
                "upstream": {"service": "orders", "address": "10.0.3.8:8080"},
                "client": {"ip": f"203.0.113.{number % 256}", "user_agent": AGENTS[number % len(AGENTS)]},
                "user": f"user-{dice.randrange(10_000)}",
                "consumer": "web-shop",
                "trace": {"trace_id": f"{dice.getrandbits(128):032x}"},
            },
            separators=(",", ":"),
        ).encode()


def fill(bootstrap: str, topic: str, count: int, seed: int) -> int:
    """Put calls on a topic; return their mean size in bytes."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 20, "compression.type": "lz4"})
    size = 0
    for number, value in enumerate(calls(count, seed)):
        size += len(value)
        producer.produce(topic, value)
        if number % 500 == 0:
            producer.poll(0)
            while len(producer) > 50_000:
                producer.poll(0.05)
    if producer.flush(60):
        raise SystemExit("the broker did not take the events")
    return size // max(count, 1)
