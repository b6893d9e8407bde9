"""From calls to findings, without Kafka: attributes of a project's own, and calls for which there is no route."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson
import pytest

from contracts.agreements import Project
from contracts.findings import Finding
from hypercare.evaluate.pipeline import Pipeline
from processors.runtime import metrics

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
ONSET_S, END_S = 600, 1_200
OWN = Project(project="shop", attributes=("plan", "shop.region"))
Change = Callable[[dict[str, Any], Random], None]
"""Changes a call that comes after the onset."""


def calls(change: Change, *, until_s: int = END_S) -> Iterator[tuple[int, bytes]]:
    """Ten calls a second to six routes."""
    random = Random(7)
    for number in range(10 * until_s):
        at = NINE + timedelta(seconds=number / 10)
        route = random.randrange(6)
        call = {
            "id": f"c-{number}",
            "occurred_at": at.isoformat(),
            "project": "shop",
            "request": {"method": "GET", "route": f"/r{route}"},
            "response": {"status": 200},
            "latency": {"total_ms": 20 + random.random()},
            "upstream": {"service": f"s{route % 3}"},
            "gateway": {"product": "apinto", "instance": f"edge-{random.randrange(3)}"},
            "consumer": random.choice(("web", "app", "partner")),
            "attributes": {"plan": random.choice(("free", "team", "gold")), "shop.region": random.choice(("n", "s"))},
        }
        if number / 10 >= ONSET_S:
            change(call, random)
        yield int(at.timestamp() * 1000), orjson.dumps(call)


def found(change: Change, project: Project = OWN) -> list[Finding]:
    pipeline = Pipeline((project,))
    said = {f.finding: f for f in pipeline.run(calls(change))}
    said |= {f.finding: f for f in pipeline.end(int((NINE + timedelta(seconds=END_S)).timestamp() * 1000))}
    return list(said.values())


def cause(finding: Finding) -> dict[str, str]:
    return {dimension.attribute: dimension.value for dimension in finding.cause}


def golden_ones_fail(call: dict[str, Any], random: Random) -> None:
    if call["attributes"]["plan"] == "gold" and call["attributes"]["shop.region"] == "n" and random.random() < 0.5:
        call["response"]["status"] = 502


def test_a_cause_may_have_attributes_that_were_agreed_for_the_project() -> None:
    (finding,) = found(golden_ones_fail)
    assert cause(finding) == {"attributes.plan": "gold", "attributes.shop.region": "n"}
    assert finding.sentence.startswith("attributes.plan gold + attributes.shop.region n: ")


def test_attributes_that_nobody_agreed_on_are_no_cause() -> None:
    (finding,) = found(golden_ones_fail, Project(project="shop"))
    assert not any(name.startswith("attributes.") for name in cause(finding))


def _lost(call: dict[str, Any]) -> None:
    call["response"]["status"] = 404
    del call["upstream"]


def test_calls_that_find_no_route_any_more_are_a_routing_failure() -> None:
    def unrouted(call: dict[str, Any], _: Random) -> None:
        if call["request"]["route"] == "/r2" and call["gateway"]["instance"] == "edge-1":
            _lost(call)

    (finding,) = [f for f in found(unrouted) if f.kind != "volume_drop"]
    assert (finding.kind, finding.blame) == ("routing_failures", "gateway")
    assert cause(finding) == {"route": "/r2", "instance": "edge-1"}
    assert "the gateway had no route for" in finding.sentence


def test_who_looks_for_what_never_was_there_is_no_routing_failure() -> None:
    def scanned(call: dict[str, Any], random: Random) -> None:
        if random.random() < 0.3:
            call["request"]["route"], call["consumer"] = f"/wp-{random.randrange(5)}", "scanner"
            _lost(call)

    before = _never_served()
    assert [f.kind for f in found(scanned) if f.kind == "routing_failures"] == []
    assert _never_served() > before


def _never_served() -> float:
    return metrics.REGISTRY.get_sample_value("hypercare_never_served_total") or 0.0


@pytest.mark.parametrize("name", ["", "a b", "x|y", "plan/"])
def test_an_attribute_has_a_name_that_can_be_stored(name: str) -> None:
    with pytest.raises(ValueError, match="attributes"):
        Project(project="shop", attributes=(name,))
