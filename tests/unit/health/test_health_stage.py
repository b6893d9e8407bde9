"""Calls in, findings out: the life of a finding, without Kafka between the stages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import orjson
import pytest

from contracts.agreements import Project
from contracts.errors import Rejected
from contracts.findings import Finding
from contracts.json_schema import example_file
from contracts.windows import WindowSums
from hypercare.evaluate.pipeline import Pipeline
from processors.health.stage import HealthStage
from processors.runtime.records import PlainRecord
from processors.runtime.tables import State
from producers.simulate.scenario import scenario

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
ONSET, HEALED, END = 12, 18, 32
"""Minutes."""


def calls(seed: int, *, fails: bool = True, minutes: int = END) -> Iterator[tuple[int, bytes]]:
    random = Random(seed)
    for number in range(minutes * 60 * 8):
        at = NOON + timedelta(seconds=number / 8)
        route, country = random.randrange(6), random.choice(("DE", "FR", "US"))
        hit = route == 2 and country == "FR" and ONSET <= number / 480 < HEALED
        bad = random.random() < (0.5 if hit and fails else 0.004)
        event = {
            "id": f"call-{number}",
            "occurred_at": at.isoformat(),
            "project": "shop",
            "request": {"route": f"/r{route}", "method": "GET"},
            "response": {"status": 503 if bad else 200},
            "upstream": {"service": f"s{route % 3}"},
            "latency": {"total_ms": 20 + 20 * random.random()},
            "client": {"geo": {"country_iso": country}},
        }
        yield int(at.timestamp() * 1000), orjson.dumps(event)


def when(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()


def run(pipeline: Pipeline, given: list[tuple[int, bytes]]) -> list[Finding]:
    return [*pipeline.run(given), *pipeline.end(given[-1][0])]


def test_a_failing_combination_is_opened_and_closed_with_its_exact_cause() -> None:
    found = run(Pipeline(), list(calls(1)))
    assert Counter(f.finding for f in found).most_common()[0][1] == len(found), "one problem, one finding"
    opened, closed = found[0], found[-1]
    assert (opened.state, closed.state) == ("opened", "closed")
    assert {d.attribute: d.value for d in opened.cause} == {"route": "/r2", "country": "FR"}
    assert opened.occurred_at - NOON < timedelta(minutes=ONSET + 2)
    assert abs(opened.since - (NOON + timedelta(minutes=ONSET))) <= timedelta(seconds=30)
    assert opened.confidence > 0.9
    assert opened.evidence.failures == {"upstream:503": opened.evidence.observed}
    assert closed.closed_at is not None
    assert timedelta(minutes=HEALED) < closed.closed_at - NOON < timedelta(minutes=HEALED + 12)
    assert [f.revision for f in found] == list(range(len(found)))
    assert "route /r2" in opened.sentence
    assert "country FR" in opened.sentence


def test_numbers_are_those_of_the_calls() -> None:
    given = list(calls(1))
    opened = run(Pipeline(), given)[0]
    inside = [
        event
        for at_ms, raw in given
        if opened.evidence.since.timestamp() * 1000 <= at_ms < opened.evidence.until.timestamp() * 1000
        and (event := orjson.loads(raw))["request"]["route"] == "/r2"
        and event["client"]["geo"]["country_iso"] == "FR"
    ]
    assert opened.evidence.calls == len(inside)
    assert opened.evidence.observed == sum(event["response"]["status"] == 503 for event in inside)


def test_without_a_fault_nothing_is_found() -> None:
    assert run(Pipeline(), list(calls(2, fails=False))) == []


def test_a_restart_in_the_middle_changes_nothing() -> None:
    given = list(calls(1))
    whole = run(Pipeline(), given)
    pipeline = Pipeline()
    half = len(given) * ONSET // END + 800
    found = list(pipeline.run(given[:half]))
    pipeline.restart_health()
    found += run(pipeline, given[half:])
    assert found == whole


def test_failures_that_were_agreed_for_a_route_are_not_told() -> None:
    def agreed(share: float) -> Project:
        exception = {"route": "/r2", "limits": {"failing_share": share, "error_budget": 0.9}}
        return Project.model_validate({"project": "shop", "routes": [exception]})

    given = list(calls(1, minutes=18))
    assert run(Pipeline([agreed(0.8)]), given) == []
    assert run(Pipeline([agreed(0.08)]), given) != [], "a sixth of them fails"


def test_a_partner_that_meets_a_rate_limit_is_named() -> None:
    length, onset = timedelta(minutes=14), timedelta(minutes=8)
    made = scenario("rate-limiting", seed=5, start=NOON, duration=length, rate=20.0, onset=onset)
    (found,) = {finding.finding: finding for finding in Pipeline().run(made.calls())}.values()
    assert (found.kind, [(d.attribute, d.value) for d in found.cause]) == (
        "rate_limited",
        [("consumer", "partner-a")],
    )
    assert "turned away by a rate limit" in found.sentence


def test_a_quiet_project_whose_windows_end_at_any_time_is_looked_at() -> None:
    """A call every 70 s: its windows seldom end at a half minute."""
    given = []
    for number in range(120):
        at = NOON + timedelta(seconds=70 * number)
        event = {
            "id": f"call-{number}",
            "occurred_at": at.isoformat(),
            "request": {"route": "/r"},
            "response": {"status": 503 if number >= 80 else 200},
        }
        given.append((int(at.timestamp() * 1000), orjson.dumps(event)))
    found = run(Pipeline(), given)
    assert found
    assert {(f.kind, f.state) for f in found[:1]} == {("errors", "opened")}
    assert found[0].occurred_at - NOON < timedelta(seconds=70 * 95)


def test_a_gateway_that_stops_sending_is_named() -> None:
    length, onset = timedelta(minutes=22), timedelta(minutes=16)
    made = scenario("silent", seed=1, start=NOON, duration=length, rate=30.0, onset=onset)
    found = [f for f in Pipeline().run(made.calls()) if f.kind == "blind_spot"]
    (fault,) = made.truth["faults"]
    assert [(d.attribute, d.value) for d in found[0].cause] == list(fault["cause"].items())
    assert abs(found[0].since - (NOON + onset)) <= timedelta(seconds=20)
    assert found[0].occurred_at - (NOON + onset) < timedelta(minutes=2)
    assert "nothing is heard any more" in found[0].sentence


def test_a_project_that_falls_silent_is_noticed_although_no_window_closes_any_more() -> None:
    pipeline = Pipeline()
    given = list(calls(2, fails=False, minutes=14))
    assert list(pipeline.run(given)) == []
    found = [f for seconds in range(5, 200, 5) for f in pipeline.pause(given[-1][0] + 1_000 * seconds)]
    assert [(f.kind, f.state, f.cause) for f in found] == [("blind_spot", "opened", ())]
    assert found[0].sentence.startswith("All calls: nothing is heard any more")
    later = [f for hours in range(1, 30) for f in pipeline.pause(given[-1][0] + 3_600_000 * hours)]
    assert [(f.kind, f.state) for f in later] == [("blind_spot", "closed")], "it was taken away for good"


def test_a_project_that_is_heard_again_is_no_blind_spot() -> None:
    pipeline = Pipeline()
    given = list(calls(2, fails=False, minutes=14))
    assert list(pipeline.run(given)) == []
    for seconds in range(5, 200, 5):
        list(pipeline.pause(given[-1][0] + 1_000 * seconds))
    again = [(at + 240_000, raw) for at, raw in calls(3, fails=False, minutes=25) if at > given[-1][0]]
    again = [
        (at, orjson.dumps(orjson.loads(raw) | {"id": f"again-{at}", "occurred_at": when(at)})) for at, raw in again
    ]
    assert [f.state for f in pipeline.run(again) if f.kind == "blind_spot"] == ["closed"]


def test_what_was_learned_from_an_import_is_forgotten_an_hour_after_its_end() -> None:
    stage = HealthStage(b"key")
    state = State(stage.tables)
    good = orjson.loads(example_file(WindowSums).read_bytes().splitlines()[0])
    heard = NOON.timestamp() * 1000
    stage.process(PlainRecord(json.dumps(good | {"origin": "old.log"}).encode(), timestamp=int(heard)), state)
    assert stage.tick(NOON + timedelta(minutes=2), state), "its window closes"
    assert any("old.log" in key for spec in stage.tables for key in state[spec])
    stage.tick(NOON + timedelta(minutes=61), state)
    assert not [key for spec in stage.tables for key in state[spec]]


@pytest.mark.parametrize(
    "changes",
    [
        {"leaves": [9] * 11 + [1, 0, 0, 0, 0]},
        {"leaves": [-1] * 11 + [1, 0, 0, 0, 0]},
        {"values": []},
        {"leaves": [0] * 10},
        {"leaves": [[0] * 16]},
        {"leaves": [0.5] * 16},
        {"leaves": "none"},
        {"leaves": [True] * 16},
        {"leaves": [2**70] * 16},
        {"source": {"topic": "t", "partition": -1}},
        {"series": [{"outcomes": {"ok": 1}, "latency": {"99999999": 1}}]},
        {"low_at_ms": 2**62},
    ],
)
def test_sums_that_mean_nothing_are_refused_before_they_are_kept(changes: dict[str, Any]) -> None:
    stage = HealthStage(b"key")
    state = State(stage.tables)
    good = orjson.loads(example_file(WindowSums).read_bytes().splitlines()[0])
    with pytest.raises(Rejected):
        stage.process(PlainRecord(json.dumps(good | changes).encode(), timestamp=1), state)
    assert not state.changes
