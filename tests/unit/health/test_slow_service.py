"""Of a chain of services that are all slow, the one whose own time grew is named, and what it follows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import orjson
import pytest

from contracts.findings import Finding
from hypercare.evaluate.pipeline import Pipeline
from processors.health.services import SERVICES, Minute, Services, drivers
from processors.health.totals import Window
from processors.runtime.tables import State

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
QUIET, END = 20, 34
"""Minutes until the peak begins, and until the end."""
PAGES = ("orders", "stock", "invoices")


def erp(random: Random) -> Iterator[tuple[int, bytes]]:
    """Three pages ask the reports service, which asks the database; at the peak the reports hold far more rows."""
    number = 0
    for second in range(END * 60):
        at = NINE + timedelta(seconds=second)
        peak = second >= QUIET * 60
        for page in PAGES:
            number += 1
            rows = round(random.lognormvariate(8.5 if peak else 6.5, 0.4))
            database = 20 + rows * 0.02
            reports = database + 15 * random.lognormvariate(0, 0.2)
            whole = reports + 10 * random.lognormvariate(0, 0.2)
            for caller, upstream, ms, held in (
                (None, page, whole, 0),
                (page, "reports", reports, 0),
                ("reports", "database", database, rows),
            ):
                event = {
                    "id": f"{number}-{upstream}",
                    "occurred_at": at.isoformat(),
                    "request": {"route": f"/{upstream}", "method": "GET"},
                    "response": {"status": 200, "bytes": 200 + held * 80},
                    "upstream": {"service": upstream},
                    "latency": {"total_ms": round(ms, 3)},
                    "rows": held,
                    **({"caller": {"service": caller}} if caller else {}),
                }
                yield int(at.timestamp() * 1000), orjson.dumps(event)


@pytest.fixture(scope="module")
def found() -> list[Finding]:
    pipeline, given = Pipeline(), list(erp(Random(1)))
    return [*pipeline.run(given), *pipeline.end(given[-1][0])]


def test_the_database_is_named_and_the_pages_are_not(found: list[Finding]) -> None:
    slow = [finding for finding in found if finding.kind == "latency"]
    assert {tuple((d.attribute, d.value) for d in f.cause) for f in slow} == {(("upstream", "database"),)}
    assert slow[0].occurred_at - NINE < timedelta(minutes=QUIET + 5)
    assert slow[0].since - NINE == timedelta(minutes=QUIET)
    assert all(f.state != "closed" for f in slow[:-1]), "one problem, one finding, for as long as it lasts"


def test_services_that_only_wait_are_not_announced(found: list[Finding]) -> None:
    announced = {d.value for f in found if f.kind == "forecast" for d in f.cause}
    assert announced <= {"database"}


def test_what_waits_is_told_from_what_is_slow_itself() -> None:
    services = Services(State((SERVICES,)))
    for minute in range(12):
        slow = 1 + (minute > 8)
        edges = {("", "page"): [10, 100_000 * slow, 0, 0], ("page", "database"): [10, 90_000 * slow, 0, 0]}
        services.take("p", Window(60 * minute, edges=edges))
    assert services.waits("p", "page", 12 * 60)
    assert not services.waits("p", "database", 12 * 60)
    assert not services.waits("p", "unheard of", 12 * 60)


def test_the_volume_is_named(found: list[Finding]) -> None:
    evidence = found[-1].evidence
    assert evidence.drivers[0].name == "rows"
    assert evidence.drivers[0].partial_r2 > 0.8
    assert "following the number of rows" in found[-1].sentence
    assert set(evidence.victims) <= {*PAGES, "reports"}
    assert evidence.own_ms is not None
    assert evidence.usual_own_ms is not None
    assert evidence.own_ms > 2 * evidence.usual_own_ms


def test_a_driver_that_explains_everything() -> None:
    minutes = [Minute(60 * n, calls=10, inbound_us=(5 + n % 7) * 10_000, rows=(n % 7) * 10) for n in range(30)]
    assert drivers(minutes)[0] == ("rows", 1.0)


def test_nothing_to_follow() -> None:
    random = Random(2)
    minutes = [
        Minute(60 * n, calls=10, inbound_us=round(random.lognormvariate(11, 0.3)), rows=random.randrange(100))
        for n in range(60)
    ]
    assert all(share < 0.3 for _, share in drivers(minutes))
    assert all(math.isfinite(share) for _, share in drivers(minutes))


def test_a_few_minutes_say_nothing() -> None:
    assert drivers([Minute(60 * n, calls=1, inbound_us=5, rows=n) for n in range(5)]) == ()
