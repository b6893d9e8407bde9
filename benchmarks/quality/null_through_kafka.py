"""A day without faults through real stages on a real broker: ``python -m benchmarks.quality.null_through_kafka``.

The calls are those that `benchmarks.quality.simulated` judges without Kafka, sent as fast as they are taken. Times
are moved, so that the last call is now. Any finding is a false one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from confluent_kafka import Producer

from benchmarks.engines import Engines, engines
from contracts.findings import Finding
from contracts.topics import FINDINGS, GATEWAY, HEALTH
from hypercare.lag import stage_lags
from hypercare.topic_reader import TopicReader
from hypercare.topics import apply_topics
from producers.simulate.scenario import Scenario, scenario

STAGES = ("telemetry", "health")
SETTLE_S = 30.0
"""After everything was read: the last windows close, and silence begins to mean nothing yet."""
LONGEST_S = 1_800.0
AHEAD = 100_000
"""Calls that may wait for the telemetry stage: more would say nothing more and fill the disk."""


def main() -> None:
    """Print what was found; end with 1 where it was anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--rate", type=float, default=20, help="calls a second")
    parser.add_argument("--partitions", type=int, default=1)
    options = parser.parse_args()
    length, now = timedelta(hours=options.hours), datetime.now(UTC).replace(microsecond=0)
    made = scenario("null", seed=options.seed, start=now - length, duration=length, rate=options.rate)
    began = time.monotonic()
    with engines() as found:
        apply_topics(found.kafka, partitions=options.partitions)
        with _stages(found) as running:
            calls = _send(found.kafka, made, running)
            _drained(found.kafka, 0, running)
            time.sleep(SETTLE_S)
        windows, findings = _count(found.kafka, HEALTH.name), list(_findings(found.kafka))
    opened = [finding for finding in findings if finding.state == "opened"]
    print(
        f"{calls:,} calls, {windows:,} sums of routes by window, {len(opened)} findings, "
        f"{sum(finding.confidence > 0.9 for finding in opened)} of them above .9, "
        f"{(time.monotonic() - began) / 60:.1f} min"
    )
    for finding in findings:
        print(f"{finding.occurred_at:%a %H:%M:%S} {finding.state} {finding.confidence:.2f} {finding.sentence}")
    sys.exit(bool(opened) or not windows)


Running = list[subprocess.Popen[bytes]]


@contextmanager
def _stages(found: Engines) -> Iterator[Running]:
    """Both stages, each a process as in production; one that dies ends the run, and so does waiting for too long."""
    with ExitStack() as running:
        home = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="hypercare-null-")))
        said = {"HYPERCARE_ENGINES": "yours", "HYPERCARE_KAFKA": found.kafka, "HYPERCARE_HOME": str(home)}
        said["HYPERCARE_ELASTICSEARCH"] = found.elasticsearch  # they write no documents, but look whether it is there
        processes: Running = []
        for stage in STAGES:
            log = running.enter_context((home / f"{stage}.log").open("wb"))
            process = subprocess.Popen(
                [sys.executable, "-m", "hypercare", "stage", stage],
                env={**os.environ, **said}, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
            running.callback(process.wait)
            running.callback(process.terminate)
            processes.append(process)
        try:
            yield processes
        except TimeoutError:
            for stage in STAGES:
                print(f"--- {stage}", (home / f"{stage}.log").read_text()[-3_000:], sep="\n", file=sys.stderr)
            raise


def _send(bootstrap: str, made: Scenario, running: Running) -> int:
    """Send all calls, never far ahead of who reads them."""
    producer, sent = Producer({"bootstrap.servers": bootstrap, "linger.ms": 20, "enable.idempotence": True}), 0
    for _, raw in made.calls():
        producer.produce(GATEWAY.name, raw)
        sent += 1
        if not sent % 5_000:
            producer.flush()
        if not sent % AHEAD:
            _drained(bootstrap, AHEAD, running)
    producer.flush()
    return sent


def _drained(bootstrap: str, most: int, running: Running) -> None:
    """Wait until no stage is more than so many records behind."""
    until = time.monotonic() + LONGEST_S
    while True:
        lags = {lag.stage: lag for lag in stage_lags(bootstrap)}
        if all(lags[stage].records and lags[stage].lag <= most for stage in STAGES):
            return
        ended = [process.args for process in running if process.poll() is not None]
        if ended or time.monotonic() > until:
            raise TimeoutError(f"not read within {LONGEST_S / 60:.0f} min, ended: {ended}, {lags}")
        time.sleep(1)


def _count(bootstrap: str, topic: str) -> int:
    with TopicReader(bootstrap) as reader:
        return sum(1 for _ in reader.read(dict.fromkeys(reader.partitions(topic), 0)))


def _findings(bootstrap: str) -> Iterator[Finding]:
    with TopicReader(bootstrap) as reader:
        for record in reader.read(dict.fromkeys(reader.partitions(FINDINGS.name), 0)):
            yield Finding.model_validate_json(record.value or b"")


if __name__ == "__main__":
    main()
