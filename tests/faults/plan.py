"""What is fed in: calls that say run, number and key, with poison and repeats between them; the same for a seed."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

POISON = (
    b"",
    b"not json",
    b'{"id":"x"',
    b"\xff\xfe\x00",
    b'{"id":"x","occurred_at":"2026-06-15T09:00:00","request":{},"response":{"status":200}}',
    b'{"id":"x","request":{},"response":{"status":200}}',
    b"[" * 5_000,
    b'{"id":"\\u0000","occurred_at":"2026-06-15T09:00:00Z","request":{},"response":{"status":200}}',
    b'{"id":"x","occurred_at":"soon","request":{},"response":{"status":1e400}}',
    b"null",
    b"9" * 100_000,
)
STATUSES = (200, 200, 200, 404, 502)


@dataclass
class Plan:
    """Events of one run; ``run`` is the project they belong to, so their documents have a data stream of their own."""

    run: str
    seed: int
    keys: int = 50
    poison_share: float = 0.01
    repeat_share: float = 0.01
    made: int = 0
    poison: Counter[bytes] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._began = datetime.now(UTC) - timedelta(minutes=5)

    def take(self, count: int) -> Iterator[tuple[bytes, bytes]]:
        """The next records, key and value."""
        for _ in range(count):
            draw = self._random.random()
            if draw < self.poison_share:
                value = self._random.choice(POISON) + b" " * self._random.randrange(3)
                self.poison[value] += 1
                yield b"poison", value
            elif draw < self.poison_share + self.repeat_share and self.made:
                yield self._call(self._random.randrange(self.made))
            else:
                yield self._call(self.made)
                self.made += 1

    def special(self, **asked: Any) -> tuple[bytes, bytes]:
        """The next call, with something asked of the counting stage."""
        key, value = self._call(self.made)
        self.made += 1
        body = json.loads(value)
        body["attributes"] |= asked
        return key, json.dumps(body).encode()

    def _call(self, number: int) -> tuple[bytes, bytes]:
        dice = random.Random(f"{self.seed}/{number}")
        key = f"k{dice.randrange(self.keys)}"
        body: dict[str, Any] = {
            "id": f"{self.run}-{number}",
            "occurred_at": (self._began + timedelta(milliseconds=number)).isoformat(),
            "project": self.run,
            "request": {"method": "GET", "path": f"/orders/{number}"},
            "response": {"status": dice.choice(STATUSES)},
            "attributes": {"run": self.run, "seq": number, "key": key},
        }
        return key.encode(), json.dumps(body).encode()
