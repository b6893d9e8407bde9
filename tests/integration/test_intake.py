"""The intake on a real broker: what is answered 202 is there, whatever happens to Kafka or to the intake meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from contracts.topics import FEEDBACK, GATEWAY
from hypercare.engines.process_record import family, read_record
from hypercare.topics import apply_topics
from producers.intake.hooks.every import PURPOSES
from producers.intake.key_file import NAME, change_keys
from producers.intake.keys import new_token
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import read_topic
from tests.unit.intake.desk import key

pytestmark = pytest.mark.engines

STOPPED_S = 20.0
"""Longer than the intake waits for Kafka, so that some requests are told to come again."""
SENDERS = 12
CALL = {"occurred_at": "2026-06-15T08:59:00Z", "request": {"path": "/orders"}, "response": {"status": 502}}


@dataclass
class Running:
    """An intake as a process of its own."""

    process: subprocess.Popen[str]
    address: str
    token: str
    home: Path

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, headers={"Authorization": f"Bearer {self.token}"}, timeout=30)


def served(kafka: str, prefix: str, home: Path) -> subprocess.Popen[str]:
    said = {"HOME": str(home), "KAFKA": kafka, "TOPIC_PREFIX": prefix, "ENGINES": "yours", "ELASTICSEARCH": ""}
    environ = {f"HYPERCARE_{name}": value for name, value in said.items()}
    return subprocess.Popen(
        [sys.executable, "-m", "hypercare", "intake", "serve", "--port", "0"],
        env={**os.environ, **environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def intake(kafka: str, prefix: str, home: Path) -> Iterator[Running]:
    token = new_token()
    change_keys(home / NAME, lambda keys: (*keys, key(tuple(set(PURPOSES) - {"generic"}), token=token, rate=1e6)))
    process = served(kafka, prefix, home)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Listening at http://"), line
        running = Running(process, line.split()[2].rstrip(";"), token, home)
        with running.client() as client:
            until(lambda: client.get("/health/ready").status_code == 200)
        yield running
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def until(true: Callable[[], bool], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while True:
        try:
            if true():
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.05)


def ids_in(engines: RunningEngines, topic: str) -> list[str]:
    return [json.loads(record.value())["id"] for record in read_topic(engines.endpoints, topic)]


def test_events_are_there_when_they_are_answered(engines: RunningEngines, prefix: str, tmp_path: Path) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=2)
    with intake(engines.endpoints.kafka, prefix, tmp_path) as running, running.client() as client:
        one = client.post("/v1/feedback", json={"id": "f-1", "text": "It broke"})
        lines = "\n".join(json.dumps(CALL | {"id": f"c{number}"}) for number in range(500))
        many = client.post("/v1/calls", content=lines, headers={"Content-Type": "application/x-ndjson"})
        again = client.post("/v1/feedback", json={"id": "f-1", "text": "It broke"})
        assert (one.status_code, many.status_code, again.status_code) == (202, 202, 202)
        (record, _) = read_topic(engines.endpoints, prefix + FEEDBACK.name)
        assert record.key() == b"acme/shop"
        assert dict(record.headers())["ce_id"] == b"f-1"
        assert sorted(ids_in(engines, prefix + GATEWAY.name)) == sorted(f"c{number}" for number in range(500))
        bad = client.post("/v1/hooks/kong", content=b'{"latencies": {}}')
        assert bad.status_code == 422
        (letter,) = read_topic(engines.endpoints, f"{prefix}{GATEWAY.name}.dlq")
        assert letter.value() == b'{"latencies": {}}'


def test_a_key_that_is_revoked_is_refused_without_a_restart(
    engines: RunningEngines, prefix: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    with intake(engines.endpoints.kafka, prefix, tmp_path) as running, running.client() as client:
        assert client.post("/v1/feedback", json={"text": "a"}).status_code == 202
        words = [sys.executable, "-m", "hypercare", "keys", "revoke", running.token[:8]]
        subprocess.run(words, env={**os.environ, "HYPERCARE_HOME": str(tmp_path)}, check=True, capture_output=True)
        until(lambda: client.post("/v1/feedback", json={"text": "a"}).status_code == 401, within_s=3)


def test_without_topics_it_is_not_ready_and_says_why(engines: RunningEngines, prefix: str, tmp_path: Path) -> None:
    with served(engines.endpoints.kafka, prefix, tmp_path) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[2].rstrip(";")
        until(lambda: "topics apply" in httpx.get(f"{address}/health/ready").text)
        process.terminate()
        assert process.wait(20) == 0


@dataclass
class Sender:
    """Sends single events and batches as fast as they are answered, and keeps what each answer was."""

    name: str
    running: Running
    accepted: list[str] = field(default_factory=list)
    told_to_wait: int = 0
    other: list[int] = field(default_factory=list)

    def send(self, stop: threading.Event) -> None:
        number = 0
        with self.running.client() as client:
            while not stop.is_set():
                number += 1
                batch = [{"id": f"{self.name}-{number}-{n}", "text": "It broke"} for n in range(1 + number % 50)]
                try:
                    answer = client.post("/v1/feedback", json=batch)
                except httpx.TransportError:
                    return
                if answer.status_code == 202:
                    self.accepted += answer.json()["ids"]
                elif answer.status_code == 503:
                    assert int(answer.headers["retry-after"]) >= 1
                    self.told_to_wait += 1
                    time.sleep(0.05)
                else:
                    self.other.append(answer.status_code)


@contextmanager
def flooded(running: Running) -> Iterator[list[Sender]]:
    stop = threading.Event()
    senders = [Sender(f"s{number}", running) for number in range(SENDERS)]
    threads = [threading.Thread(target=sender.send, args=(stop,)) for sender in senders]
    for thread in threads:
        thread.start()
    try:
        yield senders
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)


@contextmanager
def standing_still(engines: RunningEngines) -> Iterator[None]:
    """The broker does nothing meanwhile."""
    if engines.local is None:
        pytest.skip("only a Kafka of this run can be stopped")
    record = read_record(engines.local.place.record("kafka"))
    assert record is not None
    broker = family(record)
    for process in broker:
        process.suspend()
    try:
        yield
    finally:
        for process in broker:
            process.resume()


@pytest.mark.alone
def test_kafka_stops_under_a_flood_and_everything_accepted_is_there(
    engines: RunningEngines, prefix: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=4)
    with intake(engines.endpoints.kafka, prefix, tmp_path) as running:
        with flooded(running) as senders:
            time.sleep(2)
            before = sum(len(sender.accepted) for sender in senders)
            with standing_still(engines):
                time.sleep(STOPPED_S)
                memory = psutil.Process(running.process.pid).memory_info().rss
            until(lambda: sum(len(sender.accepted) for sender in senders) > before + 1_000, within_s=60)
        accepted = {name for sender in senders for name in sender.accepted}
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(40) == 0
    assert before > 0
    assert sum(sender.told_to_wait for sender in senders) > 0, "the stop was too short to be noticed"
    assert [status for sender in senders for status in sender.other] == []
    assert memory < 400 * 1_048_576
    assert accepted <= set(ids_in(engines, prefix + FEEDBACK.name))


def test_a_stop_in_the_middle_loses_nothing_that_was_accepted(
    engines: RunningEngines, prefix: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=4)
    with intake(engines.endpoints.kafka, prefix, tmp_path) as running:
        with flooded(running) as senders:
            time.sleep(1.5)
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(40) == 0
        accepted = {name for sender in senders for name in sender.accepted}
    assert accepted
    assert accepted <= set(ids_in(engines, prefix + FEEDBACK.name))


def test_killed_while_kafka_stands_still_it_has_accepted_nothing_that_is_lost(
    engines: RunningEngines, prefix: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=4)
    with intake(engines.endpoints.kafka, prefix, tmp_path) as running:
        with flooded(running) as senders:
            time.sleep(1.5)
            with standing_still(engines):
                time.sleep(2)
                running.process.kill()
                running.process.wait(10)
        accepted = {name for sender in senders for name in sender.accepted}
    assert accepted
    assert accepted <= set(ids_in(engines, prefix + FEEDBACK.name))
