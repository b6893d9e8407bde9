"""Calls to searchable documents: the telemetry stage and the calls sink as they run in production, engines beside them.

A feeder puts calls on the raw topic as fast as they become searchable, so that all have work and nothing piles up; what
can be found by a search is counted all the while. Told are the rate after a warm-up, slice by slice, the CPU that each
process spends on a call, and what the stages spend it on (`sampled`). When the feeder stops, each call has to be there,
once. ``python -m benchmarks.end_to_end KAFKA ELASTICSEARCH`` prints it as one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from benchmarks.events import calls
from benchmarks.sampled import functions, parts, read
from benchmarks.usage import CORES, cpu_seconds, listener, machine_seconds, memory_mb
from contracts.topics import GATEWAY
from hypercare.settings import read_settings
from hypercare.topics import apply_topics
from sinks.elasticsearch.templates import apply_templates

STAGES = ("telemetry", "sink-calls")
KINDS = 20_000
"""Different calls; their ids and times are new each time."""
LEAD = 40_000
"""Calls on their way at most: some seconds of work, so that a refresh each second starves nobody."""
WARM_UP_S = 20.0
SLICE_S = 10.0
STEP_S = 0.05
COUNT_EVERY_S = 0.5
DRAIN_S = 120.0
TOLD = 8
"""Parts and functions of a profile that are told."""


@dataclass
class Feeder:
    """Feeds until told to stop; ``searchable`` is how many were found by the last search."""

    bootstrap: str
    topic: str
    project: str
    fed: int = 0
    searchable: int = 0
    cpu_s: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Keep the lead."""
        producer = Producer({"bootstrap.servers": self.bootstrap, "linger.ms": 20, "compression.type": "lz4"})
        rests = [_rest(value, self.project) for value in calls(KINDS)]
        while not self.over.wait(STEP_S):
            at = datetime.now(UTC).isoformat().encode()
            for number in range(self.fed, max(self.fed, self.searchable + LEAD)):
                producer.produce(self.topic, b'{"id":"%d","occurred_at":"%s",' % (number, at) + rests[number % KINDS])
                if number % 1_000 == 0:
                    producer.poll(0)
                self.fed = number + 1
            producer.poll(0)
            self.cpu_s = time.thread_time()
        if producer.flush(60):
            raise SystemExit("the broker did not take the calls")


def _rest(value: bytes, project: str) -> bytes:
    """An encoded call without its id and time."""
    said = json.loads(value)
    del said["id"], said["occurred_at"]
    return json.dumps({**said, "project": project}, separators=(",", ":")).encode()[1:]


def measure(kafka: str, elasticsearch: str, seconds: float) -> dict[str, Any]:
    """One run."""
    prefix, project = f"bench-{uuid.uuid4().hex[:8]}-", f"e{uuid.uuid4().hex[:10]}"
    apply_topics(kafka, prefix=prefix)
    client = read_settings().access(elasticsearch).client()
    apply_templates(client)
    stream = f"logs-hypercare.calls-default.{project}"
    feeder = Feeder(kafka, prefix + GATEWAY.name, project)

    def count() -> int:
        feeder.searchable = int(client.options(ignore_status=404).count(index=stream).body.get("count", 0))
        return feeder.searchable

    with tempfile.TemporaryDirectory(prefix="hypercare-end-to-end-") as folder:
        home = Path(folder)
        try:
            with stages(home, kafka, elasticsearch, prefix) as started, fed(feeder):
                whose = {**started, "kafka": listener(kafka), "elasticsearch": listener(elasticsearch)}
                _wait(count, at_least=1)
                _pass(count, WARM_UP_S)
                found = _steady(count, whose, feeder, seconds)
                found["memory_mb"] = {name: memory_mb(pid) for name, pid in started.items()}
                feeder.over.set()
                _wait(count, at_least=feeder.fed)
            profiles = {name: read(home / f"{name}.stacks") for name in STAGES}
        finally:
            client.options(ignore_status=(400, 404)).indices.delete_data_stream(name=stream)
            client.close()
    if feeder.searchable != feeder.fed:
        raise SystemExit(f"{feeder.searchable} documents of {feeder.fed} calls")
    found["parts"] = {name: _shares(parts(stacks)) for name, stacks in profiles.items()}
    found["functions"] = {name: _shares(functions(stacks)) for name, stacks in profiles.items()}
    return found


