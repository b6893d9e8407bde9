"""Sums of windows equal a recount of the calls, whoever was killed, joined or left while they were made."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from contracts.topics import GATEWAY, HEALTH, WINDOWS
from hypercare.topics import apply_topics
from processors.runtime import fail_points
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import produce, read_topic
from tests.scenarios.workers import Workers, wait_until, workers

pytestmark = pytest.mark.engines
SEED = 11
PARTITIONS = 4
CALLS = 6_000
CLOSED_S = 180
"""A reader that is dead, and whose successor has nothing more to tell, is waited for 75 s after it was last heard."""
Counts = Counter[tuple[str, str, str]]
"""Calls, failed calls and bytes, by window and route."""


def calls(began: datetime, random: Random, numbers: range) -> Iterator[tuple[bytes, Counts]]:
    for number in numbers:
        at = began + timedelta(seconds=number / 100)
        route, failed, size = f"/r{random.randrange(5)}", random.random() < 0.05, random.randrange(1_000)
        event = {
            "id": f"call-{number}",
            "occurred_at": at.isoformat(),
            "request": {"route": route},
            "response": {"status": 500 if failed else 200, "bytes": size},
        }
        window = datetime.fromtimestamp(at.timestamp() // 10 * 10, UTC).isoformat()
        counts = Counter({(window, route, "calls"): 1, (window, route, "failed"): int(failed)})
        counts[window, route, "bytes"] = size
        yield json.dumps(event).encode(), counts


def published(engines: RunningEngines, topic: str) -> Counts:
    """What the events of the health topic add up to."""
    total: Counts = Counter()
    for record in read_topic(engines.endpoints, topic):
        event = json.loads(record.value())
        window = datetime.fromisoformat(event["occurred_at"]).isoformat()
        for name in ("calls", "failed", "bytes"):
            total[window, event["route"], name] += event[name]
    return +total


def hurt(running: Workers, dice: Random) -> None:
    """Kill, and let others join and leave."""
    running.start("telemetry@second")
    wait_until(lambda: '"partitions": ["' in running.log_of("telemetry@second"), 60)
    running.end("telemetry", signal.SIGKILL)
    running.start("telemetry", **{fail_points.VARIABLE: f"{fail_points.SUMS_WRITTEN}:{dice.randint(2, 8)}"})
    time.sleep(1 + dice.random())
    running.end("health", signal.SIGKILL)
    running.start("health", **{fail_points.VARIABLE: f"{fail_points.EPOCH_WRITTEN}:{dice.randint(2, 6)}"})
    running.end("telemetry@second", dice.choice([signal.SIGTERM, signal.SIGKILL]))


def test_sums_equal_a_recount_after_kills_and_rebalances(engines: RunningEngines, prefix: str, tmp_path: Path) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=PARTITIONS)
    dice, began = Random(SEED), datetime.now(UTC) - timedelta(minutes=2)
    truth: Counts = Counter()

    def feed(numbers: range) -> None:
        made = list(calls(began, dice, numbers))
        for _, counts in made:
            truth.update(counts)
        produce(engines.endpoints, prefix + GATEWAY.name, (value for value, _ in made))

    quick = {"HYPERCARE_RUN_RECORDS": "50", "HYPERCARE_SESSION_TIMEOUT_S": "6"}
    with workers(engines.endpoints, tmp_path, prefix, quick) as running:
        running.start("telemetry", "health")
        feed(range(CALLS // 3))
        hurt(running, dice)
        feed(range(CALLS // 3, CALLS))
        wait_until(lambda: _revived(running) and _drained(running), 120, lambda: str(running.lags()))
        wait_until(
            lambda: published(engines, prefix + HEALTH.name) == +truth,
            CLOSED_S,
            lambda: _difference(engines, prefix + HEALTH.name, truth),
        )
    ranges = [json.loads(r.value())["source"] for r in read_topic(engines.endpoints, prefix + WINDOWS.name)]
    assert len({source["generation"] for source in ranges}) > 1, "the test is worth nothing without a second owner"


def _revived(running: Workers) -> bool:
    """As the supervisor would: whoever has died is started again."""
    for stage in ("telemetry", "health"):
        if running.processes[stage].poll() is not None:
            running.start(stage)
    return True


def _drained(running: Workers) -> bool:
    lags = running.lags()
    return all(lags[stage].lag == 0 and lags[stage].records > 0 for stage in ("telemetry", "health"))


def _difference(engines: RunningEngines, health: str, truth: Counts) -> str:
    found = published(engines, health)
    keys = [key for key in truth | found if truth[key] != found[key]]
    return f"{len(keys)} differ: " + ", ".join(f"{key}: {truth[key]} ≠ {found[key]}" for key in sorted(keys)[:10])
