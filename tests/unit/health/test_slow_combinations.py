"""From calls to a combination that got slower, without Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson
import pytest

from contracts.findings import Finding
from hypercare.evaluate.pipeline import Pipeline
from processors.health.findings import FINDINGS

pytestmark = pytest.mark.slow

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
ONSET_S, END_S = 1_200, 2_100


def calls(slower: dict[str, float], *, until_s: int = END_S) -> Iterator[tuple[int, bytes]]:
    """Twenty calls a second; from the onset on, those of a slow partner behind one gateway take longer."""
    random = Random(5)
    for number in range(20 * until_s):
        at = NINE + timedelta(seconds=number / 20)
        route, consumer, instance = random.randrange(5), random.choice("abcd"), random.choice("xyz")
        mean = 40.0 * (1 + route)
        if number / 20 >= ONSET_S and (consumer, instance) == ("b", "y"):
            mean *= slower.get("b/y", 1.0)
        call: dict[str, Any] = {
            "id": f"c-{number}",
            "occurred_at": at.isoformat(),
            "project": "shop",
            "request": {"method": "GET", "route": f"/r{route}"},
            "response": {"status": 200},
            "latency": {"total_ms": mean * random.lognormvariate(-0.3, 0.8)},
            "upstream": {"service": f"s{route % 3}"},
            "gateway": {"product": "apinto", "instance": f"edge-{instance}"},
            "consumer": f"partner-{consumer}",
        }
        yield int(at.timestamp() * 1000), orjson.dumps(call)


def found(pipeline: Pipeline, some: Iterator[tuple[int, bytes]]) -> list[Finding]:
    return list(pipeline.run(some))


def test_the_combination_that_got_slower_is_named() -> None:
    opened, *later = found(Pipeline(), calls({"b/y": 4.0}))
    assert {d.attribute: d.value for d in opened.cause} == {"consumer": "partner-b", "instance": "edge-y"}
    assert (opened.kind, opened.state, opened.evidence.detectors) == ("latency", "opened", ("mass_scan",))
    assert opened.evidence.mean_ms == pytest.approx(4 * 120, rel=0.2)
    assert opened.evidence.usual_mean_ms == pytest.approx(120, rel=0.25)
    assert abs((opened.since - NINE).total_seconds() - ONSET_S) <= 60
    assert "on average" in opened.sentence
    assert all(finding.finding == opened.finding for finding in later), "it is one problem, not several"


def test_it_closes_when_the_calls_are_quick_again_and_survives_a_restart_meanwhile() -> None:
    pipeline, said = Pipeline(), []
    slow = list(calls({"b/y": 4.0}))
    said += found(pipeline, iter(slow))
    pipeline.restart_health()
    length = END_S * 1000
    quick = [(at + length, _later(raw, length)) for at, raw in slow if at < slow[0][0] + ONSET_S * 1000]
    said += found(pipeline, iter(quick))
    assert [finding.state for finding in said if finding.state != "updated"] == ["opened", "closed"]


def _later(raw: bytes, by_ms: int) -> bytes:
    call = orjson.loads(raw)
    call["id"] += "-again"
    call["occurred_at"] = (datetime.fromisoformat(call["occurred_at"]) + timedelta(milliseconds=by_ms)).isoformat()
    return orjson.dumps(call)


def test_heavy_tails_alone_are_no_finding() -> None:
    assert found(Pipeline(), calls({})) == []


def test_a_finding_that_another_detector_took_over_goes_on() -> None:
    pipeline, given = Pipeline(), list(calls({"b/y": 4.0}))
    half = (ONSET_S + END_S) // 2 * 20
    assert found(pipeline, iter(given[:half]))
    findings = pipeline.state[FINDINGS]
    for name, known in list(findings.items()):
        said = replace(known.said, numbers={}, detectors=(*known.said.detectors, "own_time"))
        findings[name] = replace(known, said=said)
    pipeline.restart_health()
    assert "closed" in {finding.state for finding in found(pipeline, iter(given[half:]))}, "nobody sees it any more"


def test_a_few_calls_of_which_little_is_known_do_not_accuse_everything_around_them() -> None:
    assert found(Pipeline(), with_rare_slow_ones(calls({}))) == []


def with_rare_slow_ones(some: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Some twenty calls in five minutes are one partner's to a route of their own, and hang from the onset on."""
    for number, (at, raw) in enumerate(some):
        call = orjson.loads(raw)
        if number % 290 == 0:
            call["request"]["route"], call["consumer"] = "/rare", "partner-b"
            call["latency"]["total_ms"] = 20_000.0 if number / 20 >= ONSET_S else 50.0
        yield at, orjson.dumps(call)
