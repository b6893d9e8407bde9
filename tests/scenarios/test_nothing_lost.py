"""Killed, stopped and cut off: every valid event is searchable once, every bad one is kept as it was."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest

from contracts.dead_letters import described
from contracts.topics import CALLS, GATEWAY
from hypercare.engines.console_progress import QuietProgress
from hypercare.engines.engine import Endpoints
from hypercare.topics import apply_topics
from tests.conftest import RunningEngines
from tests.scenarios.ledger import Ledger, documents, produce, read_topic
from tests.scenarios.workers import Workers, wait_until, workers

pytestmark = pytest.mark.engines

STAGES = ("telemetry", "sink-calls")
SIZE = 20_000
KILLS = 7
BURST = 5_000
RUN = 100
SEED = 20_260_615


def check_nothing_lost(endpoints: Endpoints, prefix: str, ledger: Ledger, running: Workers) -> int:
    """Every id once, every dead letter byte for byte with reason and place; return the repeats between stages."""
    found = [hit["_id"] for hit in documents(endpoints, f"logs-hypercare.calls-default.{ledger.project}")]
    assert len(found) == len(set(found)), "a document twice"
    assert set(found) == ledger.ids, f"missing {len(ledger.ids - set(found))}, strange {len(set(found) - ledger.ids)}"

    raw = {(m.partition(), m.offset()): m.value() for m in read_topic(endpoints, prefix + GATEWAY.name)}
    kept: dict[tuple[int, int], bytes] = {}
    for letter in read_topic(endpoints, f"{prefix}{GATEWAY.name}.dlq"):
        said = described(letter.headers())
        place = (int(said["partition"]), int(said["offset"]))
        assert said["topic"] == GATEWAY.name
        assert said["reason"]
        assert letter.value() == raw[place], "not the bytes that stood there"
        kept[place] = letter.value()
    assert Counter(kept.values()) == ledger.poison

    lags = running.lags()
    assert all(lags[stage].lag == 0 for stage in STAGES), "committed offsets reach the end"
    return len(read_topic(endpoints, prefix + CALLS.name)) - len(ledger.ids)


@contextmanager
def in_background(endpoints: Endpoints, prefix: str, ledger: Ledger) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=produce, args=(endpoints, prefix + GATEWAY.name, ledger.values()))
    thread.start()
    try:
        yield thread
    finally:
        thread.join(120)


def test_sigkill_at_random_points(engines: RunningEngines, prefix: str, project: str, tmp_path: Path) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=4)
    ledger, dice = Ledger(project, SEED, KILLS * BURST), random.Random(SEED)
    values = ledger.values()
    caught_working = 0
    with workers(engines.endpoints, tmp_path, prefix, {"HYPERCARE_RUN_RECORDS": str(RUN)}) as running:
        running.start(*STAGES)
        produce(engines.endpoints, prefix + GATEWAY.name, islice(values, BURST))
        running.wait_drained(*STAGES)
        for kill in range(1, KILLS):
            stage = STAGES[kill % len(STAGES)]
            produce(engines.endpoints, prefix + GATEWAY.name, islice(values, BURST))
            time.sleep(dice.uniform(0.05, 0.5))
            assert running.end(stage, signal.SIGKILL) == -signal.SIGKILL
            caught_working += running.lags()[stage].lag > 0
            running.start(stage)
            running.wait_drained(*STAGES)
        repeats = check_nothing_lost(engines.endpoints, prefix, ledger, running)
    assert caught_working >= KILLS // 2, "killed while there was work, or the test proves nothing"
    assert repeats <= KILLS * BURST, "a kill repeats at most what was not committed"


def test_sigterm_under_load_ends_cleanly_and_repeats_nothing(
    engines: RunningEngines, prefix: str, project: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=4)
    ledger = Ledger(project, SEED + 1, SIZE)
    with workers(engines.endpoints, tmp_path, prefix, {"HYPERCARE_RUN_RECORDS": "50"}) as running:
        produce(engines.endpoints, prefix + GATEWAY.name, ledger.values())
        running.start(*STAGES)
        for _ in range(2):
            wait_for_progress(running)
            assert running.end("telemetry", signal.SIGTERM) == 0
            assert running.lags()["telemetry"].lag > 0, "stopped in the middle, or the test proves nothing"
            running.start("telemetry")
        assert running.end("sink-calls", signal.SIGTERM) == 0
        running.start("sink-calls")
        running.wait_drained(*STAGES)
        assert check_nothing_lost(engines.endpoints, prefix, ledger, running) == 0


def test_elasticsearch_killed_in_the_middle(engines: RunningEngines, prefix: str, project: str, tmp_path: Path) -> None:
    if engines.local is None:
        pytest.skip("only an Elasticsearch that is a process of ours may be killed")
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=4)
    ledger = Ledger(project, SEED + 2, SIZE)
    with workers(engines.endpoints, tmp_path, prefix) as running:
        running.start(*STAGES)
        with in_background(engines.endpoints, prefix, ledger):
            wait_for_progress(running, "sink-calls")
            engines.local.kill_one("elasticsearch")
            time.sleep(3)
            engines.local.start(QuietProgress())
        running.wait_drained(*STAGES)
        check_nothing_lost(engines.endpoints, prefix, ledger, running)
        assert all(process.poll() is None for process in running.processes.values()), "workers wait, they do not end"


def wait_for_progress(running: Workers, stage: str = "telemetry") -> None:
    """Until the stage has committed more than it had when asked."""
    before = running.lags()[stage].committed
    deadline = time.monotonic() + 60
    while running.lags()[stage].committed <= before:
        assert time.monotonic() < deadline, running.log_of(stage)[-2_000:]
        time.sleep(0.05)


def test_kafka_killed_in_the_middle(engines: RunningEngines, prefix: str, project: str, tmp_path: Path) -> None:
    if engines.local is None:
        pytest.skip("only a Kafka that is a process of ours may be killed")
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=4)
    ledger = Ledger(project, SEED + 3, SIZE)
    values = ledger.values()
    with workers(engines.endpoints, tmp_path, prefix, {"HYPERCARE_RUN_RECORDS": str(RUN)}) as running:
        running.start(*STAGES)
        produce(engines.endpoints, prefix + GATEWAY.name, islice(values, SIZE // 2))
        wait_for_progress(running)
        engines.local.kill_one("kafka")
        engines.local.start(QuietProgress())
        produce(engines.endpoints, prefix + GATEWAY.name, values)
        running.wait_drained(*STAGES)
        check_nothing_lost(engines.endpoints, prefix, ledger, running)
        assert all(process.poll() is None for process in running.processes.values()), "workers wait, they do not end"


def test_a_second_worker_that_comes_and_goes(
    engines: RunningEngines, prefix: str, project: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=4)
    ledger = Ledger(project, SEED + 4, 3 * BURST)
    values = ledger.values()
    quick = {"HYPERCARE_RUN_RECORDS": str(RUN), "HYPERCARE_SESSION_TIMEOUT_S": "6"}
    with (
        workers(engines.endpoints, tmp_path, prefix, quick) as running,
        workers(engines.endpoints, tmp_path, prefix, quick | {"HYPERCARE_INSTANCE": "second"}) as second,
    ):
        running.start(*STAGES)
        for signum in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            second.start("telemetry")
            produce(engines.endpoints, prefix + GATEWAY.name, islice(values, BURST))
            wait_until((tmp_path / "workers" / "telemetry-second.port").exists, 30)
            time.sleep(1)
            second.end("telemetry", signum)
            (tmp_path / "workers" / "telemetry-second.port").unlink(missing_ok=True)
        running.wait_drained(*STAGES)
        check_nothing_lost(engines.endpoints, prefix, ledger, running)
