"""Worse than before the go-live: held against the same hour of the old system, where that was imported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import orjson
import pytest

from contracts.baselines import HourBefore, RouteBefore
from contracts.errors import Rejected
from contracts.findings import Finding
from contracts.topics import BASELINES
from hypercare.baseline_of_log import read_baseline
from hypercare.baseline_of_state import profiles
from hypercare.evaluate.pipeline import Pipeline
from processors.health.stage import HealthStage
from processors.health.usual.before import BEFORE, Old
from processors.runtime.records import PlainRecord
from processors.runtime.tables import State
from producers.adapters.adapter import Place

MONDAY = datetime(2026, 6, 15, tzinfo=UTC)
NINE = MONDAY + timedelta(hours=9)
MINUTES = 25


def calls(share: float, *, ms: float = 30.0, start: datetime = NINE, seed: int = 1) -> Iterator[tuple[int, bytes]]:
    random = Random(seed)
    for number in range(MINUTES * 60 * 6):
        at = start + timedelta(seconds=number / 6)
        event = {
            "id": f"{seed}-{number}",
            "occurred_at": at.isoformat(),
            "project": "shop",
            "request": {"path": f"/orders/{random.randrange(1_000)}", "method": "GET"},
            "response": {"status": 500 if random.random() < share else 200},
            "latency": {"total_ms": random.lognormvariate(0, 0.4) * ms},
        }
        yield int(at.timestamp() * 1000), orjson.dumps(event)


def before(share: float, p95_ms: float, hour: int = 9, hourly: float | None = None) -> RouteBefore:
    failed = share if hourly is None else hourly
    return RouteBefore(
        id="b",
        occurred_at=MONDAY - timedelta(days=20),
        since=MONDAY - timedelta(days=50),
        project="shop",
        route="/orders/{id}",
        calls=1_000_000,
        failed=round(share * 1_000_000),
        p95_ms=p95_ms,
        hours=(HourBefore(hour=hour, calls=20_000, failed=failed * 20_000),),
    )


def found(old: RouteBefore, share: float) -> list[Finding]:
    pipeline = Pipeline()
    record = PlainRecord(old.encode(), topic="run7." + BASELINES.name)
    assert HealthStage(b"key").process(record, pipeline.state) == []
    given = list(calls(share))
    return [*pipeline.run(given), *pipeline.end(given[-1][0])]


def test_a_route_that_fails_more_than_before_is_told_with_what_was_before() -> None:
    opened = found(before(0.004, 500.0), 0.03)[0]
    assert (opened.kind, opened.state) == ("worse_than_before", "opened")
    assert opened.evidence.before_share == pytest.approx(0.004, rel=0.01)
    assert "before the go-live it was 0.4 % at this hour" in opened.sentence
    assert opened.evidence.observed / opened.evidence.calls == pytest.approx(0.03, rel=0.4)
    assert opened.confidence > 0.99


@pytest.mark.parametrize(
    "old", [before(0.03, 500.0), before(0.001, 500.0, hourly=0.03), before(0.0004, 55.0, hourly=0.02)]
)
def test_what_was_no_better_at_this_hour_is_not_told(old: RouteBefore) -> None:
    assert found(old, 0.02) == []


def test_a_route_that_is_slower_than_before_is_told() -> None:
    opened = found(before(0.02, 20.0), 0.02)[0]
    assert opened.kind == "worse_than_before"
    assert opened.evidence.before_p95_ms == 20.0
    assert opened.evidence.p95_ms == pytest.approx(58, rel=0.15)
    assert "before the go-live it was 20 ms" in opened.sentence


def test_nothing_is_compared_with_another_project() -> None:
    assert found(before(0.004, 20.0).model_copy(update={"project": "other"}), 0.03) == []


def test_what_is_no_baseline_is_refused_before_anything_changes() -> None:
    stage = HealthStage(b"key")
    state = State(stage.tables)
    with pytest.raises(Rejected):
        stage.process(PlainRecord(b'{"route": "/r", "hours": [{"hour": 168}]}', topic=BASELINES.name), state)
    assert not state.changes


def test_what_was_imported_is_restored() -> None:
    stage = HealthStage(b"key")
    state = State(stage.tables)
    stage.process(PlainRecord(before(0.004, 20.0).encode(), topic=BASELINES.name), state)
    ((_, old),) = state[BEFORE].items()
    assert Old.decode(old.encode()) == old
    assert old.share(int(NINE.timestamp())) == pytest.approx(0.004)


def test_a_log_of_the_old_system_becomes_its_profile(tmp_path: Path) -> None:
    log = tmp_path / "old.ndjson"
    lines = [
        raw for share, start in ((0.1, NINE), (0.0, NINE + timedelta(hours=24))) for _, raw in calls(share, start=start)
    ]
    log.write_bytes(b"\n".join([*lines, b"no call"]))
    read = read_baseline(str(log), Place("old.ndjson", 0, "t", "p"))
    (route,) = read.routes
    assert (route.route, route.tenant, route.project) == ("/orders/{id}", "t", "p")
    assert route.calls == 2 * MINUTES * 360
    assert route.failed == sum(b'"status":500' in line for line in lines)
    assert {hour.hour: round(hour.calls) for hour in route.hours} == {9: MINUTES * 360, 24 + 9: MINUTES * 360}
    assert route.hours[0].failed == route.failed
    assert route.hours[1].failed == 0
    assert route.p95_ms == pytest.approx(58, rel=0.1)
    assert read.reasons.total() == 1


@pytest.mark.parametrize(("field", "routes"), [("route", 60), ("path", 1)])
def test_routes_are_named_as_the_telemetry_stage_names_them_in_the_end(tmp_path: Path, field: str, routes: int) -> None:
    """Sixty words at one place of a path are names of things, unless the gateway says that they are routes."""
    log = tmp_path / "old.ndjson"
    words = [f"{one}{other}shoe" for one in "abcdefghij" for other in "abcdef"]
    event = {"occurred_at": NINE.isoformat(), "response": {"status": 200}}
    lines = [orjson.dumps({**event, "request": {field: f"/things/{word}", "method": "GET"}}) for word in words]
    log.write_bytes(b"\n".join(lines))
    read = read_baseline(str(log), Place("old.ndjson", 0))
    assert len(read.routes) == routes
    assert sum(route.calls for route in read.routes) == 60


def test_a_saved_profile_is_read_for_the_project_that_is_asked_for(tmp_path: Path) -> None:
    saved = tmp_path / "saved.ndjson"
    saved.write_bytes(before(0.004, 20.0).encode() + b"\n{}\n")
    read = read_baseline(str(saved), Place("saved.ndjson", 0, "t", "new"))
    assert [(route.project, route.calls) for route in read.routes] == [("new", 1_000_000)]
    assert read.reasons.total() == 1


def test_what_the_health_stage_remembers_can_be_saved_and_is_no_worse_than_itself() -> None:
    pipeline, given = Pipeline(), list(calls(0.02))
    assert list(pipeline.run(given)) == []
    stored = {
        f"{spec.name}/{key}".encode(): spec.encode(value)
        for spec in HealthStage.tables
        for key, value in pipeline.state[spec].items()
    }
    (route,) = profiles(stored, "default/shop/production")
    assert route.route == "/orders/{id}"
    assert route.failed / route.calls == pytest.approx(0.02, rel=0.3)
    assert route.p95_ms == pytest.approx(58, rel=0.1)
    assert found(route, 0.02) == []
