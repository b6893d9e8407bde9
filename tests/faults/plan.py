"""What is fed in: calls that say run, number and key, with poison and repeats between them; the same for a seed."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from contracts.calls import GatewayCall
from tests.golden.writers import Headers, Writer, plain

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


class Sent(NamedTuple):
    """One record to produce."""

    key: bytes
    value: bytes
    headers: Headers = ()


@dataclass
class Plan:
    """Events of one run; ``run`` is the project they belong to, so their documents have a data stream of their own.

    Each call is written by one of the ``writers``; poison is written by ``refused_writers`` too, where there are any.
    ``shifts`` are spans of seconds by which calls happened earlier or later than their number says, one taken for each.
    """

    run: str
    seed: int
    keys: int = 50
    poison_share: float = 0.01
    repeat_share: float = 0.01
    writers: Sequence[Writer] = (plain,)
    refused_writers: Sequence[Writer] = ()
    shifts: Sequence[tuple[float, float]] = ((0, 0),)
    began: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(minutes=5))
    made: int = 0
    poison: Counter[bytes] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def take(self, count: int) -> Iterator[Sent]:
        """The next records."""
        for _ in range(count):
            draw = self._random.random()
            if draw < self.poison_share:
                sent = self._poison()
                self.poison[sent.value] += 1
                yield sent
            elif draw < self.poison_share + self.repeat_share and self.made:
                yield self._call(self._random.randrange(self.made))
            else:
                yield self._call(self.made)
                self.made += 1

    def special(self, **asked: Any) -> Sent:
        """The next call, with something asked of the counting stage."""
        sent = self._call(self.made)
        self.made += 1
        body = json.loads(sent.value)
        body["attributes"] |= asked
        return sent._replace(value=json.dumps(body).encode())

    def _poison(self) -> Sent:
        if self.refused_writers and self._random.random() < 1 / 2:
            body = self._body(self._random.randrange(10_000), self._random)
            del body["attributes"]
            headers, value = self._random.choice(self.refused_writers)(body, GatewayCall.ce_type)
            return Sent(b"poison", value, headers)
        return Sent(b"poison", self._random.choice(POISON) + b" " * self._random.randrange(3))

    def _call(self, number: int) -> Sent:
        dice = random.Random(f"{self.seed}/{number}")
        key = f"k{dice.randrange(self.keys)}"
        body = self._body(number, dice) | {"attributes": {"run": self.run, "seq": number, "key": key}}
        headers, value = dice.choice(self.writers)(body, GatewayCall.ce_type)
        return Sent(key.encode(), value, headers)

    def _body(self, number: int, dice: random.Random) -> dict[str, Any]:
        status, shift = dice.choice(STATUSES), dice.uniform(*dice.choice(self.shifts))
        return {
            "id": f"{self.run}-{number}",
            "occurred_at": (self.began + timedelta(milliseconds=number, seconds=shift)).isoformat(),
            "project": self.run,
            "request": {"method": "GET", "path": f"/orders/{number}"},
            "response": {"status": status},
            "attributes": {},
        }


def interleaved(sent: Iterable[Sent], dice: random.Random) -> Iterator[Sent]:
    """The same records in another order, in which those of one key keep theirs."""
    waiting: dict[bytes, deque[Sent]] = defaultdict(deque)
    for one in sent:
        waiting[one.key].append(one)
    order = [key for key, ones in waiting.items() for _ in ones]
    dice.shuffle(order)
    for key in order:
        yield waiting[key].popleft()
