"""Mistakes planted in the runtime turn the auditor red; without them the same runs are green."""

from __future__ import annotations

import dataclasses
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from processors.runtime import fail_points
from tests.conftest import RunningEngines
from tests.faults.interposer import interposed
from tests.faults.mistaken import VARIABLE
from tests.faults.proxy import proxy_to
from tests.faults.system import System
from tests.scenarios.workers import wait_until

pytestmark = pytest.mark.engines
SEED = 7
RUNS_IN_FLIGHT = 8


def planted(mistake: str) -> dict[str, str]:
    return {VARIABLE: mistake} if mistake else {}


@contextmanager
def system(engines: RunningEngines, home: Path, elasticsearch: str = "") -> Iterator[System]:
    """A system whose stages may see Elasticsearch through something."""
    through = dataclasses.replace(engines.endpoints, elasticsearch=elasticsearch or engines.endpoints.elasticsearch)
    made = System(engines, home, SEED, through)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("mistake", ["", "acknowledge_before_delivery"])
def test_acknowledging_before_delivery_is_seen(engines: RunningEngines, tmp_path: Path, mistake: str) -> None:
    with proxy_to(engines.endpoints.elasticsearch) as proxy, system(engines, tmp_path, proxy.url) as hurt:
        hurt.feed(500)
        hurt.start("telemetry", "sink-calls", **planted(mistake))
        hurt.drain()
        proxy.black_hole = True
        hurt.feed(300)
        time.sleep(4)
        hurt.end("sink-calls", signal.SIGKILL)
        proxy.black_hole = False
        hurt.start("sink-calls", **planted(mistake))
        hurt.drain()
        assert bool(hurt.audit().missing) == bool(mistake)


@pytest.mark.parametrize("mistake", ["", "drop_one_retry"])
def test_a_retry_that_is_dropped_is_seen(engines: RunningEngines, tmp_path: Path, mistake: str) -> None:
    with interposed(engines.endpoints.elasticsearch, SEED) as front, system(engines, tmp_path, front.url) as hurt:
        hurt.start("telemetry", "sink-calls", **planted(mistake))
        front.item_status, front.item_share = 429, 0.2
        hurt.feed(500)
        hurt.drain()
        assert bool(hurt.audit().missing) == bool(mistake)


@pytest.mark.parametrize("mistake", ["", "skip_the_marker"])
def test_a_marker_that_is_not_written_is_seen(engines: RunningEngines, tmp_path: Path, mistake: str) -> None:
    with system(engines, tmp_path) as hurt:
        hurt.feed(500)
        hurt.start("counting", **planted(mistake), **{fail_points.VARIABLE: f"{fail_points.EPOCH_COMMITTED}:2"})
        assert hurt.workers.processes.pop("counting").wait(60) == -signal.SIGKILL
        hurt.start("counting")
        hurt.drain()
        assert bool(hurt.audit().duplicates) == bool(mistake)


@pytest.mark.parametrize("mistake", ["", "forget_to_pause"])
def test_reading_on_without_bounds_is_seen(engines: RunningEngines, tmp_path: Path, mistake: str) -> None:
    with proxy_to(engines.endpoints.elasticsearch) as proxy, system(engines, tmp_path, proxy.url) as hurt:
        hurt.feed(500)
        hurt.start("telemetry", "sink-calls", **planted(mistake))
        hurt.drain()
        proxy.black_hole = True
        hurt.feed(5_000)
        wait_until(lambda: hurt.behind()["telemetry"] == 0, 60)
        time.sleep(3)
        assert (hurt.metric("sink-calls", "hypercare_runs_in_flight") > RUNS_IN_FLIGHT) == bool(mistake)
        proxy.black_hole = False
        hurt.drain()
        assert hurt.audit().problems(repeats_at_most=0) == []
