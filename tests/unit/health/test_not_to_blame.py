"""Who only waits, or only has what is everyday there, is not blamed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from contracts.findings import Finding
from hypercare.evaluate.pipeline import Pipeline
from producers.simulate.scenario import scenario

pytestmark = pytest.mark.slow

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
ONSET = timedelta(minutes=21)


@cache
def opened(name: str, seed: int, rate: float, minutes: int) -> list[Finding]:
    length = timedelta(minutes=minutes)
    made = scenario(name, seed=seed, start=NINE, duration=length, rate=rate, onset=ONSET)
    return [finding for finding in Pipeline().run(made.calls()) if finding.state == "opened"]


def named(finding: Finding) -> dict[str, str]:
    return {dimension.attribute: dimension.value for dimension in finding.cause}


@pytest.mark.parametrize(("seed", "rate", "instance"), [(1, 20, "gateway-2"), (2, 30, "gateway-3")])
def test_time_that_a_gateway_adds_is_not_that_of_the_services_behind_it(seed: int, rate: float, instance: str) -> None:
    found = opened("gateway-overload", seed, rate, 29)
    slower = [finding for finding in found if finding.kind in {"latency", "forecast"}]
    assert [named(finding) for finding in slower] == [{"instance": instance}]


def test_what_was_just_announced_is_not_told_as_a_slow_combination_too() -> None:
    (told, slow) = [finding for finding in opened("slow-leak", 0, 100, 38) if finding.kind in {"forecast", "latency"}]
    assert (told.kind, slow.kind, named(told)) == ("forecast", "latency", named(slow))
    assert told.occurred_at < slow.occurred_at


def test_a_service_that_gets_slower_itself_is_still_announced() -> None:
    told = {finding.kind: named(finding) for finding in opened("slow-leak", 1, 60, 36)}
    assert told["forecast"] == told["latency"] == {"upstream": "cart-2.shop.example.com"}


@pytest.mark.parametrize("seed", [1, 2])
def test_mistyped_passwords_are_usual_where_people_log_in_and_stolen_ones_are_not(seed: int) -> None:
    found = [finding for finding in opened("credential-stuffing", seed, 20, 24) if finding.kind == "auth_failures"]
    assert [finding.occurred_at >= NINE + ONSET for finding in found] == [True]
    assert found[0].evidence.relative_risk > 3
