"""A worker for whom no partition is left stands by: it neither ends nor makes the others share anew."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hypercare.topics import apply_topics
from tests.conftest import RunningEngines
from tests.scenarios.workers import Workers, wait_until, workers

pytestmark = pytest.mark.engines
STALLED_AFTER_S = 12
ASSIGNED = "partitions_assigned"


def test_a_spare_worker_stands_by(engines: RunningEngines, prefix: str, tmp_path: Path) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    extra = {"HYPERCARE_STALLED_AFTER_S": str(STALLED_AFTER_S)}
    with workers(engines.endpoints, tmp_path, prefix, extra) as running:
        running.start("telemetry@one")
        wait_until(lambda: _shares(running) > 0, 60, lambda: running.log_of("telemetry@one"))
        running.start("telemetry@two")
        wait_until(lambda: ASSIGNED in running.log_of("telemetry@two"), 60, lambda: running.log_of("telemetry@two"))
        time.sleep(STALLED_AFTER_S / 2)
        before = _shares(running)
        time.sleep(2 * STALLED_AFTER_S)
        for name, process in running.processes.items():
            assert process.poll() is None, running.log_of(name)
        assert "no_partition" not in running.log_of("telemetry@two")
        assert _shares(running) == before, "nobody made the others share anew"


def _shares(running: Workers) -> int:
    """How often the partitions were shared out, as the first of them saw it."""
    return running.log_of("telemetry@one").count(ASSIGNED)
