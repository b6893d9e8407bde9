"""The rules find what a scenario plants in calls and signals, and nothing where bots are all there is."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import itemgetter

import pytest

from contracts.findings import Finding
from contracts.pseudonyms import pseudonym
from hypercare.evaluate.pipeline import KEY, Pipeline
from producers.simulate.scenario import Scenario, scenario

pytestmark = pytest.mark.slow

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
ONSET = NINE + timedelta(minutes=17)
LENGTH = timedelta(minutes=25)


RATES = {"disk-full": 2.0, "data-access": 2.0, "ai-failover": 20.0, "bad-release": 22.0}
"""Calls a second: as few as show it."""


@cache
def planted(name: str, seed: int = 3) -> Scenario:
    rate, often = RATES.get(name, 9.0), 0.5
    return scenario(name, seed=seed, start=NINE, duration=LENGTH, rate=rate, onset=ONSET - NINE, failure_rate=often)


@cache
def found(name: str, seed: int = 3) -> list[Finding]:
    """What is said first of each finding."""
    one, pipeline = planted(name, seed), Pipeline()
    calls = ((at_ms, True, raw) for at_ms, raw in one.calls())
    signals = ((at_ms, False, raw) for at_ms, raw in one.signals())
    said: list[Finding] = []
    for at_ms, is_call, raw in heapq.merge(signals, calls, key=itemgetter(0)):
        said += (pipeline.take if is_call else pipeline.notice)(at_ms, raw)
    said += pipeline.end(one.end_ms)
    return [finding for finding in said if finding.state == "opened"]


def causes(name: str, kind: str) -> list[dict[str, str]]:
    """Causes of the findings of a kind that came after the fault had begun."""
    return [
        {dimension.attribute: dimension.value for dimension in finding.cause}
        for finding in found(name)
        if finding.kind == kind and finding.occurred_at >= ONSET
    ]


def test_log_ins_under_attack_are_found_in_calls_and_in_signals() -> None:
    (fault,) = planted("credential-stuffing").truth["faults"]
    services = {"/api/v1/login", "login.shop.example.com"}
    assert {fault["cause"]["route"], fault["equivalents"][0]["upstream"]} == services
    assert any(services & set(cause.values()) for cause in causes("credential-stuffing", "auth_failures"))
    assert {} in causes("credential-stuffing", "logins")
    assert any(cause.get("network", "").startswith("2001:db8:") for cause in causes("credential-stuffing", "logins"))


def test_a_provider_that_is_replaced_is_found() -> None:
    (fault,) = planted("ai-failover").truth["faults"]
    assert causes("ai-failover", "ai_failover") == [fault["cause"]]
    first, second = fault["cause"]["provider"], fault["cause"]["taken_over_by"]
    assert [cause["provider"] for cause in causes("ai-failover", "ai_rate_limited")] == [first]
    assert [cause["provider"] for cause in causes("ai-failover", "ai_truncated")] == [second]


def test_a_gateway_with_too_much_to_do_is_to_blame_itself() -> None:
    slow, full = planted("gateway-overload").truth["faults"]
    by_gateway = [finding for finding in found("gateway-overload") if finding.blame == "gateway"]
    assert {finding.kind for finding in by_gateway} == {"latency", "errors"}
    assert slow["cause"] in causes("gateway-overload", "latency")
    assert causes("gateway-overload", "capacity") == [full["cause"]]


def test_a_disk_that_fills_up_is_found() -> None:
    (fault,) = planted("disk-full").truth["faults"]
    assert causes("disk-full", "capacity") == [fault["cause"]]
    assert causes("disk-full", "forecast") in ([], [fault["cause"]]), "it fills within minutes: there is little time"
    assert {finding.kind for finding in found("disk-full")} <= {"capacity", "forecast"}


def test_data_that_is_taken_is_found_by_the_accounts_pseudonym() -> None:
    (fault,) = planted("data-access").truth["faults"]
    hidden = {**fault["cause"], "account": pseudonym(fault["cause"]["account"], KEY)}
    assert causes("data-access", "data_access") == [hidden]
    assert {finding.kind for finding in found("data-access")} == {"data_access"}


def test_a_bad_release_is_found_with_its_deployment() -> None:
    (fault,) = planted("bad-release").truth["faults"]
    errors = [finding for finding in found("bad-release") if finding.kind == "errors"]
    assert errors
    said = {dimension.attribute: dimension.value for dimension in errors[0].cause}
    assert fault["cause"].items() <= said.items()
    (deployed,) = errors[0].evidence.deployments
    assert (deployed.service, deployed.release) == (fault["cause"]["upstream"], fault["cause"]["release"])


@pytest.mark.parametrize("seed", [1, 2])
def test_bots_are_no_finding(seed: int) -> None:
    assert found("null+bots", seed) == []
