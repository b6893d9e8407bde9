"""Events a second over HTTP, with answers that wait for Kafka, against the same application that answers before.

The intake is a process of its own, as `hypercare intake serve` runs it; this process sends, over connections that stay
open. Single events: one a request, on `SINGLE_CONNECTIONS` connections. NDJSON: `BATCH` calls a request on a few.
Both arms in turn, round after round. ``python -m benchmarks.intake`` runs it by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks.engines import engines
from benchmarks.rows import Row, median_of, show
from benchmarks.usage import cpu_seconds
from contracts.calls import GatewayCall
from contracts.json_schema import example_file
from contracts.topics import FEEDBACK, GATEWAY, SIGNALS
from hypercare.topics import apply_topics
from producers.intake.app import create_app
from producers.intake.delivery import KafkaOutlet
from producers.intake.intake import Intake
from producers.intake.key_file import NAME, KeyFile, change_keys
from producers.intake.keys import Key, hashed, new_token
from producers.intake.limits import Limits
from producers.intake.messages import Message
from producers.intake.server import Door, server_for

SINGLE_AIM, BATCH_AIM = 5_000.0, 40_000.0
SINGLE_CONNECTIONS, BATCH_CONNECTIONS, BATCH = 96, 6, 1_000
MOST_AHEAD = 40_000
"""Of the arm that does not wait: so many may be on their way, below what the outlet refuses."""
SECONDS = 5.0
PREFIX = "bench-intake-"
DURABLE, EARLY = "durable", "early"
OURS = ("tenant", "project", "environment", "id")


class EarlyOutlet(KafkaOutlet):
    """Answers as soon as the producer has queued the events; what Kafka makes of them nobody knows."""

    async def deliver(self, messages: Sequence[Message]) -> None:
        while self.unconfirmed > MOST_AHEAD:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.002)
        self._later = asyncio.create_task(super().deliver(messages))
        await asyncio.sleep(0)


class Load(NamedTuple):
    """What is sent: ``events`` a request, on so many connections."""

    name: str
    request: bytes
    events: int
    connections: int


def serve(arm: str, kafka: str, home: Path, handle: int) -> None:
    """Become the intake, on a socket that the parent has opened."""
    limits = Limits()
    made = (KafkaOutlet if arm == DURABLE else EarlyOutlet)(
        kafka, topics=[topic.name for topic in (FEEDBACK, GATEWAY, SIGNALS)], prefix=PREFIX, answer_s=limits.answer_s
    )
    intake = Intake(
        outlet=made,
        ring=KeyFile(home / NAME, time.monotonic).ring,
        secret=b"0" * 32,
        now=lambda: datetime.now(UTC),
        clock=time.monotonic,
        limits=limits,
    )
    server_for(create_app(intake), Door(), limits).run(sockets=[socket.socket(fileno=handle)])


def rows(kafka: str, rounds: int, seconds: float) -> list[Row]:
    """Events a second of both arms and both loads, their ratio, and what one costs the intake."""
    apply_topics(kafka, prefix=PREFIX)
    rates: dict[tuple[str, str], list[float]] = defaultdict(list)
    costs: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        every = loads(_token(home))
        for _ in range(rounds):
            for arm in (DURABLE, EARLY):
                with running(arm, kafka, home) as (port, pid):
                    for load in every:
                        rate, cost = measured(port, pid, load, seconds)
                        rates[arm, load.name].append(rate)
                        if arm == DURABLE:
                            costs[load.name].append(cost)
    made = []
    for load, aim in zip(every, (SINGLE_AIM, BATCH_AIM), strict=True):
        durable, early = rates[DURABLE, load.name], rates[EARLY, load.name]
        made.append(Row(f"intake, {load.name}, median", statistics.median(durable), "events/s", aim=aim))
        made += [Row(f"intake, {load.name}, {n} round", f(durable), "events/s") for n, f in _SPREAD.items()]
        made += median_of(f"intake, {load.name}, CPU of the intake", costs[load.name], unit="µs/event")
        made += median_of(
            f"intake, {load.name}, durable / answered before Kafka",
            [ours / other for ours, other in zip(durable, early, strict=True)],
        )
    return made


_SPREAD = {"lowest": min, "highest": max}


def loads(token: str) -> list[Load]:
    """A call of the contract's examples, once, and many times in a batch."""
    said = orjson.loads(example_file(GatewayCall).read_bytes().splitlines()[0])
    one = orjson.dumps({name: value for name, value in said.items() if name not in OURS})
    numbered = [one[:-1] + b',"rows":%d}' % number for number in range(BATCH)]
    return [
        Load("single events", _request(token, one, "application/json"), 1, SINGLE_CONNECTIONS),
        Load("NDJSON", _request(token, b"\n".join(numbered), "application/x-ndjson"), BATCH, BATCH_CONNECTIONS),
    ]


