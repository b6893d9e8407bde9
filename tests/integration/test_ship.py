"""The shipper as a process of its own on a real broker: killed and rotated under load."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contracts.dead_letters import described
from contracts.topics import GATEWAY
from hypercare.topics import apply_topics
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import read_topic
from tests.unit.producers.ship.rig import line, lines

pytestmark = pytest.mark.engines

SAMPLES = Path(__file__).parents[1] / "unit" / "producers" / "samples"
ROUNDS = 60
A_ROUND = 400


def started(engines: RunningEngines, prefix: str, home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "HYPERCARE_KAFKA": engines.endpoints.kafka,
        "HYPERCARE_ELASTICSEARCH": engines.endpoints.elasticsearch,
        "HYPERCARE_TOPIC_PREFIX": prefix,
        "HYPERCARE_HOME": str(home),
    }
    command = [sys.executable, "-m", "hypercare", "ship", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(shipper: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    told, warned = shipper.communicate(timeout=60)
    return shipper.returncode, told.decode(), warned.decode()


def rotate(log: Path, number: int) -> None:
    """In turn renamed, copied and emptied, renamed and packed."""
    first = log.with_name(f"{log.name}.{number}")
    if number % 3 == 1:
        first.write_bytes(log.read_bytes())
        os.truncate(log, 0)
    else:
        log.rename(first)
        if number % 3 == 2:
            log.with_name(f"{first.name}.gz").write_bytes(gzip.compress(first.read_bytes()))
            first.unlink()


def write(log: Path) -> None:
    """A log that grows for some seconds, in pieces that end within lines, rotated between lines."""
    for number in range(1, ROUNDS):
        content = lines(number * A_ROUND, (number + 1) * A_ROUND)
        with log.open("ab") as grown:
            for at in range(0, len(content), 4_001):
                grown.write(content[at : at + 4_001])
                grown.flush()
                time.sleep(0.03)
        if number % 5 == 4:
            rotate(log, number)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_and_rotated_under_load_every_line_is_one_event(
    engines: RunningEngines, prefix: str, tmp_path: Path, workers: str
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=4)
    log, home = tmp_path / "logs" / "access.log", tmp_path / "home"
    log.parent.mkdir()
    log.write_bytes(lines(0, A_ROUND))
    assert ended(started(engines, prefix, home, str(log), "--once"))[0] == 0  # what came before is not asked for
    writer = threading.Thread(target=write, args=(log,))
    writer.start()
    kills = 0
    while writer.is_alive():
        shipper = started(engines, prefix, home, str(log), "--workers", workers)
        time.sleep(5)
        shipper.send_signal(signal.SIGKILL)
        ended(shipper)
        kills += 1
    code, told, warned = ended(started(engines, prefix, home, str(log), "--once"))
    assert code == 0, warned
    assert "no copy of it was found" not in warned
    assert kills >= 3
    records = read_topic(engines.endpoints, prefix + GATEWAY.name)
    asked: dict[bytes, str] = {
        dict(record.headers())["ce_id"]: json.loads(record.value())["request"]["path"] for record in records
    }
    assert sorted(int(path.rsplit("/", 1)[1]) for path in asked.values()) == list(range(ROUNDS * A_ROUND)), told
    assert read_topic(engines.endpoints, prefix + GATEWAY.name + ".dlq") == []


def test_it_stops_cleanly_and_says_what_it_did(engines: RunningEngines, prefix: str, tmp_path: Path) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    log = tmp_path / "access.log"
    log.write_bytes(line(0) + b"nonsense\n")
    first = started(engines, prefix, tmp_path / "home", str(log))
    time.sleep(5)
    code, _, warned = ended(started(engines, prefix, tmp_path / "home", str(log), "--once"))
    assert code == 1
    assert f"shipped already, by process {first.pid}" in warned
    first.send_signal(signal.SIGTERM)
    code, told, warned = ended(first)
    assert code == 0, warned
    assert "1 events and 1 dead letters shipped" in told
    (letter,) = read_topic(engines.endpoints, prefix + GATEWAY.name + ".dlq")
    said = described(letter.headers())
    assert (said["source"], said["line"], said["reason"]) == ("access.log", "2", "not_access_log")
    assert letter.value() == b"nonsense"


def test_a_gateways_own_topic_is_read_on_where_it_was_left(
    engines: RunningEngines, prefix: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=2)
    theirs = f"{prefix}kong-logs"
    admin = AdminClient({"bootstrap.servers": engines.endpoints.kafka})
    admin.create_topics([NewTopic(theirs, 3, 1)])[theirs].result(20)
    sample = SAMPLES.joinpath("kong.ndjson").read_bytes().splitlines()[0]
    produced = Producer({"bootstrap.servers": engines.endpoints.kafka, "compression.type": "gzip"})

    def produce(values: list[bytes]) -> None:
        for value in values:
            produced.produce(theirs, value)  # no key, no headers
        assert produced.flush(30) == 0

    produce([sample] * 50 + [b"nonsense"])
    code, told, warned = ended(started(engines, prefix, tmp_path, "--topic", theirs, "--once"))
    assert code == 0, warned
    assert "50 events and 1 dead letters shipped" in told
    produce([sample] * 7)
    code, told, warned = ended(started(engines, prefix, tmp_path, "--topic", theirs, "--once"))
    assert "7 events and 0 dead letters shipped" in told, warned
    code, told, warned = ended(started(engines, prefix, tmp_path / "lost", "--topic", theirs, "--once"))
    assert "57 events and 1 dead letters shipped" in told, warned
    records = read_topic(engines.endpoints, prefix + GATEWAY.name)
    assert len(records) == 2 * 57
    assert len({dict(record.headers())["ce_id"] for record in records}) == 57
    letter = read_topic(engines.endpoints, prefix + GATEWAY.name + ".dlq")[0]
    said = described(letter.headers())
    assert said["source"].startswith(theirs)
    assert letter.value() == b"nonsense"


def test_a_file_that_is_not_there_is_told(engines: RunningEngines, prefix: str, tmp_path: Path) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    code, _, warned = ended(started(engines, prefix, tmp_path, str(tmp_path / "none.log"), "--once"))
    assert (code, "There is no file" in warned) == (2, True)
    code, _, warned = ended(started(engines, prefix, tmp_path, str(tmp_path), "--once"))
    assert (code, "is a folder" in warned) == (2, True)
