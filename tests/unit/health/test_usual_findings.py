"""What departs from the usual, as findings with their words: calls in, events out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import orjson
import pytest

from contracts.findings import Finding
from hypercare.evaluate.pipeline import Pipeline
from processors.health.findings import open_finding
from processors.health.route_sightings import of_route
from processors.health.totals import RouteKey
from processors.health.usual.outlook import Trends
from tests.unit.health.rhythms import DAY, ROUTE, Watched

MONDAY = datetime(2026, 6, 15, tzinfo=UTC)


def calls(minutes: int, *, per_minute: int, share: float, seed: int = 1) -> Iterator[tuple[int, bytes]]:
    random = Random(seed)
    for number in range(minutes * per_minute):
        at = MONDAY + timedelta(seconds=60 * number / per_minute)
        event = {
            "id": f"{seed}-{number}",
            "occurred_at": at.isoformat(),
            "request": {"route": "/orders", "method": "GET"},
            "response": {"status": 503 if random.random() < share else 200},
            "upstream": {"service": "orders"},
        }
        yield int(at.timestamp() * 1000), orjson.dumps(event)


@pytest.fixture(scope="module")
def burnt() -> dict[RouteKey, Finding]:
    """Two days with 3 % of failures: never more than the agreed 5 %, and nothing new at any time."""
    watched = Watched(3)
    alarms = {key: alarm for _, key, alarm in watched.run(2 * DAY, lambda _: 20.0, failing=0.03)}
    return {key: open_finding("t/p/e", of_route(key, alarm, watched.now))[1] for key, alarm in alarms.items()}


def test_a_small_failure_that_lasts_burns_the_budget(burnt: dict[RouteKey, Finding]) -> None:
    assert {finding.kind for finding in burnt.values()} == {"burn_rate"}
    assert {tuple(d.value for d in finding.cause) for finding in burnt.values()} == {(), ROUTE}


def test_its_numbers_can_be_checked_by_hand(burnt: dict[RouteKey, Finding]) -> None:
    opened = burnt[ROUTE]
    evidence = opened.evidence
    assert evidence.burn_long == pytest.approx(evidence.observed / evidence.calls / 0.01, abs=0.01)
    assert evidence.burn_short == pytest.approx(3, rel=0.3)
    assert f"the error budget burns {evidence.burn_long:.1f} times as fast as it may" in opened.sentence
    assert "calls failed in 48 h" in opened.sentence
    assert opened.evidence.since <= opened.since


def test_the_first_day_says_what_is_not_known_yet() -> None:
    given = [*calls(20, per_minute=240, share=0.0)]
    other = [(at_ms, raw.replace(b"/orders", b"/other")) for at_ms, raw in calls(26, per_minute=60, share=0.0, seed=2)]
    found = list(Pipeline().run(sorted([*given, *other])))
    (outage,) = {finding.finding: finding for finding in found if finding.kind == "outage"}.values()
    assert outage.confidence < 0.95
    assert outage.caveats == ("the rhythm of the day is not known yet: held against the last half hour",)
    assert outage.sentence.startswith("route /orders + upstream orders: 0 calls came where")


def test_what_is_remembered_of_a_route_for_weeks_is_small() -> None:
    watched = Watched()
    for _ in watched.run(2 * DAY, lambda _: 20.0):
        pass
    (_, whole), (_, route) = watched.memories.of("t/p/e")
    assert len(whole.encode()) < 1_300
    assert len(route.encode()) < 2_200
    assert len(Trends().encode()) < 4_200
