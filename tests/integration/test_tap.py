"""Watching topics by the command itself, on a real broker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from contracts.topics import FEEDBACK
from hypercare.topics import apply_topics
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import produce
from tests.scenarios.workers import wait_until

pytestmark = pytest.mark.engines


def feedback(number: int) -> bytes:
    return json.dumps({"id": f"f{number}", "text": f"number {number}, me@example.org"}).encode()


def test_records_are_shown_from_the_past_and_as_they_come(engines: RunningEngines, prefix: str, tmp_path: Path) -> None:
    kafka = engines.endpoints.kafka
    apply_topics(kafka, prefix=prefix, partitions=2)
    topic = prefix + FEEDBACK.name
    produce(engines.endpoints, topic, map(feedback, range(2_000)))
    environ = {
        **os.environ,
        "HYPERCARE_HOME": str(tmp_path),
        "HYPERCARE_ENGINES": "yours",
        "HYPERCARE_KAFKA": kafka,
        "HYPERCARE_ELASTICSEARCH": engines.endpoints.elasticsearch,
        "HYPERCARE_TOPIC_PREFIX": prefix,
    }
    tap = [sys.executable, "-m", "hypercare", "tap", topic]

    def run(*arguments: str) -> list[str]:
        ran = subprocess.run([*tap, *arguments], env=environ, capture_output=True, text=True, timeout=60, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout.splitlines()

    assert len(run("--from-beginning", "--no-follow")) == 2_000
    newest = [json.loads(line) for line in run("--last", "3", "--no-follow", "--json")]
    assert len(newest) == 3
    assert all(int(event["id"][1:]) > 1_800 for event in newest), "the newest by Kafka's time, of which many share one"
    assert not any("example" in event["summary"] for event in newest)
    assert len(run("--from-beginning", "--count", "5")) == 5
    assert [line for line in run("--from-beginning", "--no-follow", "--filter", "NUMBER 17,") if "id f17 " in line]

    shell = f"{' '.join(tap)} --from-beginning | head -2; exit ${{PIPESTATUS[0]}}"
    piped = subprocess.run(["bash", "-c", shell], env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (piped.returncode, piped.stderr, len(piped.stdout.splitlines())) == (0, "", 2)

    # a test run in the background ignores Ctrl-C, and would pass that on
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with (tmp_path / "live.txt").open("w") as file:
        live = subprocess.Popen([*tap, "--last", "1"], env=environ, stdout=file, stderr=subprocess.STDOUT)
    signal.signal(signal.SIGINT, before)
    try:
        wait_until(lambda: len((tmp_path / "live.txt").read_text().splitlines()) == 1, 30)
        produce(engines.endpoints, topic, iter([feedback(5_000)]))
        wait_until(lambda: "id f5000 " in (tmp_path / "live.txt").read_text(), 30)
        groups = AdminClient({"bootstrap.servers": kafka}).list_consumer_groups().result().valid
        assert not [group for group in groups if "hypercare-look" in group.group_id]
        live.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert live.wait(20) == 0
        assert time.monotonic() - began < 10
    finally:
        live.kill()
        live.wait()
    assert "Traceback" not in (tmp_path / "live.txt").read_text()
