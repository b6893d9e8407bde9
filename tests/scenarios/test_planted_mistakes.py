"""Mistakes planted in the runtime turn the auditor red; without them the same runs are green."""

from __future__ import annotations

import dataclasses
import signal
import time
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


@pytest.mark.parametrize("mistake", ["", "acknowledge_before_delivery"])
def test_acknowledging_before_delivery_is_seen(engines: RunningEngines, tmp_path: Path, mistake: str) -> None:
    with proxy_to(engines.endpoints.elasticsearch) as proxy:
        endpoints = dataclasses.replace(engines.endpoints, elasticsearch=proxy.url)
        system = System(engines, tmp_path, SEED, endpoints)
        try:
            system.feed(500)
            system.start("telemetry", "sink-calls", **planted(mistake))
            system.drain()
            proxy.black_hole = True
            system.feed(300)
            time.sleep(4)
            system.end("sink-calls", signal.SIGKILL)
            proxy.black_hole = False
            system.start("sink-calls", **planted(mistake))
            system.drain()
            assert bool(system.audit().missing) == bool(mistake)
        finally:
            system.close()


@pytest.mark.parametrize("mistake", ["", "drop_one_retry"])
def test_a_retry_that_is_dropped_is_seen(engines: RunningEngines, tmp_path: Path, mistake: str) -> None:
    with interposed(engines.endpoints.elasticsearch, SEED) as front:
        endpoints = dataclasses.replace(engines.endpoints, elasticsearch=front.url)
        system = System(engines, tmp_path, SEED, endpoints)
        try:
            system.start("telemetry", "sink-calls", **planted(mistake))
            front.item_status, front.item_share = 429, 0.2
            system.feed(500)
            system.drain()
            assert bool(system.audit().missing) == bool(mistake)
        finally:
            system.close()


@pytest.mark.parametrize("mistake", ["", "skip_the_marker"])
def test_a_marker_that_is_not_written_is_seen(engines: RunningEngines, tmp_path: Path, mistake: str) -> None:
    system = System(engines, tmp_path, SEED)
    try:
        system.feed(500)
        system.start("counting", **planted(mistake), **{fail_points.VARIABLE: f"{fail_points.EPOCH_COMMITTED}:2"})
        assert system.workers.processes.pop("counting").wait(60) == -signal.SIGKILL
        system.start("counting")
        system.drain()
        assert bool(system.audit().duplicates) == bool(mistake)
    finally:
        system.close()


@pytest.mark.parametrize("mistake", ["", "forget_to_pause"])
def test_reading_on_without_bounds_is_seen(engines: RunningEngines, tmp_path: Path, mistake: str) -> None:
    with proxy_to(engines.endpoints.elasticsearch) as proxy:
        endpoints = dataclasses.replace(engines.endpoints, elasticsearch=proxy.url)
        system = System(engines, tmp_path, SEED, endpoints)
        try:
            system.feed(500)
            system.start("telemetry", "sink-calls", **planted(mistake))
            system.drain()
            proxy.black_hole = True
            system.feed(5_000)
            wait_until(lambda: system.behind()["telemetry"] == 0, 60)
            time.sleep(3)
            assert (system.metric("sink-calls", "hypercare_runs_in_flight") > RUNS_IN_FLIGHT) == bool(mistake)
            proxy.black_hole = False
            system.drain()
            assert system.audit().problems(repeats_at_most=0) == []
        finally:
            system.close()
