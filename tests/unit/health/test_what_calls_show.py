"""From calls to findings, without Kafka: attributes of a project's own, and calls for which there is no route."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson
import pytest

from contracts.agreements import Limits, Project
from contracts.findings import Finding
from hypercare.evaluate.pipeline import Pipeline
from processors.runtime import metrics

pytestmark = pytest.mark.slow

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
            "latency": {"upstream_ms": 20.0, "total_ms": 21 + random.random()},
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


def kinds(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.kind: finding for finding in findings}


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


def test_a_gateway_instance_that_adds_latency_is_named_and_nobody_behind_it() -> None:
    def overloaded(call: dict[str, Any], random: Random) -> None:
        added = 200 + 50 * random.random() if call["gateway"]["instance"] == "edge-2" else 1
        call["latency"] = {"upstream_ms": 20 + random.random(), "total_ms": 21 + added}

    (finding,) = found(overloaded)
    assert (finding.kind, finding.blame, cause(finding)) == ("latency", "gateway", {"instance": "edge-2"})
    assert 200 < (finding.evidence.own_ms or 0) < 260
    assert (finding.evidence.usual_own_ms or 99) < 2
    assert "ms of its own a call" in finding.sentence


def ai(call: dict[str, Any], random: Random, **said: Any) -> None:
    """Make it a call to a model, one answer in ten cut off."""
    call["ai"] = {
        "provider": "alpha",
        "request_model": "small",
        "response_model": "small-1",
        "input_tokens": 400,
        "output_tokens": round(120 * random.lognormvariate(0, 0.5)),
        "cost": 0.01,
        "finish_reason": "length" if random.random() < 0.1 else "stop",
        **said,
    }


def ai_found(change: Change, project: Project = OWN) -> dict[str, Finding]:
    """What is found of calls to a model that change at the onset."""
    pipeline, random = Pipeline((project,)), Random(11)
    said: dict[str, Finding] = {}
    for at_ms, raw in calls(lambda _call, _random: None, until_s=2_400):
        call = orjson.loads(raw)
        call["upstream"]["service"], call["request"]["route"] = "models", "/chat"
        call["latency"] = {"total_ms": 900 + 200 * random.random()}
        ai(call, random)
        if random.random() < 0.02:
            call["response"]["status"] = 429
        if at_ms / 1000 - NINE.timestamp() >= 1_500:
            change(call, random)
        for finding in pipeline.take(at_ms, orjson.dumps(call)):
            said[finding.kind] = finding
    return said


def test_steady_calls_to_a_model_are_no_finding() -> None:
    assert ai_found(lambda _call, _random: None) == {}


def test_answers_that_are_cut_off() -> None:
    found = ai_found(lambda call, random: ai(call, random, finish_reason=random.choice(("max_tokens", "stop"))))
    assert set(found) == {"ai_truncated"}
    assert cause(found["ai_truncated"]) == {"model": "small", "provider": "alpha"}


def test_answers_that_become_longer() -> None:
    def wordy(call: dict[str, Any], random: Random) -> None:
        ai(call, random, output_tokens=round(300 * random.lognormvariate(0, 0.5)))

    (finding,) = ai_found(wordy).values()
    assert finding.kind == "ai_tokens"
    assert finding.evidence.usual_tokens == pytest.approx(120, rel=0.1)
    assert 1.5 * 120 < (finding.evidence.tokens or 0) < 330, "told as soon as it is sure, while the mean still grows"


def test_another_model_that_answers() -> None:
    (finding,) = ai_found(lambda call, random: ai(call, random, response_model="small-2")).values()
    assert finding.kind == "ai_model_drift"
    assert cause(finding) == {"model": "small", "provider": "alpha", "response_model": "small-2"}


def test_a_provider_that_turns_calls_away_and_another_that_takes_over() -> None:
    def fails_over(call: dict[str, Any], random: Random) -> None:
        if random.random() < 0.7:
            ai(call, random, provider="beta", request_model="little", response_model="little-1")
        elif random.random() < 0.6:
            call["response"]["status"] = 429

    found = ai_found(fails_over)
    assert set(found) == {"ai_rate_limited", "ai_failover", "rate_limited"}
    assert cause(found["ai_failover"]) == {"provider": "alpha", "taken_over_by": "beta"}
    assert cause(found["ai_rate_limited"]) == {"model": "small", "provider": "alpha"}
    assert found["ai_rate_limited"].blame == "third_party"


def test_an_hour_that_costs_more_than_was_agreed() -> None:
    agreed = Project(project="shop", limits=Limits(ai_cost=150))
    (finding,) = ai_found(lambda _call, _random: None, agreed).values()
    assert (finding.kind, finding.evidence.limit_cost_usd) == ("ai_cost", 150)
    assert finding.evidence.cost_usd == pytest.approx(150, abs=2)
