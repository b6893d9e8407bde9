"""What happens beside the world's calls holds exactly what the truth names, in calls and signals that are valid."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.calls import EnrichedCall, GatewayCall
from contracts.errors import Stop
from contracts.signals import Signal
from processors.runtime.records import PlainRecord
from processors.telemetry.stage import TelemetryStage
from producers.simulate.kinds import SCENARIOS
from producers.simulate.overload import ADDED_MS, REFUSED
from producers.simulate.scenario import Scenario, scenario
from producers.simulate.traffic import assistant, bots, stuffing
from producers.simulate.traffic.traffic import arrivals

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
ONSET = NINE + timedelta(minutes=6)


def made(name: str, seed: int = 3, *, rate: float = 10.0, users: int = 0, minutes: int = 16) -> Scenario:
    length = timedelta(minutes=minutes)
    return scenario(name, seed=seed, start=NINE, duration=length, rate=rate, onset=ONSET - NINE, users=users)


def calls_of(one: Scenario) -> list[GatewayCall]:
    return [GatewayCall.model_validate_json(raw) for _, raw in one.calls()]


def signals_of(one: Scenario) -> list[Signal]:
    return [Signal.model_validate_json(raw) for _, raw in one.signals()]


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_same_seed_makes_the_same_signals_in_the_order_of_time(name: str) -> None:
    first, again, other = (list(made(name, seed).signals()) for seed in (1, 1, 2))
    assert first == again
    assert all(before[0] <= after[0] for before, after in pairwise(first))
    assert not first or [raw for _, raw in first] != [raw for _, raw in other]
    signals = [Signal.model_validate_json(raw) for _, raw in first]
    assert len({signal.id for signal in signals}) == len(signals)
    for (at_ms, _), signal in zip(first, signals, strict=True):
        assert signal.occurred_at.timestamp() * 1000 == pytest.approx(at_ms, abs=1)


def test_a_release_that_will_fail_is_announced_shortly_before() -> None:
    one = made("bad-release")
    (fault,) = one.truth["faults"]
    (signal,) = signals_of(one)
    assert signal.deployment is not None
    assert signal.service == fault["cause"]["upstream"]
    assert signal.deployment.release == fault["cause"]["release"] != signal.deployment.previous
    assert timedelta(0) < ONSET - signal.occurred_at < timedelta(minutes=5)
    assert one.truth["beside"][0]["release"] == signal.deployment.release


def test_stolen_passwords_are_tried_from_many_networks_and_seldom_fit() -> None:
    one = made("credential-stuffing")
    attempts = [call for call in calls_of(one) if call.request.route == stuffing.ROUTE]
    logins = signals_of(one)
    assert len(logins) == len(attempts)
    before = [call for call in attempts if call.occurred_at < ONSET]
    after = [call for call in attempts if call.occurred_at >= ONSET]
    assert sum(call.response.status == 401 for call in before) < 0.2 * len(before)
    assert sum(call.response.status == 401 for call in after) > 0.75 * len(after) > 500
    late = [signal.login for signal in logins if signal.login is not None and signal.occurred_at >= ONSET]
    attack = [login for login in late if login.device is None]
    assert len({(login.client.ip or "").split("::")[0] for login in attack}) == stuffing.NETWORKS
    assert len({login.account for login in attack}) > 0.9 * len(attack)
    assert all(call.auth is not None and call.auth.ok == (call.response.status == 200) for call in attempts)


def test_who_logs_in_as_usual_does_so_from_home() -> None:
    homes = defaultdict(set)
    for signal in signals_of(made("credential-stuffing", rate=60.0, minutes=6)):
        if signal.login is not None and signal.login.client.geo is not None:
            homes[signal.login.account].add((signal.login.client.geo.country_iso, signal.login.client.ip))
    assert len(homes) > 100
    assert all(len(home) == 1 for home in homes.values())


def test_a_dearer_provider_takes_over_and_cuts_its_answers_off() -> None:
    asked = [call for call in calls_of(made("ai-failover", rate=40.0)) if call.ai is not None]
    settled = ONSET + timedelta(seconds=assistant.DRY_S)
    before = [call for call in asked if call.occurred_at < ONSET]
    after = [call for call in asked if call.occurred_at >= settled]
    assert Counter(call.ai.provider for call in before if call.ai)[assistant.FIRST.name] > 0.98 * len(before)
    taken = [call for call in after if call.ai is not None and call.ai.provider == assistant.SECOND.name]
    assert 0.7 < len(taken) / len(after) < 0.9
    assert all(call.upstream.statuses == (429, 200) and call.upstream.retries == 1 for call in taken)
    cut = [call for call in taken if call.ai is not None and call.ai.finish_reason == "length"]
    assert len(cut) / len(taken) == pytest.approx(assistant.CUT, abs=0.08)
    refused = [call for call in after if call.response.status == 429]
    assert 0.05 < len(refused) / len(after) < 0.2
    assert all(call.upstream.statuses[-1] == 429 for call in refused)
    dear, cheap = (median(call.ai.cost or 0 for call in some if call.ai) for some in (taken, before))
    assert dear > 2 * cheap


def test_an_overloaded_gateway_adds_its_own_time_and_nobody_else_is_slower() -> None:
    one = made("gateway-overload", rate=20.0)
    instance = one.truth["faults"][0]["cause"]["instance"]
    stage, added, behind, outcomes = TelemetryStage(b"k"), defaultdict(list), defaultdict(list), Counter[str]()
    for offset, (at_ms, raw) in enumerate(one.calls()):
        (output,) = stage.process(PlainRecord(raw, offset=offset, timestamp=at_ms))
        call = EnrichedCall.model_validate_json(output.value or b"")
        side = call.gateway.instance == instance and call.occurred_at >= ONSET + timedelta(minutes=5)
        assert call.latency.gateway_ms is not None
        added[side].append(call.latency.gateway_ms)
        if call.latency.upstream_ms is None:
            assert (call.outcome, call.blame, call.response.status) == ("gateway_error", "gateway", 503)
            outcomes["refused"] += side
            continue
        outcomes["served"] += side
        behind[side].append(call.latency.upstream_ms)
        whole = call.latency.upstream_ms + call.latency.gateway_ms
        assert call.latency.total_ms == pytest.approx(whole, abs=0.002)
    assert median(added[True]) == pytest.approx(ADDED_MS, rel=0.15)
    assert median(added[False]) < 6
    assert median(behind[True]) == pytest.approx(median(behind[False]), rel=0.15)
    assert outcomes["refused"] / outcomes.total() == pytest.approx(REFUSED, abs=0.03)


@pytest.mark.parametrize("name", ["gateway-overload", "disk-full"])
def test_what_fills_up_is_reported_and_the_others_are_not_full(name: str) -> None:
    one = made(name, minutes=20)
    (fault,) = [fault for fault in one.truth["faults"] if fault["kind"] == "capacity"]
    used = defaultdict(list)
    for signal in signals_of(one):
        if signal.resources is not None:
            used[signal.resources.instance].append(signal.resources.used[fault["cause"]["resource"]])
    full = used.pop(fault["cause"]["instance"])
    assert max(full[:10]) < 0.8
    assert min(full[-5:]) > 0.93
    assert used
    assert all(max(others) < 0.8 for others in used.values())


def test_one_account_takes_more_in_minutes_than_any_in_an_hour() -> None:
    one = made("data-access")
    (fault,) = one.truth["faults"]
    hours: Counter[tuple[str, int]] = Counter()
    taken = 0
    for signal in signals_of(one):
        assert signal.usage is not None
        if signal.occurred_at >= ONSET and signal.usage.rows >= fault["rows"] // 12:
            assert signal.usage.account == fault["cause"]["account"]
            taken += signal.usage.rows
        else:
            hours[signal.usage.account, int(signal.occurred_at.timestamp()) // 3_600] += signal.usage.rows
    assert taken == fault["rows"]
    assert max(hours.values()) < taken / 10
    assert NINE - min(signal.occurred_at for signal in signals_of(one)) > timedelta(hours=24)


def test_bots_meet_many_missing_pages_and_say_who_they_are() -> None:
    one = made("null+bots", rate=40.0)
    assert one.truth["faults"] == []
    assert one.truth["beside"][0]["kind"] == "bots"
    stage, seen = TelemetryStage(b"k"), list[EnrichedCall]()
    for offset, (at_ms, raw) in enumerate(one.calls()):
        (output,) = stage.process(PlainRecord(raw, offset=offset, timestamp=at_ms))
        call = EnrichedCall.model_validate_json(output.value or b"")
        if call.client.user_agent in {bots.CRAWLER, bots.SCANNER}:
            seen.append(call)
    assert len(seen) / offset == pytest.approx(bots.SHARE, rel=0.4)
    crawled = [call for call in seen if call.client.user_agent == bots.CRAWLER]
    assert {call.user_agent.device for call in crawled} == {"bot"}
    gone = sum(call.response.status == 404 for call in crawled) / len(crawled)
    assert gone == pytest.approx(bots.GONE_SHARE, abs=0.1)
    assert len({call.request.route for call in seen}) < 20
    assert {call.blame for call in seen} <= {"none", "client"}


def test_users_of_log_in_and_assistant_are_those_of_the_world() -> None:
    homes = defaultdict(set)
    for call in calls_of(made("ai-failover+credential-stuffing", users=200, rate=20.0, minutes=8)):
        assert call.request.id
        if call.user is not None and call.client.geo is not None:
            homes[call.user].add((call.client.geo.country_iso, call.client.user_agent))
    assert len(homes) > 100
    assert all(len(home) == 1 for home in homes.values())


def test_without_users_nobody_is_named_beside_the_world_either() -> None:
    for call in calls_of(made("ai-failover+credential-stuffing")):
        assert call.user is call.session is call.trace.trace_id is call.request.id is None


def test_parts_happen_together_and_each_at_its_own_time() -> None:
    one = made("checkout+outage@8-10+slow-leak+outage@12+erp@3", minutes=14)
    assert one.name == "checkout+outage+slow-leak+outage+erp"
    kinds = [(fault["kind"], fault["onset"]) for fault in one.truth["faults"]]
    assert kinds == [
        ("errors", "2026-06-15T09:06:00Z"), ("errors", "2026-06-15T09:08:00Z"), ("latency", "2026-06-15T09:06:00Z"),
        ("errors", "2026-06-15T09:12:00Z"), ("latency", "2026-06-15T09:03:00Z"),
    ]  # fmt: skip
    assert [part.name for part in one.planted] == ["checkout", "outage", "slow-leak", "outage 2", "erp"]
    down = one.truth["faults"][1]["cause"]["upstream"]
    assert down != one.truth["faults"][3]["cause"]["upstream"]
    at = [call.occurred_at for call in calls_of(one) if call.upstream.service == down and call.response.status == 503]
    inside = [NINE + timedelta(minutes=8) <= moment < NINE + timedelta(minutes=10) for moment in at]
    assert sum(inside) > 0.8 * len(inside) > 1
    assert any(call.caller is not None for call in calls_of(one))


def test_the_ids_of_several_parts_are_unique() -> None:
    for name in ("erp+outage+bots+ai-failover+credential-stuffing", "bots+bots", "disk-full+gateway-overload"):
        one = made(name, minutes=3)
        ids = [call.id for call in calls_of(one)]
        assert len(set(ids)) == len(ids)
        named = [signal.id for signal in signals_of(one)]
        assert len(set(named)) == len(named)


def test_the_first_part_is_as_it_is_alone() -> None:
    alone, joined = made("outage"), made("outage+slow-leak")
    assert joined.truth["faults"][0] == alone.truth["faults"][0]


@pytest.mark.parametrize(
    "name", ["outage@", "outage@x", "outage@9-3", "outage@-3", "outage@nan", "outage@1e99", "a+b", ""]
)
def test_parts_that_cannot_be_are_refused(name: str) -> None:
    with pytest.raises(Stop):
        made(name)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 30), st.integers(0, 120))
def test_as_many_arrive_as_the_rate_says_in_the_order_of_time(seed: int, rate: float, seconds: int) -> None:
    moments = list(arrivals(seed, 5, NINE, seconds, lambda _: rate))
    expected = rate * seconds
    assert abs(len(moments) - expected) <= 6 * math.sqrt(expected) + 6
    assert all(before <= after for before, after in pairwise(moments))
    assert all(0 <= moment - NINE.timestamp() < seconds for moment in moments)
