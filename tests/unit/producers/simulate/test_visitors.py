"""Users behind the calls change nothing but that the calls say who made them."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from contracts.calls import EnrichedCall, GatewayCall
from processors.runtime.records import PlainRecord
from processors.telemetry.stage import TelemetryStage
from producers.simulate.kinds import SCENARIOS
from producers.simulate.scenario import Scenario, scenario
from producers.simulate.traffic.callers import usual_users

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)


def made(name: str, minutes: int = 4, rate: float = 8.0, users: int = 60) -> Scenario:
    length = timedelta(minutes=minutes)
    return scenario(name, seed=3, start=NINE, duration=length, rate=rate, onset=length / 2, users=users)


@pytest.mark.parametrize("name", SCENARIOS)
def test_without_users_the_calls_are_the_same_but_for_who_made_them(name: str) -> None:
    named, nameless = (list(made(name, users=users).calls()) for users in (usual_users(8.0), 0))
    assert len(named) == len(nameless) > 100
    for (at, raw), (other_at, other) in zip(named, nameless, strict=True):
        call, plain = orjson.loads(raw), orjson.loads(other)
        assert at == other_at
        assert not {"user", "session", "trace"} & plain.keys()
        assert call["request"].pop("id", None) or call["id"].startswith("bot-")
        if name == "erp":
            call.pop("client", None)
        assert {key: value for key, value in call.items() if key not in {"user", "session", "trace"}} == plain


def test_a_user_has_one_home_and_one_browser_and_several_sessions() -> None:
    homes, sessions, owners = defaultdict(set), defaultdict(set), defaultdict(set)
    for _, raw in made("null", minutes=90, rate=4.0).calls():
        call = GatewayCall.model_validate_json(raw)
        if call.session is not None:
            owners[call.session].add(call.user)
        if call.user is not None and call.client.geo is not None:
            homes[call.user].add((call.client.geo.country_iso, call.client.user_agent))
            sessions[call.user].add(call.session)
    assert len(homes) > 20
    assert all(len(each) == 1 for each in homes.values())
    assert all(len(each) == 1 for each in owners.values())
    assert max(len(each) for each in sessions.values()) >= 4
    assert {None} in owners.values()


def test_partners_have_no_session() -> None:
    calls = [GatewayCall.model_validate_json(raw) for _, raw in made("null").calls()]
    assert {call.consumer for call in calls if call.session} == {"web", "ios-app", "android-app"}
    assert all(call.user is None for call in calls if call.session is None)


def test_request_and_trace_ids_are_unique_and_survive_the_telemetry_stage() -> None:
    stage, traces, requests = TelemetryStage(b"k"), [], []
    for offset, (at_ms, raw) in enumerate(made("null").calls()):
        (output,) = stage.process(PlainRecord(raw, offset=offset, timestamp=at_ms))
        call, understood = GatewayCall.model_validate_json(raw), EnrichedCall.model_validate_json(output.value or b"")
        assert (understood.trace, understood.request.id) == (call.trace, call.request.id)
        requests.append(call.request.id)
        traces += [call.trace.trace_id] if call.trace.trace_id else []
    assert len(set(requests)) == len(requests)
    assert len(set(traces)) == len(traces)
    assert 0.8 < len(traces) / len(requests) < 1


def test_the_hops_of_a_page_share_its_trace_and_only_the_page_has_a_person() -> None:
    services = defaultdict(list)
    for _, raw in made("erp").calls():
        call = GatewayCall.model_validate_json(raw)
        services[call.trace.trace_id].append(call)
        assert (call.caller is None) == (call.session is not None)
    assert {len(calls) for calls in services.values()} == {1, 3}
