"""How long a call takes from being sent to being readable as an enriched call, at a steady rate."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
import uuid

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition

from benchmarks.events import calls
from contracts.topics import CALLS, GATEWAY
from hypercare.topics import apply_topics

PARTITIONS = 4
WARM_UP_S = 6.0
"""The worker joins its group and fills its caches; these are not counted."""
BATCHES_PER_S = 100


def latency_ms(bootstrap: str, rate: int, seconds: int) -> list[float]:
    """Sorted latencies in milliseconds of all calls sent after the warm-up."""
    prefix = f"bench-{uuid.uuid4().hex[:8]}-"
    apply_topics(bootstrap, prefix=prefix, partitions=PARTITIONS)
    total = int(rate * (seconds + WARM_UP_S))
    with tempfile.TemporaryDirectory(prefix="hypercare-arm-") as folder:
        command = [sys.executable, "-m", "benchmarks.arms", "stage", bootstrap, prefix, str(total), folder]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as worker:
            try:
                sent: dict[str, float] = {}
                sender = threading.Thread(target=_send, args=(bootstrap, prefix, rate, total, sent))
                sender.start()
                arrived = _receive(bootstrap, prefix, total, seconds + WARM_UP_S + 60)
                sender.join()
            finally:
                worker.terminate()
                worker.wait(60)
    first = min(sent.values()) + WARM_UP_S
    found = sorted((arrived[i] - at) * 1000 for i, at in sent.items() if at >= first and i in arrived)
    if len(found) < rate * seconds * 0.95:
        raise SystemExit(f"only {len(found)} of {rate * seconds} calls came through at {rate}/s")
    return found


def _send(bootstrap: str, prefix: str, rate: int, total: int, sent: dict[str, float]) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 1})
    values = list(calls(total, seed=int(time.time())))
    size = rate // BATCHES_PER_S
    began = time.perf_counter()
    for start in range(0, total, size):
        pause = began + start / rate - time.perf_counter()
        if pause > 0:
            time.sleep(pause)
        for value in values[start : start + size]:
            sent[orjson.loads(value)["id"]] = time.perf_counter()
            producer.produce(prefix + GATEWAY.name, value)
        producer.poll(0)
    producer.flush(30)


def _receive(bootstrap: str, prefix: str, total: int, timeout_s: float) -> dict[str, float]:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"{prefix}latency",
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": 5,
        }
    )
    consumer.assign([TopicPartition(prefix + CALLS.name, number, 0) for number in range(PARTITIONS)])
    arrived: dict[str, float] = {}
    deadline = time.perf_counter() + timeout_s
    while len(arrived) < total and time.perf_counter() < deadline:
        for message in consumer.consume(500, 0.001):  # it waits this long to fill up
            value = message.value()
            if message.error() is None and value:
                arrived[orjson.loads(value)["id"]] = time.perf_counter()
    consumer.close()
    return arrived
