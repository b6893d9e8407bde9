"""People write about what they met, and the truth says which call that was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import orjson
import pytest

from contracts.calls import EnrichedCall, GatewayCall
from contracts.errors import Stop
from contracts.feedback import EnrichedFeedback, Feedback
from processors.feedback.stage import FeedbackStage
from processors.runtime.records import PlainRecord
from processors.telemetry.stage import TelemetryStage
from producers.simulate.kinds import SCENARIOS
from producers.simulate.people.channels import DEFAULT_SHARES, By
from producers.simulate.people.crowd import people
from producers.simulate.people.said import Said
from producers.simulate.scenario import Scenario, scenario

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
MET = ("checkout", "erp", "outage", "bad-release", "slow-leak", "rate-limiting", "ai-failover", "gateway-overload")


@cache
def made(name: str, seed: int = 3, users: int = 400) -> Scenario:
    cause = {"upstream": "pay-1.shop.example.com"} if name == "checkout" else None
    length = timedelta(minutes=24)
    return scenario(
        name, seed=seed, start=NINE, duration=length, rate=16.0, onset=timedelta(minutes=4), cause=cause, users=users
    )


@cache
def told(name: str, seed: int = 3, by: By | None = None) -> list[Said]:
    one = made(name, seed)
    shares: Mapping[By, float] = DEFAULT_SHARES if by is None else {by: 1.0}
    return list(people(one, one.calls(), seed=seed, per_problem=20, noise=3.0, shares=shares))


@cache
def calls_of(name: str) -> dict[str, dict[str, Any]]:
    return {call["id"]: call for call in (orjson.loads(raw) for _, raw in made(name).calls())}


@pytest.mark.parametrize("name", SCENARIOS)
def test_pieces_come_in_the_order_of_time_as_the_contract_wants_them(name: str) -> None:
    pieces = told(name)
    assert len(pieces) >= 60
    assert all(before.at_ms <= after.at_ms for before, after in pairwise(pieces))
    for piece in pieces:
        feedback = Feedback.model_validate_json(piece.raw)
        assert feedback.id == piece.truth["id"]
        assert feedback.occurred_at.timestamp() * 1000 == pytest.approx(piece.at_ms, abs=1)
    assert len({piece.truth["id"] for piece in pieces}) == len(pieces)


def test_the_same_seed_makes_the_same_people() -> None:
    one = made("outage")
    again = list(people(one, one.calls(), seed=3, per_problem=20, noise=3.0))
    assert again == told("outage")
    assert [raw for _, raw, _ in people(one, one.calls(), seed=4, per_problem=20)] != [raw for _, raw, _ in again]


@pytest.mark.parametrize("name", MET)
def test_so_many_different_people_write_about_a_problem_after_it_began(name: str) -> None:
    about = [piece for piece in told(name) if piece.truth["problem"]]
    first = [piece for piece in about if not orjson.loads(piece.raw).get("thread")]
    first = [piece for piece in first if piece.truth["duplicate_of"] is None]
    assert 12 <= len(first) <= 20
    assert {piece.truth["problem"] for piece in about} == {name}
    assert all(piece.at_ms > (NINE + timedelta(minutes=4)).timestamp() * 1000 for piece in about)
    calls = [calls_of(name)[piece.truth["call"]] for piece in first]
    assert len({call.get("user") or call.get("session") or call["id"] for call in calls}) == len(calls)


@pytest.mark.parametrize("name", ["checkout", "outage", "bad-release", "rate-limiting"])
def test_their_calls_failed_as_planted(name: str) -> None:
    one = made(name)
    (fault,) = one.truth["faults"]
    for piece in told(name):
        if piece.truth["problem"]:
            call = calls_of(name)[piece.truth["call"]]
            assert call["response"]["status"] == one.faults[0].status  # type: ignore[attr-defined]
            seen = {"upstream": call["upstream"]["service"], "release": call["release"], "consumer": call["consumer"]}
            assert fault["cause"].items() <= seen.items()


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("erp", "office"),
        ("slow-leak", "slow"),
        ("rate-limiting", "rate_limit"),
        ("ai-failover", "assistant"),
        ("gateway-overload", "slow"),
    ],
)
def test_what_they_say_fits_what_they_met(name: str, topic: str) -> None:
    about = [piece.truth for piece in told(name) if piece.truth["problem"]]
    assert {truth["topic"] for truth in about} == {topic}
    assert {truth["category"] for truth in about} == {
        "functional_bug" if topic in {"rate_limit", "assistant"} else "performance"
    }


@pytest.mark.parametrize("by", DEFAULT_SHARES)
def test_nothing_ties_a_piece_to_its_call_more_than_the_truth_says(by: By) -> None:
    pieces = [piece for piece in told("outage", by=by) if piece.truth["problem"] and not piece.truth["duplicate_of"]]
    for piece in pieces:
        said, call = Feedback.model_validate_json(piece.raw), calls_of("outage")[piece.truth["call"]]
        tied = {
            "trace": call.get("trace", {}).get("trace_id") == said.trace.trace_id
            if said.trace.trace_id
            else call["request"]["id"] == said.trace.request_id,
            "session": said.session is not None and said.session == call.get("session"),
            "user": said.reporter.pseudonym is not None and said.reporter.pseudonym == call.get("user"),
        }
        if said.thread is None:
            assert piece.truth["by"] == by
        assert next((name for name, holds in tied.items() if holds), "anonymous") == piece.truth["by"]


def test_people_and_calls_still_know_each_other_after_the_stages() -> None:
    telemetry, listening = TelemetryStage(b"k"), FeedbackStage(b"k")
    users, sessions = {}, {}
    for offset, (at_ms, raw) in enumerate(made("outage").calls()):
        (output,) = telemetry.process(PlainRecord(raw, offset=offset, timestamp=at_ms))
        call = EnrichedCall.model_validate_json(output.value or b"")
        users[call.id], sessions[call.id] = call.user, call.session
    for offset, piece in enumerate(told("outage", by="session")):
        if piece.truth["by"] != "session" or piece.truth["duplicate_of"]:
            continue
        (output,) = listening.process(PlainRecord(piece.raw, offset=offset, timestamp=piece.at_ms))
        said = EnrichedFeedback.model_validate_json(output.value or b"")
        assert said.session == sessions[piece.truth["call"]]
        assert said.reporter.pseudonym in {None, users[piece.truth["call"]]}


@pytest.mark.parametrize("name", ["null", "silent", "null+bots", "disk-full", "credential-stuffing"])
def test_nobody_complains_of_what_nobody_meets(name: str) -> None:
    assert {piece.truth["problem"] for piece in told(name)} == {None}
    assert {piece.truth["call"] for piece in told(name)} == {None}
    assert {piece.truth["by"] for piece in told(name)} == {"none"}


def test_two_problems_at_once_are_told_apart() -> None:
    problems = Counter(piece.truth["problem"] for piece in told("outage+ai-failover"))
    assert set(problems) == {"outage", "ai-failover", None}
    topics = {piece.truth["topic"] for piece in told("outage+ai-failover") if piece.truth["problem"] == "ai-failover"}
    assert topics == {"assistant"}
    assert "assistant" not in {piece.truth["topic"] for piece in told("outage+ai-failover") if not piece.truth["call"]}


def test_what_has_no_cause_is_of_every_kind_but_the_planted_one() -> None:
    others = [piece.truth for name in ("outage", "rate-limiting", "null") for piece in told(name)]
    others = [truth for truth in others if truth["problem"] is None]
    assert {truth["category"] for truth in others} >= {
        "functional_bug", "usability", "feature_request", "security", "praise", "question", "other"
    }  # fmt: skip
    assert 0 < sum(truth["spam"] for truth in others) < len(others) / 5
    assert any(truth["automatic"] for truth in others)
    assert not {"rate_limit", "office"} & {truth["topic"] for truth in others}


def test_copies_forwards_and_replies_follow_what_was_written_first() -> None:
    pieces = [piece for seed in range(6) for piece in told("outage", seed)]
    found: Counter[str] = Counter()
    for seed in range(6):
        by_id = {piece.truth["id"]: piece for piece in told("outage", seed)}
        for piece in by_id.values():
            said, first = orjson.loads(piece.raw), by_id.get(piece.truth["duplicate_of"] or "")
            if first is not None:
                assert first.at_ms < piece.at_ms
                assert first.truth["call"] == piece.truth["call"]
                same = orjson.loads(first.raw)["text"] == said["text"]
                found["twice" if same else "forwarded"] += 1
                assert same or "> " in said["text"]
            if "thread" in said:
                assert by_id[said["thread"]].truth["problem"] == piece.truth["problem"]
                assert orjson.loads(by_id[said["thread"]].raw)["text"].splitlines()[0] in said["text"]
                found["reply"] += 1
    assert set(found) == {"twice", "forwarded", "reply"}
    assert found.total() < len(pieces) / 5


def test_what_would_come_later_is_left_out_when_that_is_wanted() -> None:
    one = made("outage")
    early = list(people(one, one.calls(), seed=3, per_problem=20, noise=3.0, until_ms=one.end_ms))
    assert 0 < len(early) < len(told("outage"))
    assert early == [piece for piece in told("outage") if piece.at_ms <= one.end_ms]


def test_pieces_come_while_the_calls_do() -> None:
    one, last = made("outage"), 0

    def calls() -> Any:
        nonlocal last
        for at_ms, raw in one.calls():
            last = at_ms
            yield at_ms, raw

    seen = [(piece.at_ms, last) for piece in people(one, calls(), seed=3, per_problem=20, noise=3.0)]
    during = [(at_ms, now) for at_ms, now in seen if now < one.end_ms - 2_000]
    assert during
    assert all(at_ms < now < at_ms + 5_000 for at_ms, now in during)


def test_calls_without_users_are_refused() -> None:
    with pytest.raises(Stop, match="no users"):
        list(people(made("outage", users=0), [], seed=1))


def test_raw_calls_of_users_are_valid() -> None:
    for _, raw in made("erp").calls():
        GatewayCall.model_validate_json(raw)
