"""How many lines of a growing log reach Kafka in a second: the shipper, beside a loop that a team would write itself.

Both read the same combined log from a file and have every line confirmed by the broker when the time ends. The loop
takes a line apart with one regular expression and sends it as JSON: no position, no id, no check, nothing masked.
``python -m benchmarks.ship`` runs it by itself and says where the shipper's time goes.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka import Producer

from benchmarks.engines import engines
from benchmarks.rows import Row, median_of, show
from contracts.topics import GATEWAY
from hypercare.byte_writer import ByteWriter
from hypercare.shipping.parsers import HereParser, Parser, PoolParser
from hypercare.shipping.shipment import Shipment
from hypercare.topics import apply_topics
from producers.adapters.access_log import AccessLog
from producers.adapters.adapter import Place
from producers.ship.block import Block
from producers.ship.follow import Follower
from producers.ship.locks import Locks
from producers.ship.parse import Owner, parse_block
from producers.ship.positions import Positions

LINES = 100_000
AIM = 50_000.0
"""Lines a second that are aimed at, and not reached on two cores that the broker shares: `shares` says what a line
costs."""
ONE, LOOP = "ship combined log, one process", "readline + re + json + produce"
_COMBINED = re.compile(
    r'(?P<host>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<request>[^"]*)" (?P<status>\d{3}) (?P<bytes>\S+) '
    r'"(?P<referrer>[^"]*)" "(?P<agent>[^"]*)"'
)


def write_log(path: Path, count: int) -> None:
    """A combined log in which time, path and client change from line to line."""
    with path.open("wb") as log:
        for number in range(count):
            log.write(
                b'203.0.113.%d - - [15/Jun/2026:%02d:%02d:%02d +0000] "GET /orders/%d?page=%d HTTP/1.1" 200 %d '
                b'"https://shop.example.com/cart" "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/139.0"\n'
                % (number % 250, number // 3600 % 24, number // 60 % 60, number % 60, number, number % 9, number % 5000)
            )


def shipped(kafka: str, prefix: str, log: Path, workers: int) -> float:
    """Lines a second of the shipper, from a start without a position."""
    with tempfile.TemporaryDirectory(prefix="hypercare-bench-ship-") as home:
        folder, owner = Path(home), Owner()
        positions, locks = Positions(folder / "positions"), Locks(folder / "locks")
        parser: Parser = (
            HereParser(owner, "urn:bench", _now) if workers == 1 else PoolParser(owner, "urn:bench", _now, workers)
        )
        shipment = Shipment(
            Follower([str(log)], positions, locks, "bench", once=True),
            positions, owner, "urn:bench",
            parser=parser, writer=lambda: ByteWriter(kafka), prefix=prefix, clock=time.time, say=print,
        )  # fmt: skip
        begun = time.perf_counter()
        shipment.run(once=True)
        took = time.perf_counter() - begun - 0.5  # it looks for more for half a second at the end
        locks.close()
        return shipment.shipped.events / took


def naive(kafka: str, topic: str, log: Path) -> float:
    """Lines a second of readline, a regular expression, json and produce."""
    producer = Producer({"bootstrap.servers": kafka, "linger.ms": 10, "compression.type": "lz4"})
    begun, count = time.perf_counter(), 0
    with log.open() as lines:
        while line := lines.readline():
            found = _COMBINED.match(line)
            value = json.dumps(found.groupdict() if found else {"line": line}).encode()
            while True:
                try:
                    producer.produce(topic, value)
                    break
                except BufferError:
                    producer.poll(0.05)
            count += 1
            producer.poll(0)
    producer.flush(60)
    return count / (time.perf_counter() - begun)


def rows(kafka: str, rounds: int) -> list[Row]:
    """Medians of rounds in which the arms take turns."""
    prefix = f"bench-ship-{uuid.uuid4().hex[:8]}-"
    apply_topics(kafka, prefix=prefix, partitions=4)
    with tempfile.TemporaryDirectory(prefix="hypercare-bench-ship-") as folder:
        log = Path(folder) / "access.log"
        write_log(log, LINES)
        arms: dict[str, Callable[[], float]] = {
            ONE: lambda: shipped(kafka, prefix, log, 1),
            "ship combined log, --workers 2": lambda: shipped(kafka, prefix, log, 2),
            LOOP: lambda: naive(kafka, prefix + GATEWAY.name, log),
        }
        done: dict[str, list[float]] = {name: [] for name in arms}
        for _ in range(rounds):
            for name, arm in arms.items():
                done[name].append(arm())
    ratio = [ours / loop for ours, loop in zip(done[ONE], done[LOOP], strict=True)]
    return [
        *(row for name, values in done.items() for row in median_of(name, values, unit="lines/s")),
        *median_of(f"{ONE}, against the loop", ratio),
    ]


def shares() -> list[str]:
    """Microseconds a line of each part, in one process without a broker."""
    with tempfile.TemporaryDirectory(prefix="hypercare-bench-ship-") as folder:
        log = Path(folder) / "access.log"
        write_log(log, 20_000)
        data = log.read_bytes()
    lines, adapter = data.splitlines(), AccessLog()
    block = Block("bench", str(log), data, 0, len(data), 0, len(lines))
    parts: dict[str, Callable[[], object]] = {
        "adapter: parse and validate": lambda: [adapter.parse(line, Place("bench", 1)) for line in lines],
        "whole block: parse, validate, encode": lambda: parse_block(block, Owner(), "access-log", "urn:bench", _now()),
    }
    said = []
    for name, part in parts.items():
        begun = time.process_time()
        part()
        said.append(f"{name}: {(time.process_time() - begun) / len(lines) * 1e6:.1f} µs a line")
    return said


def _now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with engines() as found:
        for row in rows(found.kafka, options.rounds):
            print(show(row))
    print(*shares(), sep="\n")


if __name__ == "__main__":
    main()
