"""When a leak hurts is counted in its calls; what was said of it is held against that and against the first finding."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quality.leak import NEVER, Leak, Watched, leak_of
from benchmarks.quality.simulated import _announced
from contracts.findings import Finding

ONSET_MS, SECOND, MINUTE = 1_781_515_800_000, 1_000, 60_000
CAUSE = {"upstream": "pay.example.com"}
ONSET = ONSET_MS / MINUTE


def call(at_ms: int, took_ms: float, service: str = "pay.example.com", route: str = "/pay") -> tuple[int, bytes]:
    said = {"request": {"route": route}, "latency": {"total_ms": took_ms}, "upstream": {"service": service}}
    return at_ms, orjson.dumps(said)


def quiet(calls: int = 100) -> list[tuple[int, bytes]]:
    return [call(ONSET_MS - SECOND * (calls - number), 10 + number % 10) for number in range(calls)]


def later(took_ms: list[float]) -> list[tuple[int, bytes]]:
    return [call(ONSET_MS + SECOND * number, took) for number, took in enumerate(took_ms)]


def hurts(calls: list[tuple[int, bytes]]) -> float:
    watched = Watched("pay.example.com", ONSET_MS)
    assert list(watched.of(calls)) == calls, "who watches changes nothing"
    return watched.hurts


def test_it_hurts_when_more_than_a_fifth_takes_half_as_long_again_as_the_slowest_twentieth_did() -> None:
    slow = 1.5 * 19
    assert hurts(quiet() + later([slow - 0.1] * 600)) == NEVER
    assert hurts(quiet() + later([10.0, 10.0, 10.0, 10.0, slow] * 100)) == NEVER, "a fifth is not more than a fifth"
    assert hurts(quiet() + later([10.0] * 120 + [slow] * 60)) == (ONSET_MS + 144 * SECOND) / MINUTE


def test_nothing_is_said_of_few_calls_or_of_a_route_without_a_past() -> None:
    assert hurts(quiet(19) + later([1_000.0] * 300)) == NEVER
    assert hurts(quiet() + later([1_000.0] * 19)) == NEVER
    assert hurts(quiet() + [call(ONSET_MS + SECOND * n, 1_000, route="/new") for n in range(300)]) == NEVER


@given(st.lists(st.floats(1, 10_000), max_size=60))
def test_calls_of_other_services_change_nothing(took_ms: list[float]) -> None:
    mine = quiet() + later([10.0] * 120 + [1_000.0] * 60)
    others = [call(ONSET_MS + SECOND * number, took, "ship.example.com") for number, took in enumerate(took_ms)]
    assert hurts(sorted(mine + others)) == hurts(mine) < NEVER


def finding(minute: float, kind: str, cause: dict[str, str]) -> Finding:
    at = datetime.fromtimestamp((ONSET + minute) * 60, UTC)
    said: dict[str, Any] = {
        "id": f"{minute}", "occurred_at": at, "finding": "f", "revision": 0, "state": "opened", "kind": kind,
        "cause": [{"attribute": name, "value": value} for name, value in cause.items()], "since": at,
        "confidence": 0.8, "sentence": "slow",
        "evidence": {"since": at, "until": at, "calls": 1, "observed": 1, "expected": 1},
    }  # fmt: skip
    return Finding.model_validate(said)


def told(*said: tuple[float, str, dict[str, str]], hurts: float = 8) -> Leak:
    watched = Watched("pay.example.com", ONSET_MS, hurts=ONSET + hurts)
    return leak_of(CAUSE, [finding(*one) for one in said], watched, ONSET_MS + 25 * MINUTE)


def test_a_forecast_is_held_against_the_first_latency_finding_and_against_when_it_hurts() -> None:
    found = told((6, "latency", CAUSE), (7, "forecast", CAUSE), (9, "forecast", CAUSE))
    assert (found.before_finding, found.forecast_before_it_hurts) == pytest.approx((-1, 1))
    assert found.named_before_it_hurts == pytest.approx(2), "its mean named it first"


def test_another_cause_does_not_announce_it_but_a_latency_finding_of_another_counts_as_one() -> None:
    found = told((3, "forecast", {"route": "/x"}), (4, "latency", {"country": "DE"}), (7, "forecast", CAUSE))
    assert (found.before_finding, found.forecast_before_it_hurts) == pytest.approx((-3, 1))
    assert found.named_before_it_hurts == pytest.approx(1)


def test_where_nothing_was_found_or_hurt_until_the_end_the_end_counts() -> None:
    assert told((7, "forecast", CAUSE)).before_finding == pytest.approx(18)
    assert told((7, "forecast", CAUSE), hurts=NEVER).forecast_before_it_hurts == pytest.approx(18)
    assert told((7, "errors", CAUSE)).before_finding == -NEVER


def test_the_report_has_both_and_names_the_seeds_that_miss() -> None:
    leaks = [told((7, "forecast", CAUSE)), told((6, "latency", CAUSE), (9, "forecast", CAUSE)), told()]
    against_finding, against_calls = _announced(leaks)
    assert (against_finding.value, against_calls.value) == (0.333, 0.333)
    assert "missed seeds [1, 2]" in against_calls.note
    assert against_calls.note.endswith("named the service in 2")
