"""Simulated calls hold exactly the fault that the truth names, as the telemetry stage understands them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import orjson
import pytest

from contracts.calls import EnrichedCall
from contracts.errors import Stop
from processors.runtime.records import PlainRecord
from processors.telemetry.stage import TelemetryStage
from producers.simulate.faults import equivalents
from producers.simulate.kinds import SCENARIOS
from producers.simulate.scenario import Scenario, scenario
from producers.simulate.world import BROWSERS, NOISE, SEEN_AS, rhythm

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
ONSET = timedelta(minutes=3)


def made(name: str, seed: int = 3, **how: float) -> Scenario:
    asked = {"rate": 8.0, **how}
    return scenario(name, seed=seed, start=NINE, duration=timedelta(minutes=6), onset=ONSET, **asked)  # type: ignore[arg-type]


def understood(one: Scenario) -> Iterator[EnrichedCall]:
    stage = TelemetryStage(b"k")
    for offset, (at_ms, raw) in enumerate(one.calls()):
        (output,) = stage.process(PlainRecord(raw, offset=offset, timestamp=at_ms))
        yield EnrichedCall.model_validate_json(output.value or b"")


def values(call: EnrichedCall) -> dict[str, str | None]:
    geo, agent = call.client.geo, call.user_agent
    return {
        "route": call.request.route,
        "upstream": call.upstream.service,
        "consumer": call.consumer,
        "country": geo.country_iso if geo else None,
        "release": call.release,
        "instance": call.gateway.instance,
        "browser": agent.browser,
        "os": agent.os,
        "device": agent.device,
    }


def inside(call: EnrichedCall, cause: dict[str, str]) -> bool:
    found = values(call)
    return all(found[attribute] == value for attribute, value in cause.items())


@pytest.mark.parametrize("seed", range(4))
def test_the_failing_cell_is_the_one_that_the_truth_names(seed: int) -> None:
    one = made("checkout", seed, rate=12.0, failure_rate=0.5, share=0.15)
    (fault,) = one.truth["faults"]
    calls = list(understood(one))
    hit = [call for call in calls if inside(call, fault["cause"])]
    assert len(hit) / len(calls) == pytest.approx(fault["share"], rel=0.35)
    late = [call for call in hit if call.occurred_at >= NINE + ONSET]
    assert sum(call.outcome != "ok" for call in late) / len(late) == pytest.approx(0.5, abs=0.15)
    rest = [call for call in calls if call not in late]
    assert 0 < sum(call.outcome != "ok" for call in rest) / len(rest) < NOISE[1]
    for other in fault["equivalents"]:
        assert [inside(call, other) for call in calls] == [inside(call, fault["cause"]) for call in calls]


def test_agents_are_seen_as_the_truth_names_them() -> None:
    seen = {tuple(values(call)[name] for name in ("browser", "os", "device")) for call in understood(made("null"))}
    assert seen == set(SEEN_AS)
    assert len(BROWSERS) == len(SEEN_AS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_same_seed_makes_the_same_calls_in_the_order_of_time(name: str) -> None:
    first, again, other = (list(made(name, seed).calls()) for seed in (1, 1, 2))
    assert first == again
    assert [raw for _, raw in first] != [raw for _, raw in other]
    assert all(before[0] <= after[0] for before, after in pairwise(first))
    assert len({orjson.loads(raw)["id"] for _, raw in first}) == len(first)


def test_a_day_has_its_rhythm_and_a_week_too() -> None:
    hours = [rhythm(NINE.replace(hour=hour)) for hour in range(24)]
    assert min(hours) == hours[4]
    assert max(hours) == hours[16]
    assert sum(hours) / 24 == pytest.approx(1.0)
    assert rhythm(NINE + timedelta(days=5)) < rhythm(NINE)


def test_nothing_is_planted_in_the_null_scenario() -> None:
    one = made("null")
    assert one.truth["faults"] == []
    failed = [call.outcome != "ok" for call in understood(one)]
    assert NOISE[0] < sum(failed) / len(failed) < NOISE[1]


def test_the_database_is_slow_at_the_peak_and_its_callers_wait() -> None:
    one = made("erp")
    (fault,) = one.truth["faults"]
    by_side: dict[tuple[str, bool], list[float]] = {}
    for at_ms, raw in one.calls():
        call = orjson.loads(raw)
        side = call["upstream"]["service"], at_ms / 1000 >= (NINE + ONSET).timestamp()
        by_side.setdefault(side, []).append(call["latency"]["total_ms"])
    mean = {side: sum(found) / len(found) for side, found in by_side.items()}
    for service in (fault["cause"]["upstream"], *fault["victims"]):
        assert mean[service, True] > 1.3 * mean[service, False]
    assert mean["mail", True] == pytest.approx(mean["mail", False], rel=0.3)


def test_a_silent_gateway_is_not_heard_and_others_are() -> None:
    one = made("silent")
    (fault,) = one.truth["faults"]
    late = [call for call in understood(one) if call.occurred_at >= NINE + ONSET]
    assert late
    assert not any(inside(call, fault["cause"]) for call in late)


def test_a_name_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Stop, match="no scenario 'checkuot'"):
        made("checkuot")


@pytest.mark.parametrize("cause", [{"colour": "red"}, {"country": "XX"}])
def test_a_cause_that_nothing_has_is_refused(cause: dict[str, str]) -> None:
    with pytest.raises(Stop, match="Nothing here has"):
        scenario("checkout", seed=1, start=NINE, duration=ONSET, cause=cause)


def test_only_one_agent_on_a_system_is_another_name_for_it() -> None:
    assert {"browser": "Mobile Safari", "os": "iOS"} in equivalents({"browser": "Mobile Safari"})
    assert equivalents({"country": "FR"}) == []
