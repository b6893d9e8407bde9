"""One subject under one fault: fed, hurt, started again whenever it ends, and held against what was fed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from confluent_kafka import Producer

from benchmarks.peers.environment import PYTHON, ROOT
from contracts.topic import DEAD_LETTER_SUFFIX
from contracts.topics import CALLS, GATEWAY
from hypercare.engines.engine import Endpoints
from sinks.elasticsearch.access import Access
from tests.faults.others.indexers import index_of
from tests.faults.others.subjects import BEGUN
from tests.scenarios.engine_content import read_topic
from tests.scenarios.workers import wait_until

PATIENCE_S = 45.0
"""So long nothing may come out before it is taken that no more will."""
MOST_RESTARTS = 5
KEYS = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out. ``kept`` are dead letters, ``restarts`` ends by itself, ``stuck`` that it still ended by then."""

    subject: str
    fed: int
    lost: int
    twice: int
    kept: int
    restarts: int
    stuck: bool

    @property
    def began(self) -> bool:
        """Whether anything came out at all."""
        return self.lost < self.fed

    def verdict(self) -> str:
        """In a word or two."""
        if not self.began:
            return "not comparable: does not run here"
        if self.stuck:
            return "nothing lost yet, does not get past it"
        return "loses" if self.lost else "ok"


class Trial:
    """A subject on topics of its own; it is started again when it ends, as a supervisor does."""

    module = "tests.faults.others.subjects"

    def __init__(self, subject: str, endpoints: Endpoints, prefix: str, folder: Path) -> None:
        self.subject, self.prefix, self._folder = subject, prefix, folder
        self.endpoints = endpoints
        self._producer = Producer(
            {"bootstrap.servers": endpoints.kafka, "enable.idempotence": True, "partitioner": "murmur2_random"}
        )
        self._fed = 0
        self._restarts = 0
        self._process: subprocess.Popen[bytes] | None = None

    def feed(self, count: int = 1, **asked: object) -> None:
        """Produce events; ``asked`` goes to the rule."""
        for _ in range(count):
            value = json.dumps({"attributes": {"seq": self._fed, **asked}}).encode()
            self._producer.produce(self.prefix + GATEWAY.name, value, f"k{self._fed % KEYS}".encode())
            self._fed += 1
        assert self._producer.flush(60) == 0

    def start(self) -> None:
        """Start it, with its output in the folder."""
        own = self.subject == "ours" or self.subject.startswith("faust")
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable if own else str(PYTHON), "-m", self.module, self.subject),
                    *(self.endpoints.kafka, self.prefix, str(self._folder), self.endpoints.elasticsearch),
                ],
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def send(self, signum: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(signum)

    def kill_while_slow(self, after_s: float) -> None:
        """SIGKILL so long after the slow event was begun, then a new start."""
        wait_until((self._folder / BEGUN).exists, 60, self.log)
        time.sleep(after_s)
        self.send(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()
        self.start()

    def settle(self) -> Outcome:
        """Wait until all is there or nothing more comes."""
        found = self.outputs()
        moved = time.monotonic()
        while len(found) + self._kept() < self._fed and time.monotonic() - moved < PATIENCE_S:
            if not self._goes_on():
                break
            time.sleep(1)
            now = self.outputs()
            if len(now) > len(found):
                moved = time.monotonic()
            found = now
        lost = self._fed - len(found) - self._kept()
        twice = sum(found.values()) - len(found)
        stuck = lost > 0 and self._restarts >= MOST_RESTARTS
        return Outcome(self.subject, self._fed, lost, twice, self._kept(), self._restarts, stuck)

    def _goes_on(self) -> bool:
        assert self._process is not None
        if self._process.poll() is None:
            return True
        if self._restarts == MOST_RESTARTS:
            return False
        self._restarts += 1
        self.start()
        return True

    def outputs(self) -> Counter[int]:
        """How often each event came out."""
        values = (message.value() for message in self._read(CALLS.name))
        return Counter(int(json.loads(value)["attributes"]["seq"]) for value in values)

    def _kept(self) -> int:
        return len({m.value() for m in self._read(GATEWAY.name + DEAD_LETTER_SUFFIX)})

    def _read(self, topic: str) -> list[Any]:
        return read_topic(self.endpoints, self.prefix + topic)

    def log(self) -> str:
        """The last of what it said."""
        return (self._folder / "log").read_text(errors="replace")[-3_000:]

    def close(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class IndexTrial(Trial):
    """A subject that writes documents to an index of its own, in which ``planted`` is a number."""

    module = "tests.faults.others.indexers"

    def prepare(self) -> None:
        """Make the index, from a template with the first two parts of its name: ours writes nowhere without one."""
        index, made = index_of(self.prefix), self.prefix.rstrip("-")
        mapping = {"dynamic": False, "properties": {"planted": {"type": "long"}, "seq": {"type": "long"}}}
        with Access(self.endpoints.elasticsearch).client() as client:
            template = {"settings": {"refresh_interval": "200ms"}, "mappings": mapping}
            client.indices.put_index_template(name=made, index_patterns=[index], template=template, priority=500)
            client.indices.create(index=index)

    def outputs(self) -> Counter[int]:
        """Each document once: a number of an event is its id."""
        with Access(self.endpoints.elasticsearch).client() as client:
            found = client.search(index=index_of(self.prefix), size=10_000, source=False)
        return Counter(int(hit["_id"]) for hit in found["hits"]["hits"])


Made = TypeVar("Made", bound=Trial)


@contextmanager
def trial(kind: type[Made], subject: str, endpoints: Endpoints, folder: Path) -> Iterator[Made]:
    """Whatever runs is ended with the block."""
    own = folder / f"{subject}-{uuid.uuid4().hex[:8]}"
    own.mkdir()
    made = kind(subject, endpoints, f"{own.name}-", own)
    try:
        yield made
    finally:
        made.close()
