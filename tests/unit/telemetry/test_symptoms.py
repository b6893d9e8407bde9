"""Which calls become symptoms, which of many are kept, and that nothing else of the stage changes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.calls import EnrichedCall, GatewayCall
from contracts.json_schema import example_file
from contracts.quick import quickened
from contracts.symptoms import MAX_MESSAGE_CHARS, Symptom
from contracts.topics import CALLS, FEEDBACK, SYMPTOMS
from processors.runtime.records import PlainRecord
from processors.telemetry.stage import TelemetryStage
from processors.telemetry.symptoms import FEW, ROOM, THINNED, SymptomFinder
from tests.unit.feedback.stages import feedback_stage, scored

AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
AT_MS = int(AT.timestamp() * 1000)


def call(name: str = "c", *, at: datetime = AT, ms: float | None = 60, **changes: Any) -> EnrichedCall:
    fields = {
        "id": name,
        "occurred_at": at,
        "request": {"route": "/reports/{id}", "method": "GET"},
        "response": {"status": 200},
        "latency": {"total_ms": ms},
        "upstream": {"service": "reports"},
        "outcome": "ok",
    }
    return EnrichedCall.model_validate(fields | changes)


def failing(name: str, **changes: Any) -> EnrichedCall:
    return call(name, response={"status": 502}, outcome="upstream_error", **changes)


def used_to(finder: SymptomFinder, ms: float, calls: int = 4 * (FEW + 1)) -> SymptomFinder:
    """Let it see so many calls of this duration, four a second."""
    for number in range(calls):
        finder.find(call(f"usual-{number}", at=AT - timedelta(seconds=(calls - number) / 4), ms=ms))
    return finder


def test_a_good_call_is_none_and_a_failing_one_says_what_a_complaint_can_be_joined_on() -> None:
    finder = SymptomFinder()
    assert finder.find(call()) is None
    given = failing(
        "f-1",
        user="p_user",
        session="p_session",
        trace={"trace_id": "4bf9"},
        request={"id": "r-1", "route": "/pay", "method": "POST"},
        error={"code": "E7", "message": "x" * 999},
        user_agent={"browser": "Firefox", "os": "Linux", "device": "desktop"},
        client={"geo": {"country_iso": "DE"}},
        release="2.1",
    )
    found = finder.find(given)
    assert found is not None
    assert (found.call, found.occurred_at, found.outcome, found.code) == ("f-1", AT, "upstream_error", "E7")
    assert (found.user, found.session, found.trace_id, found.request_id) == ("p_user", "p_session", "4bf9", "r-1")
    assert (found.browser, found.os, found.device, found.country) == ("Firefox", "Linux", "desktop", "DE")
    assert found.message == "x" * MAX_MESSAGE_CHARS
    assert found.id == SymptomFinder().find(given).id, "a replay repeats the same"  # type: ignore[union-attr]
    assert quickened(Symptom.model_validate_json(found.encode())) == found


def test_slow_is_against_what_is_usual_for_the_route_at_its_upstream() -> None:
    finder = used_to(SymptomFinder(), 150)
    slow = finder.find(call("slow", ms=900))
    assert slow is not None
    assert slow.outcome == "ok"
    assert slow.slow_ratio == pytest.approx(6, rel=0.01)
    assert finder.find(call("elsewhere", ms=900, upstream={"service": "other"})) is None, "nothing is usual there"
    assert finder.find(call("a bit", ms=450)) is None
    assert used_to(SymptomFinder(), 3).find(call("unfelt", ms=48)) is None, "sixteen times, and nobody notices"


def test_ten_seconds_are_slow_even_where_they_are_usual() -> None:
    assert used_to(SymptomFinder(), 12_000).find(call("slow", ms=12_000)) is not None
    assert SymptomFinder().find(call("slow", ms=12_000)) is not None


def test_half_an_hour_of_slowness_does_not_become_usual() -> None:
    finder = used_to(SymptomFinder(), 150, calls=14_400)
    found = [
        finder.find(call(f"slow-{number}", at=AT + timedelta(seconds=number / 4), ms=900)) for number in range(7_200)
    ]
    assert found[-1] is not None


def test_in_slow_times_less_is_slow() -> None:
    finder = used_to(SymptomFinder(), 150, calls=2_000)
    assert finder.find(call("before", ms=450)) is None
    for number in range(400):
        finder.find(call(f"slower-{number}", at=AT + timedelta(seconds=number / 4), ms=400))
    assert finder.find(call("then", at=AT + timedelta(seconds=100), ms=450)) is not None


def test_nobody_complains_for_a_robot() -> None:
    assert SymptomFinder().find(failing("f", user_agent={"device": "bot"})) is None


def test_beyond_the_room_of_a_second_few_are_kept_the_same_ones_and_known_people_first() -> None:
    calls = [
        failing(f"f-{number}", request={"route": f"/r/{number % 7}"}, user=None if number % 4 else f"p_{number}")
        for number in range(8_000)
    ]
    kept = [found for finder in [SymptomFinder()] for one in calls if (found := finder.find(one))]
    again = [found for finder in [SymptomFinder()] for one in calls if (found := finder.find(one))]
    assert [one.call for one in kept] == [one.call for one in again]
    known = Counter(bool(one.user) for one in kept)
    for knows, room in ((True, ROOM[True, "failure"][1]), (False, ROOM[False, "failure"][1])):
        assert room <= known[knows] <= room * (1 + 2 / (THINNED - 1))
    first = kept[: ROOM[True, "failure"][1]]
    assert {one.call for one in first} >= {f"f-{number}" for number in range(0, 100, 4)}


def test_a_flood_of_mistakes_does_not_push_out_failures_and_the_next_second_begins_anew() -> None:
    finder = SymptomFinder()
    for number in range(5_000):
        finder.find(call(f"m-{number}", response={"status": 404}, outcome="client_error"))
    assert finder.find(failing("f")) is not None
    later = call("m", at=AT + timedelta(seconds=1), response={"status": 404}, outcome="client_error")
    assert finder.find(later) is not None


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from(["a", "b"]),
            st.sampled_from([None, "s"]),
            st.sampled_from(["upstream_error", "client_error", "timeout", "ok"]),
        ),
        max_size=400,
    )
)
def test_it_never_keeps_more_than_its_bounds(drawn: Sequence[tuple[int, str, str | None, str]]) -> None:
    finder = SymptomFinder()
    kept = Counter(
        found.occurred_at
        for number, (second, route, session, outcome) in enumerate(drawn)
        if (
            found := finder.find(
                call(
                    str(number),
                    at=AT + timedelta(seconds=second),
                    ms=None,
                    request={"route": route},
                    session=session,
                    outcome=outcome,
                )
            )
        )
    )
    assert all(count <= sum(2 * room for _, room, _ in ROOM.values()) for count in kept.values())


def raw(**changes: Any) -> PlainRecord:
    body = {
        "id": "c",
        "occurred_at": AT.isoformat(),
        "request": {"path": "/a/1"},
        "response": {"status": 502},
        "user": "Ana",
        "session": "cookie-1",
    }
    return PlainRecord(json.dumps(body | changes).encode(), timestamp=AT_MS)


def test_the_stage_publishes_symptoms_beside_its_calls_which_do_not_change() -> None:
    before = TelemetryStage(b"k").process(raw())
    calls, symptom = TelemetryStage(b"k", symptoms=SymptomFinder()).process(raw())
    assert before == (calls,)
    assert calls.topic == CALLS.name
    assert (symptom.topic, symptom.key) == (SYMPTOMS.name, b"default/default")
    assert Symptom.model_validate_json(symptom.value or b"").call == "c"
    assert len(TelemetryStage(b"k", symptoms=SymptomFinder()).process(raw(response={"status": 200}))) == 1


def test_where_nothing_reads_calls_none_are_told_and_symptoms_are_the_same() -> None:
    calls, symptom = TelemetryStage(b"k", symptoms=SymptomFinder()).process(raw())
    assert list(TelemetryStage(b"k", symptoms=SymptomFinder(), calls=False).process(raw())) == [symptom]
    assert list(TelemetryStage(b"k", calls=False).process(raw())) == []
    assert list(TelemetryStage(b"k").process(raw())) == [calls]


def test_the_same_person_is_the_same_in_symptoms_and_in_feedback() -> None:
    _, written = TelemetryStage(b"k", symptoms=SymptomFinder()).process(raw())
    symptom = Symptom.model_validate_json(written.value or b"")
    said = {
        "id": "f",
        "occurred_at": AT.isoformat(),
        "text": "it fails",
        "reporter": {"pseudonym": " ana "},
        "session": "cookie-1",
    }
    given = PlainRecord(json.dumps(said).encode(), topic=FEEDBACK.name, timestamp=AT_MS)
    (feedback,) = scored(feedback_stage().process(given))
    assert symptom.user is not None
    assert (symptom.user, symptom.session) == (feedback.reporter.pseudonym, feedback.session)


def test_examples_are_what_becomes_of_the_example_calls() -> None:
    stage = TelemetryStage(b"example", symptoms=SymptomFinder())
    made = [
        output.value
        for offset, line in enumerate(example_file(GatewayCall).read_bytes().splitlines())
        for output in stage.process(PlainRecord(line, offset=offset, timestamp=1_781_514_360_000))
        if output.topic == SYMPTOMS.name
    ]
    assert made == example_file(Symptom).read_bytes().splitlines()
