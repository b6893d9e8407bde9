"""Trials of a whole project: faults that overlap, move or follow a release, a wrong clock, a stage that dies."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any

import orjson
import pytest

from contracts.findings import Finding
from hypercare.evaluate.pipeline import Pipeline
from producers.simulate.scenario import Scenario, scenario

pytestmark = pytest.mark.slow

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
RATE = 60.0
SKEWED = "gateway-2"
Cause = dict[str, str]


def made(name: str, seed: int, minutes: int) -> Scenario:
    length = timedelta(minutes=minutes)
    return scenario(name, seed=seed, start=NINE, duration=length, rate=RATE, failure_rate=0.5, share=0.03)


def played(given: Scenario, pipeline: Pipeline, *, skew_s: int = 0, restart_min: int = 0) -> Iterator[Finding]:
    """Calls and signals in the order of time; one gateway's clock may be wrong, the stage may die every few minutes."""
    signals = ((at_ms, True, raw) for at_ms, raw in given.signals())
    calls = ((at_ms, False, raw) for at_ms, raw in given.calls())
    restarts = 1
    for at_ms, is_signal, raw in heapq.merge(signals, calls, key=itemgetter(0)):
        if restart_min and at_ms >= NINE.timestamp() * 1_000 + restarts * restart_min * 60_000:
            pipeline.restart_health()
            restarts += 1
        take = pipeline.notice if is_signal else pipeline.take
        yield from take(at_ms, raw if is_signal or not skew_s else skewed(raw, skew_s))
    yield from pipeline.end(given.end_ms)


def skewed(raw: bytes, seconds: int) -> bytes:
    call: dict[str, Any] = orjson.loads(raw)
    if call["gateway"]["instance"] != SKEWED:
        return raw
    at = datetime.fromisoformat(call["occurred_at"]) + timedelta(seconds=seconds)
    return orjson.dumps({**call, "occurred_at": at.isoformat()})


@cache
def found(name: str, seed: int, minutes: int, skew_s: int = 0) -> tuple[Finding, ...]:
    return tuple(played(made(name, seed, minutes), Pipeline(), skew_s=skew_s))


def told(findings: tuple[Finding, ...], kind: str = "errors") -> dict[str, list[Finding]]:
    """Every change of each finding of a kind, by its id."""
    by_id: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.kind == kind:
            by_id.setdefault(finding.finding, []).append(finding)
    return by_id


def cause_of(finding: Finding) -> Cause:
    return {dimension.attribute: dimension.value for dimension in finding.cause}


def planted(given: Scenario) -> list[list[Cause]]:
    """Of each fault, every way to name its cause."""
    return [[fault["cause"], *fault["equivalents"]] for fault in given.truth["faults"]]


def of_cause(findings: tuple[Finding, ...], causes: list[Cause]) -> list[Finding]:
    """The changes of the finding whose last word names one of these causes."""
    (mine,) = [changes for changes in told(findings).values() if cause_of(changes[-1]) in causes]
    return mine


def minutes_at(finding: Finding) -> float:
    return (finding.occurred_at - NINE).total_seconds() / 60


@pytest.mark.parametrize("seed", [2, 5])
def test_two_faults_at_once_are_two_findings_with_their_own_causes(seed: int) -> None:
    name, minutes = "checkout@12-22+outage@12-22", 18
    findings = found(name, seed, minutes)
    for causes in planted(made(name, seed, minutes)):
        assert minutes_at(of_cause(findings, causes)[0]) <= 17


@pytest.mark.parametrize("seed", [2, 5])
def test_a_fault_that_moves_to_other_attributes_is_followed(seed: int) -> None:
    name, minutes = "checkout@12-17+checkout@17-26", 25
    before, after = planted(made(name, seed, minutes))
    assert {key for cause in before for key in cause.items()}.isdisjoint(after[0].items())
    findings = found(name, seed, minutes)
    assert of_cause(findings, before)[-1].state == "closed"
    moved = of_cause(findings, after)
    assert (moved[-1].state != "closed", 17 < minutes_at(moved[0]) <= 22) == (True, True)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_release_that_mends_one_thing_and_breaks_another_is_named_for_what_it_broke(seed: int) -> None:
    name, minutes = "outage@10-16+bad-release@16-26", 24
    mended, broken = planted(made(name, seed, minutes))
    findings = found(name, seed, minutes)
    assert of_cause(findings, mended)[-1].state == "closed"
    bad = of_cause(findings, broken)
    assert 16 <= minutes_at(bad[0]) <= 21
    assert "release" in cause_of(bad[-1])
    assert [one.release for one in bad[-1].evidence.deployments] == [broken[0]["release"]]
    assert not of_cause(findings, mended)[0].evidence.deployments


@pytest.mark.parametrize("skew_s", [-300, -120, 240])
def test_a_gateway_whose_clock_is_wrong_by_minutes_hides_no_fault_and_is_none(skew_s: int) -> None:
    name, minutes = "outage@14-24", 20
    findings = found(name, 1, minutes, skew_s)
    ((causes,),) = [planted(made(name, 1, minutes))]
    assert minutes_at(of_cause(findings, causes)[0]) <= 17
    assert {finding.kind for finding in findings} == {"errors"}
    assert len(told(findings)) == 1


def test_a_stage_that_is_killed_again_and_again_while_a_finding_is_open_says_the_same() -> None:
    given = made("checkout@12-22+outage@14-22", 2, 20)
    whole = list(played(given, Pipeline()))
    assert any(finding.state == "updated" for finding in whole)
    assert list(played(given, Pipeline(), restart_min=2)) == whole
