from __future__ import annotations

from collections import deque
from dataclasses import replace

import pytest

from hypercare.stage_health import Numbers, StageLine, Waiting, crashes_again, is_stalled, next_thing, numbers
from hypercare.worker_pages import Sample
from processors.runtime.watch import RATE_OVER_S, rate

LINE = StageLine("telemetry", "running", 0, 0, "")
OLDEST = Waiting("hypercare.gateway.v1", 3, 17, 12.0)


def test_numbers_are_read_from_a_metrics_page() -> None:
    found = numbers(
        [
            Sample("hypercare_records_per_second", {}, 12.34),
            Sample("hypercare_runs_in_flight", {}, 2.0),
            Sample("hypercare_stuck_seconds", {}, 31.0),
            Sample("hypercare_dead_letters_total", {"reason": "not_json"}, 3.0),
            Sample("something_else", {}, 1.0),
        ]
    )
    assert found == Numbers(12.3, 2, 31.0, {"not_json": 3})
    assert numbers([]) == Numbers()


@pytest.mark.parametrize(
    ("lag", "stuck_s", "live", "stalled"),
    [
        (0, 99, "", False),
        (5, 99, "", True),
        (5, 3, "", False),
        (5, 3, "stalled", True),
        (None, 99, "not started", False),
    ],
)
def test_stalled_is_work_that_waits_while_nothing_moves(
    lag: int | None, stuck_s: float, live: str, *, stalled: bool
) -> None:
    assert is_stalled(lag, Numbers(stuck_s=stuck_s), live) is stalled


def test_a_stage_that_ends_each_time_is_told_from_one_that_starts() -> None:
    assert crashes_again("waiting", 3, "unexpected error")
    assert crashes_again("running", 3, "not started")
    assert not crashes_again("running", 3, "")
    assert not crashes_again("running", 1, "not started")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"state": "stopped"}, "hypercare restart telemetry"),
        ({"state": "needs a person", "problem": "no such index"}, "no such index; see x.log"),
        ({"stalled": True}, "hypercare restart telemetry"),
        ({"state": "waiting", "restarts": 4}, "ends each time"),
        ({"state": "waiting", "restarts": 4, "oldest": OLDEST}, "--partition 3 --offset 17"),
    ],
)
def test_the_next_thing_is_a_command(changes: dict[str, object], said: str) -> None:
    found = next_thing(replace(LINE, **changes), "x.log")  # type: ignore[arg-type]
    assert said in found
    assert bool(found) == bool(said)


def test_the_rate_is_the_mean_of_the_last_half_minute() -> None:
    seen: deque[tuple[float, float]] = deque()
    assert rate(seen, 0.0, 0.0) == 0.0
    assert rate(seen, 10.0, 100.0) == 10.0
    assert rate(seen, 30.0, 100.0) == pytest.approx(100 / 30)
    assert rate(seen, 10.0 + RATE_OVER_S, 100.0) == 0.0
    assert len(seen) == 3
