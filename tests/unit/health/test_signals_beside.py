"""What stands beside a problem that calls show: the deployment before it, versions side by side, alerts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson
import pytest

from contracts.findings import Finding
from hypercare.evaluate.pipeline import Pipeline

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
ONSET_S = 600


def calls(seconds: int = 840, seed: int = 1) -> Iterator[tuple[int, dict[str, Any]]]:
    """Ten calls a second; from the onset on a third of those of the new release, which takes half, fail."""
    random = Random(seed)
    for number in range(seconds * 10):
        at = NINE + timedelta(seconds=number / 10)
        new = number > 10 * ONSET_S - 300 and random.random() < 0.5
        bad = number > 10 * ONSET_S and new and random.random() < 0.33
        event = {
            "id": f"{seed}-{number}",
            "occurred_at": at.isoformat(),
            "project": "shop",
            "release": "2.4.1" if new else "2.4.0",
            "request": {"path": random.choice(("/pay", "/orders", "/search")), "method": "POST"},
            "response": {"status": 500 if bad or random.random() < 0.003 else 200},
            "upstream": {"service": "pay"},
        }
        yield int(at.timestamp() * 1000), event


def signal(at_s: float, kind: str, service: str | None = "pay", **part: Any) -> tuple[int, bytes]:
    at = NINE + timedelta(seconds=at_s)
    said = {"id": f"{kind}{at_s}{service}", "occurred_at": at.isoformat(), "project": "shop", "kind": kind, kind: part}
    return int(at.timestamp() * 1000), orjson.dumps(said if service is None else {**said, "service": service})


def found(*signals: tuple[int, bytes]) -> list[Finding]:
    pipeline, coming = Pipeline(), sorted(signals)
    said = []
    for at_ms, call in calls():
        while coming and coming[0][0] <= at_ms:
            said += pipeline.notice(*coming.pop(0))
        said += pipeline.take(at_ms, orjson.dumps(call))
    return [finding for finding in said if finding.kind == "errors"]


@pytest.fixture(scope="module")
def errors() -> list[Finding]:
    return found(
        signal(100, "deployment", release="1.0", service="search"),
        signal(ONSET_S - 240, "deployment", release="2.4.1", previous="2.4.0"),
        signal(ONSET_S - 3_700, "deployment", release="2.4.0"),
        signal(ONSET_S + 10, "alert", name="PaymentsBurning", severity="critical"),
        signal(30, "alert", name="DiskFull", service=None),
        signal(60, "alert", name="DiskFull", state="resolved", service=None),
        signal(ONSET_S - 60, "alert", name="OtherService", service="search"),
    )


def test_the_deployment_before_it_is_named(errors: list[Finding]) -> None:
    first = errors[0]
    named = [(deployed.service, deployed.release) for deployed in first.evidence.deployments]
    assert named[0] == ("pay", "2.4.1")
    assert ("pay", "2.4.0") not in named, "it was more than an hour before"
    assert "pay 2.4.1 was deployed 4 min before" in first.sentence


def test_versions_side_by_side_are_compared(errors: list[Finding]) -> None:
    last = errors[-1]
    shares = {version.release: version.observed / version.calls for version in last.evidence.versions}
    assert shares["2.4.1"] == pytest.approx(0.33, abs=0.12)
    assert shares["2.4.0"] < 0.03
    assert "fail in release 2.4.1" in last.sentence
    assert {dimension.attribute: dimension.value for dimension in last.cause} == {"release": "2.4.1"}


def test_alerts_that_fired_meanwhile_or_shortly_before_are_named(errors: list[Finding]) -> None:
    alerts = {name for finding in errors for name in finding.evidence.alerts}
    assert "PaymentsBurning" in alerts
    assert "DiskFull" in alerts, "it was resolved nine minutes before the onset"


def test_without_signals_nothing_is_made_up() -> None:
    first = found()[0]
    assert (first.evidence.deployments, first.evidence.alerts) == ((), ())
    assert "deployed" not in first.sentence


def test_it_is_stored_with_the_finding() -> None:
    pipeline, said = Pipeline(), []
    pipeline.notice(*signal(ONSET_S - 240, "deployment", release="2.4.1"))
    for at_ms, call in calls():
        said += pipeline.take(at_ms, orjson.dumps(call))
        if said and at_ms % 60_000 == 0:
            pipeline.restart_health()
    ended = list(pipeline.end(int((NINE + timedelta(seconds=1_400)).timestamp() * 1000)))
    assert all(finding.evidence.deployments for finding in [*said, *ended] if finding.kind == "errors")
