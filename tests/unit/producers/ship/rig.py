"""A shipper on files in a folder, with a broker in memory and a clock that moves when nothing happens."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from contracts.dead_letters import Headers
from hypercare.shipping.parsers import HereParser
from hypercare.shipping.shipment import Shipment
from hypercare.shipping.shipped import Shipped
from producers.ship.follow import Follower
from producers.ship.locks import Locks
from producers.ship.parse import Owner
from producers.ship.positions import Positions

Then = Callable[[str, str], None]


def line(number: int) -> bytes:
    minute, second = divmod(number // 10 % 3600, 60)
    return (
        f"203.0.113.9 - - [15/Jun/2026:09:{minute:02d}:{second:02d} +0000] "
        f'"GET /orders/{number} HTTP/1.1" 200 157 "-" "curl/8"\n'
    ).encode()


def lines(start: int, end: int) -> bytes:
    return b"".join(map(line, range(start, end)))


@dataclass
class MemoryBroker:
    """Confirms at once, or as told: ``refuse`` is how many records get an error."""

    records: list[tuple[str, bytes | None, bytes | None, dict[str, bytes]]] = field(default_factory=list)
    refuse: int = 0
    refusal: str = "broker away"
    waits: int = 0
    on_wait: Callable[[int], None] = lambda _: None

    def write(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers, then: Then) -> None:
        if self.refuse:
            self.refuse -= 1
            then("", self.refusal)
            return
        self.records.append((topic, key, value, dict(headers)))  # type: ignore[arg-type]
        then(f"{topic}/0/{len(self.records)}", "")

    def wait(self, seconds: float) -> None:
        if seconds:
            self.waits += 1
            self.on_wait(self.waits)

    def flush(self) -> None:
        pass

    def ids(self) -> list[bytes]:
        return [headers["ce_id"] for topic, _, _, headers in self.records if not topic.endswith(".dlq")]

    def paths(self) -> list[str]:
        """What was asked for, in the order it came, of distinct events."""
        seen: dict[bytes, str] = {}
        for topic, _, value, headers in self.records:
            if not topic.endswith(".dlq"):
                seen.setdefault(headers["ce_id"], json.loads(value or b"")["request"]["path"])
        return list(seen.values())

    def letters(self) -> list[tuple[bytes | None, dict[str, str]]]:
        return [
            (value, {name.removeprefix("dlq."): (said or b"").decode() for name, said in headers.items()})
            for topic, _, value, headers in self.records
            if topic.endswith(".dlq")
        ]


def ship(
    folder: Path,
    *patterns: str,
    broker: MemoryBroker,
    once: bool = True,
    owner: Owner | None = None,
    lost: bool = False,
    ahead_s: float = 10.0,
) -> tuple[Shipped, list[str]]:
    """Ship; ``lost`` takes the positions of this run away again, as a crash does before they are kept."""
    home = folder / "home"
    positions, locks = Positions(home / "positions"), Locks(home / "locks")
    before = {file.name: file.read_bytes() for file in (home / "positions").glob("*.json")}
    said: list[str] = []
    begun = time.time() + ahead_s
    chosen = owner or Owner()
    shipment = Shipment(
        Follower([str(folder / pattern) for pattern in patterns], positions, locks, "host", once=once),
        positions,
        chosen,
        "urn:test:ship",
        parser=HereParser(chosen, "urn:test:ship", lambda: datetime(2026, 6, 15, 10, tzinfo=UTC)),
        writer=lambda: broker,
        clock=lambda: begun + 0.3 * broker.waits,
        say=said.append,
    )
    if not once:
        told = broker.on_wait
        broker.on_wait = lambda waits: shipment.stop() if waits > 400 else told(waits)
    try:
        shipment.run(once=once)
    finally:
        locks.close()
    if lost:
        for file in (home / "positions").glob("*.json"):
            if file.name in before:
                file.write_bytes(before[file.name])
            else:
                file.unlink()
    return shipment.shipped, said