def _steady(count: Callable[[], int], whose: Mapping[str, int], feeder: Feeder, seconds: float) -> dict[str, Any]:
    """Rates by slice, CPU in µs a document by process, and shares of the machine: what ours used, and what all did."""

    def used() -> dict[str, float]:
        return {name: cpu_seconds(pid) for name, pid in whose.items()} | {
            "feeder and count": feeder.cpu_s + time.thread_time()
        }

    before, machine, began = used(), machine_seconds(), time.monotonic()
    slices = [_pass(count, SLICE_S) for _ in range(round(seconds / SLICE_S))]
    took, documents = time.monotonic() - began, sum(made for made, _ in slices)
    spent = {name: s - before[name] for name, s in used().items()}
    return {
        "per_s": documents / took,
        "slices": [made / lasted for made, lasted in slices],
        "documents": documents,
        "seconds": took,
        "cpu_us": {name: s / documents * 1e6 for name, s in spent.items()},
        "busy": (machine_seconds() - machine) / took / CORES,
        "ours": sum(spent.values()) / took / CORES,
    }


def _shares(samples: Mapping[str, int]) -> dict[str, float]:
    total = sum(samples.values())
    return {name: count / total for name, count in sorted(samples.items(), key=lambda one: -one[1])[:TOLD]}


@contextmanager
def stages(home: Path, kafka: str, elasticsearch: str, prefix: str) -> Iterator[dict[str, int]]:
    """The stages as processes, each with a sampler; gives their ids, and ends them as a supervisor does."""
    environ = {
        **os.environ,
        "HYPERCARE_ENGINES": "yours",
        "HYPERCARE_KAFKA": kafka,
        "HYPERCARE_ELASTICSEARCH": elasticsearch,
        "HYPERCARE_HOME": str(home),
        "HYPERCARE_TOPIC_PREFIX": prefix,
        "HYPERCARE_INSTANCE": "bench",
    }
    processes = {}
    try:
        for name in STAGES:
            command = [sys.executable, "-m", "benchmarks.sampled", str(home / f"{name}.stacks")]
            with (home / f"{name}.log").open("wb") as log:
                processes[name] = subprocess.Popen(
                    [*command, "hypercare", "stage", name], env=environ, stdout=log, stderr=subprocess.STDOUT
                )
        yield {name: process.pid for name, process in processes.items()}
        for name, process in processes.items():
            process.send_signal(signal.SIGTERM)
            if process.wait(60):
                raise SystemExit(
                    f"{name} ended with {process.returncode}:\n{(home / f'{name}.log').read_text()[-2000:]}"
                )
    finally:
        for process in processes.values():
            process.kill()
            process.wait()


@contextmanager
def fed(feeder: Feeder) -> Iterator[None]:
    """Feed beside the block."""
    thread = threading.Thread(target=feeder.run)
    thread.start()
    try:
        yield
    finally:
        feeder.over.set()
        thread.join(120)


def _pass(count: Callable[[], int], seconds: float) -> tuple[int, float]:
    """Let time pass, counting; give the documents that became searchable and the seconds."""
    began, before = time.monotonic(), count()
    while (left := began + seconds - time.monotonic()) > 0:
        time.sleep(min(COUNT_EVERY_S, left))
        now = count()
    return now - before, time.monotonic() - began


def _wait(count: Callable[[], int], *, at_least: int) -> None:
    deadline = time.monotonic() + DRAIN_S
    while (found := count()) < at_least:
        if time.monotonic() > deadline:
            raise SystemExit(f"only {found} of {at_least} calls became searchable within {DRAIN_S:.0f} s")
        time.sleep(COUNT_EVERY_S)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kafka")
    parser.add_argument("elasticsearch")
    parser.add_argument("--seconds", type=float, default=120.0)
    given = parser.parse_args()
    print(json.dumps(measure(given.kafka, given.elasticsearch, given.seconds)))


if __name__ == "__main__":
    main()
