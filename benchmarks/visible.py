"""How long after a finding or a command the incident can be read: ten thousand open, a thousand events a second.

The incidents stage is a process of its own on a real broker. Ten thousand findings open as many incidents; then failing
calls, complaints and findings that go on arrive as in a bad hour. Among them, a few a second, are findings of something
new and acknowledgements, whose effects on `hypercare.incidents.v1` are waited for.
``python -m benchmarks.visible`` does it by itself, in under two minutes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition

from benchmarks.engines import engines
from benchmarks.quality.incident_stage import OPEN, PER_SECOND, an_event, finding
from benchmarks.rows import Row, show
from contracts.topics import COMMANDS, FINDINGS, INCIDENTS
from hypercare.engines.engine import Endpoints
from hypercare.settings import Settings
from hypercare.stages import run
from hypercare.topics import apply_topics

SECONDS = 30.0
PROBES_PER_S = 8
"""Events whose effect is waited for, by turns a finding of something new and an acknowledgement."""
MUST_MS = 400.0
KEY = b"default/default"
STARTS_WITHIN_S = 60.0
STEP_S = 0.02
OPENED, ACKNOWLEDGED = "opened", "acknowledged"


class Reader:
    """Notes when each incident was first read, and when it was first read as acknowledged."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": f"visible-{uuid.uuid4().hex[:8]}",
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 5,
            }
        )
        self._consumer.assign([TopicPartition(topic, 0, 0)])
        self.read: dict[tuple[str, str], float] = {}
        self.versions: dict[str, int] = {}
        """The last state version of each incident."""
        self.incident_of: dict[str, str] = {}
        """By its first finding."""
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            for message in self._consumer.consume(500, 0.002):
                if message.error() is None and (value := message.value()):
                    self._note(orjson.loads(value), time.perf_counter())
        self._consumer.close()

    def _note(self, incident: dict[str, Any], now: float) -> None:
        name = incident["incident"]
        for one in incident["evidence"]:
            self.incident_of.setdefault(one["id"].removeprefix("finding:"), name)
        self.versions[name] = incident["state_version"]
        self.read.setdefault((OPENED, name), now)
        if incident.get("acknowledged_at"):
            self.read.setdefault((ACKNOWLEDGED, name), now)


def visible_ms(bootstrap: str, seconds: float = SECONDS) -> dict[str, list[float]]:
    """Milliseconds from an event to the incident that shows it, sorted, by what was waited for."""
    prefix = f"bench-{uuid.uuid4().hex[:8]}-"
    apply_topics(bootstrap, prefix=prefix, partitions=1)
    reader, producer = Reader(bootstrap, prefix + INCIDENTS.name), Producer({"bootstrap.servers": bootstrap})
    thread = threading.Thread(target=reader.run)
    thread.start()
    try:
        with _stage(bootstrap, prefix):
            for number in range(OPEN):
                _send(producer, prefix + FINDINGS.name, finding(number, 0, datetime.now(UTC)))
            producer.flush(30)
            _wait(lambda: len(reader.read) >= OPEN, lambda: f"{len(reader.read)} of {OPEN} incidents")
            sent = _load(producer, prefix, reader, seconds)
            _wait(lambda: len(_found(sent, reader)) == len(sent), lambda: f"{len(_found(sent, reader))} of {len(sent)}")
    finally:
        reader.over.set()
        thread.join(30)
    found = _found(sent, reader)
    return {kind: sorted(ms for (of, _), ms in found.items() if of == kind) for kind in (OPENED, ACKNOWLEDGED)}


def rows(bootstrap: str) -> list[Row]:
    """p50 and p99 of each."""
    found = visible_ms(bootstrap)
    return [row for kind, took in found.items() for row in _rows(kind, took)]


def _rows(kind: str, took: list[float]) -> Iterator[Row]:
    name = f"incidents, {OPEN:,} open, {PER_SECOND:,} events/s: visible as {kind}"
    shares = quantiles(took, n=100)
    yield Row(f"{name}, p50", shares[49], "ms")
    yield Row(f"{name}, p99", shares[98], "ms", MUST_MS, ok=shares[98] <= MUST_MS)


def _load(producer: Producer, prefix: str, reader: Reader, seconds: float) -> dict[tuple[str, str], float]:
    """Send at a steady rate; give when each probe was sent, by what shows it."""
    random, sent = Random(7), dict[tuple[str, str], float]()
    began, number = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < seconds:
        while number < passed * PER_SECOND:
            topic, body = an_event(random, number, datetime.now(UTC))
            _send(producer, prefix + topic, body)
            if number % (PER_SECOND // PROBES_PER_S) == 0:
                kind, name = _probe(producer, prefix, reader, number)
                sent[(kind, name)] = time.perf_counter()
            number += 1
        producer.poll(0)
        time.sleep(STEP_S)
    producer.flush(30)
    return sent


def _probe(producer: Producer, prefix: str, reader: Reader, number: int) -> tuple[str, str]:
    """Something new, known by its finding, or the acknowledgement of an incident."""
    if number // (PER_SECOND // PROBES_PER_S) % 2:
        body = finding(OPEN + number, 0, datetime.now(UTC) + timedelta(milliseconds=1))
        _send(producer, prefix + FINDINGS.name, body)
        return OPENED, str(body["finding"])
    which = number // (PER_SECOND // PROBES_PER_S)
    incident = reader.incident_of[finding(which % OPEN, 0, datetime.now(UTC))["finding"]]
    _send(
        producer,
        prefix + COMMANDS.name,
        {
            "id": f"ack-{number}", "occurred_at": datetime.now(UTC).isoformat(), "action": "acknowledge",
            "incident": incident, "state_version": reader.versions[incident], "actor": "bench",
        },
    )  # fmt: skip
    return ACKNOWLEDGED, incident


def _found(sent: dict[tuple[str, str], float], reader: Reader) -> dict[tuple[str, str], float]:
    found = {}
    for (kind, name), at in sent.items():
        incident = reader.incident_of.get(name) if kind == OPENED else name
        if incident and (read := reader.read.get((kind, incident))):
            found[(kind, name)] = 1_000 * (read - at)
    return found


def _send(producer: Producer, topic: str, body: dict[str, Any]) -> None:
    while True:
        try:
            return producer.produce(topic, orjson.dumps(body), key=KEY)
        except BufferError:
            producer.poll(0.1)


def _wait(true: Callable[[], bool], told: Callable[[], str]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit(f"after {STARTS_WITHIN_S:.0f} s only {told()} could be read")
        time.sleep(0.1)


@contextmanager
def _stage(bootstrap: str, prefix: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="hypercare-visible-") as home, (Path(home) / "log").open("wb") as log:
        command = [sys.executable, "-m", "benchmarks.visible", bootstrap, prefix, home]
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield
        except SystemExit as gave_up:
            raise SystemExit(f"{gave_up}:\n{(Path(home) / 'log').read_text()[-2_000:]}") from None
        finally:
            process.terminate()
            process.wait(60)


def main() -> None:
    """Measure; with the arguments of `_stage`, become the stage."""
    if len(sys.argv) > 1:
        kafka, prefix, home = sys.argv[1:]
        run("incidents", Settings(home=Path(home), topic_prefix=prefix), Endpoints(kafka, ""))
    with engines() as found:
        found.stop_elasticsearch()
        for row in rows(found.kafka):
            print(show(row))


if __name__ == "__main__":
    main()