def _request(token: str, body: bytes, kind: str) -> bytes:
    head = (
        f"POST /v1/calls HTTP/1.1\r\nHost: intake\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _token(home: Path) -> str:
    token = new_token()
    key = Key(
        id=token[:8],
        project="bench",
        purposes=frozenset({"calls"}),
        created_at=datetime.now(UTC),
        token_sha256=hashed(token),
        rate=1e6,
    )
    change_keys(home / NAME, lambda keys: (*keys, key))
    return token


@contextmanager
def running(arm: str, kafka: str, home: Path) -> Iterator[tuple[int, int]]:
    """The intake of an arm; its port and process id."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        handle = listening.fileno()
        words = [sys.executable, "-m", "benchmarks.intake", "--serve", arm, "--kafka", kafka]
        process = subprocess.Popen([*words, "--home", str(home), "--handle", str(handle)], pass_fds=[handle])
        port = listening.getsockname()[1]
    try:
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(60)


def measured(port: int, pid: int, load: Load, seconds: float) -> tuple[float, float]:
    """Events a second that were answered 202, and CPU µs of the intake for each; warmed up for a second before."""
    with selectors.DefaultSelector() as waiting:
        for _ in range(load.connections):
            sock = socket.create_connection(("127.0.0.1", port), timeout=60)
            waiting.register(sock, selectors.EVENT_READ)
            sock.sendall(load.request)
        _answers(waiting, load, time.monotonic() + 1.0)
        before, began = cpu_seconds(pid), time.monotonic()
        events = _answers(waiting, load, began + seconds) * load.events
        took, cpu = time.monotonic() - began, cpu_seconds(pid) - before
        for key in list(waiting.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
    return events / took, cpu / max(1, events) * 1e6


def _answers(waiting: selectors.BaseSelector, load: Load, until: float) -> int:
    """Answers up to a moment; each is followed by the next request on its connection."""
    done = 0
    while time.monotonic() < until:
        for key, _ in waiting.select(0.1):
            sock = key.fileobj
            if not isinstance(sock, socket.socket):
                raise TypeError
            said = sock.recv(1_048_576)
            if not said:
                raise ConnectionError("the intake hung up")
            said = _rest(sock, said)
            if not said.startswith(b"HTTP/1.1 202"):
                raise ConnectionError(f"the intake answered {said[:200]!r}")
            done += 1
            sock.sendall(load.request)
    return done


def _rest(sock: socket.socket, said: bytes) -> bytes:
    """The whole answer: it comes as head and body, and the ids of a batch do not fit in one read."""
    while not said.endswith(b"}"):
        said += sock.recv(1_048_576)
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    for hidden in ("--serve", "--kafka", "--home", "--handle"):
        parser.add_argument(hidden, default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.kafka, Path(options.home), int(options.handle))
        return
    with engines() as found:
        if not os.environ.get("HYPERCARE_ELASTICSEARCH"):
            found.stop_elasticsearch()
        for row in rows(found.kafka, options.rounds, options.seconds):
            print(show(row))


if __name__ == "__main__":
    main()
