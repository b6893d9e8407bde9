"""Our own events over HTTP: taken whole or not at all, and the same events when sent again."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.feedback import BOUNDS
from contracts.json_schema import example_file
from contracts.pseudonyms import pseudonym_of_person
from contracts.topics import FEEDBACK, GATEWAY, SIGNALS
from producers.intake.app import CONTRACTS
from producers.intake.keys import RATE
from producers.intake.limits import Limits
from tests.unit.intake.desk import ALL, NOW, SECRET, TOKEN, Desk, key

CALL = {
    "occurred_at": "2026-06-15T08:59:00Z",
    "request": {"method": "GET", "path": "/orders/42"},
    "response": {"status": 502},
}
TEXT = {"text": "The pay button spins for ever", "occurred_at": "2026-06-15T08:59:00Z"}
OURS = {"tenant", "project", "environment"}
NDJSON = "application/x-ndjson"
DESK = Desk()


def examples(purpose: str) -> list[dict[str, Any]]:
    lines = example_file(CONTRACTS[purpose]).read_text().splitlines()
    return [{name: said for name, said in orjson.loads(line).items() if name not in OURS} for line in lines if line]


@pytest.mark.parametrize("purpose", ALL)
def test_every_example_is_taken_one_by_one_and_together(purpose: str) -> None:
    found = examples(purpose)
    for body, kind in (
        *((one, "application/json") for one in found),
        (found, "application/json"),
        (b"\n".join(map(orjson.dumps, found)), NDJSON),
        (b"\r\n".join(map(orjson.dumps, found)) + b"\r\n\r\n", f"{NDJSON}; charset=utf-8"),
    ):
        desk = Desk()
        answer = desk.send(f"/v1/{purpose}", body, kind=kind)
        assert answer.status_code == 202, answer.text
        said = answer.json()
        written = desk.values()
        assert said["accepted"] == len(said["ids"]) == len(written)
        assert said["ids"] == [one["id"] for one in written]
        assert {(one["tenant"], one["project"]) for one in written} == {("acme", "shop")}


def test_events_go_to_their_topic_with_key_and_headers() -> None:
    desk = Desk()
    desk.send("/v1/feedback", TEXT)
    desk.send("/v1/calls", CALL)
    desk.send("/v1/signals", {"kind": "deployment", "deployment": {"release": "2.4.1"}})
    feedback, call, signal = desk.outlet.messages
    assert (feedback.topic, feedback.key) == (FEEDBACK.name, b"acme/shop")
    assert (call.topic, call.key) == (GATEWAY.name, None)
    assert (signal.topic, signal.key) == (SIGNALS.name, b"acme/shop")
    headers = dict(feedback.headers)
    assert headers["ce_source"] == b"urn:hypercare:intake:feedback:abcdefgh"
    assert headers["ce_id"] == desk.values()[0]["id"].encode()


def test_gzip_of_several_members_is_unpacked() -> None:
    desk = Desk()
    lines = [gzip.compress(orjson.dumps(CALL | {"id": f"c{number}"}) + b"\n") for number in range(3)]
    answer = desk.send("/v1/calls", b"".join(lines), kind=NDJSON, Content_Encoding="gzip")
    assert answer.json()["ids"] == ["c0", "c1", "c2"]


def test_the_same_sent_again_is_the_same_event() -> None:
    desk = Desk()
    first, second = desk.send("/v1/calls", [CALL, CALL]), desk.send("/v1/calls", [CALL, CALL])
    assert first.json()["ids"] == second.json()["ids"]
    assert len(set(first.json()["ids"])) == 2, "two equal items of a request are two events"
    assert desk.send("/v1/feedback", TEXT | {"id": "f-1"}).json()["ids"] == ["f-1"]


def test_an_idempotency_key_names_events_without_an_id() -> None:
    desk = Desk()
    body = [{"text": "It broke"}, {"text": "It broke"}, {"id": "own", "text": "It broke"}]
    first = desk.send("/v1/feedback", body, Idempotency_Key="k-1").json()["ids"]
    desk.now += timedelta(seconds=40)
    assert desk.send("/v1/feedback", body, Idempotency_Key="k-1").json()["ids"] == first
    assert len(set(first)) == 3
    assert first[2] == "own"
    assert not set(desk.send("/v1/feedback", body[:2], Idempotency_Key="k-2").json()["ids"]) & set(first)
    assert desk.send("/v1/feedback", body, Idempotency_Key="k" * 256).status_code == 400


def test_reports_without_time_happened_now_and_are_kept_apart() -> None:
    desk = Desk()
    ids = {desk.send("/v1/feedback", {"text": "It broke"}).json()["ids"][0] for _ in range(3)}
    assert len(ids) == 3
    assert {one["occurred_at"] for one in desk.values()} == {"2026-06-15T09:00:00Z"}


def test_a_call_without_a_time_is_refused_with_its_field_and_index() -> None:
    desk = Desk()
    untimed = {name: said for name, said in CALL.items() if name != "occurred_at"}
    answer = desk.send("/v1/calls", [CALL, untimed, CALL | {"response": {"status": "many"}}])
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert [(one["index"], one["field"]) for one in said["errors"]] == [(1, "occurred_at"), (2, "response.status")]
    assert (said["wrong"], said["status"]) == (2, 422)
    assert "many" not in answer.text, "what was sent is not repeated"
    assert desk.outlet.messages == [], "nothing of a request with mistakes is taken"


@pytest.mark.parametrize("field", ["tenant", "project", "environment"])
def test_whose_event_it_is_comes_from_the_key(field: str) -> None:
    desk = Desk()
    answer = desk.send("/v1/feedback", TEXT | {field: "another"})
    assert answer.json()["errors"][0]["field"] == field
    assert desk.send("/v1/feedback", TEXT | {"tenant": "acme", "project": "shop"}).status_code == 202
    assert len(desk.outlet.messages) == 1


def test_people_are_pseudonyms_from_here_on() -> None:
    desk = Desk()
    desk.send("/v1/feedback", TEXT | {"reporter": {"pseudonym": "Ana <ANA@example.com>"}, "session": "s-1"})
    desk.send("/v1/calls", CALL | {"user": "ana@example.com", "session": "s-1"})
    feedback, call = desk.values()
    assert feedback["reporter"]["pseudonym"] == call["user"] == pseudonym_of_person("ana@example.com", SECRET)
    assert feedback["session"] == call["session"] != "s-1"
    assert b"ana@" not in desk.outlet.messages[0].value.lower()


def test_structured_cloudevents_are_taken() -> None:
    desk = Desk()
    event = {"specversion": "1.0", "id": "ce-1", "source": "urn:x", "type": CONTRACTS["feedback"].ce_type, "data": TEXT}
    kind = "application/cloudevents+json"
    assert desk.send("/v1/feedback", event, kind=kind).json()["ids"] == ["ce-1"]
    answer = desk.send("/v1/calls", event, kind=kind)
    assert answer.json()["errors"][0]["reason"] == "unknown_type"


@pytest.mark.parametrize(
    ("body", "kind", "status", "reason"),
    [
        (b"", "application/json", 400, "empty"),
        (b"  \n", NDJSON, 400, "empty"),
        (b"[]", "application/json", 400, "empty"),
        (b"[1,2", "application/json", 400, "not_json"),
        (b"[" * 5_000, "application/json", 400, "not_json"),
        (b'{"text": "a"', "application/json", 422, "invalid_events"),
        (b'{"text": NaN}', "application/json", 422, "invalid_events"),
        (b'{"a":' * 3_000, "application/json", 422, "invalid_events"),
        (b"null", "application/json", 422, "invalid_events"),
        (b"[null, 1]", "application/json", 422, "invalid_events"),
        (b"\xff\xfe\x00", "application/json", 422, "invalid_events"),
        (b'{"text": "a\\u0000b"}', "application/json", 422, "invalid_events"),
        (b'{"text": "\xff"}', "application/json", 422, "invalid_events"),
        (b'{"text": "a"}', "text/plain", 415, "unknown_content_type"),
        (b'{"text": "a"}', "application/x-www-form-urlencoded", 415, "unknown_content_type"),
    ],
)
def test_what_cannot_be_taken_is_said(body: bytes, kind: str, status: int, reason: str) -> None:
    desk = Desk()
    answer = desk.send("/v1/feedback", body, kind=kind)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:hypercare:problem:{reason}")
    assert desk.outlet.messages == []


def test_odd_texts_come_through_as_they_are() -> None:
    texts = ["a\u200b", "\u202eabc", "🦔" * 100, "кирилл 漢字 عربى", "a" * 200_000]
    desk = Desk()
    assert desk.send("/v1/feedback", [TEXT | {"text": text} for text in texts]).status_code == 202
    assert [one["text"] for one in desk.values()] == texts
    assert desk.send("/v1/feedback", TEXT | {"text": "a" * 1_000_000}).json()["errors"][0]["field"] == "text"


def test_limits_of_size_after_unpacking_and_in_number() -> None:
    desk = Desk(limits=Limits(body_bytes=2_000, unpacked_bytes=10_000, items=3))
    assert desk.send("/v1/feedback", TEXT | {"text": "a" * 3_000}).status_code == 413
    bomb = gzip.compress(b'{"text": "' + b"a" * 1_000_000 + b'"}')
    assert len(bomb) < 2_000
    assert desk.send("/v1/feedback", bomb, Content_Encoding="gzip").status_code == 413
    assert desk.send("/v1/feedback", [TEXT] * 4).status_code == 413
    assert desk.send("/v1/feedback", [TEXT] * 3).status_code == 202
    assert desk.send("/v1/feedback", TEXT, Content_Encoding="br").status_code == 415
    assert desk.send("/v1/feedback", b"not packed", Content_Encoding="gzip").status_code == 400
    assert desk.send("/v1/feedback", gzip.compress(b"{}")[:-4], Content_Encoding="gzip").status_code == 400
    assert desk.intake.room.taken == 0, "room is given back whatever happens"


def test_a_full_reading_room_asks_to_come_later() -> None:
    desk = Desk(limits=Limits(reading_bytes=50))
    answer = desk.send("/v1/feedback", TEXT | {"text": "a" * 100})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_kafka_away_asks_to_come_later() -> None:
    desk = Desk()
    desk.outlet.away = "Kafka has not confirmed it within 9 s"
    answer = desk.send("/v1/feedback", TEXT)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert desk.send("/health/ready", b"", method="GET").status_code == 503
    assert desk.send("/health/live", b"", method="GET").status_code == 200


def test_a_key_is_held_to_its_rate_and_then_let_in_again() -> None:
    desk = Desk(key(rate=5))
    assert desk.send("/v1/feedback", [TEXT] * 10).status_code == 202
    answer = desk.send("/v1/feedback", [TEXT] * 5)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    desk.clock += 1.0
    assert desk.send("/v1/feedback", [TEXT] * 5).status_code == 202
    assert key().rate == RATE


def test_a_batch_above_the_burst_is_taken_once_and_paid_for() -> None:
    desk = Desk(key(rate=1))
    assert desk.send("/v1/feedback", [TEXT] * 9).status_code == 202
    assert desk.send("/v1/feedback", TEXT).status_code == 429
    desk.clock += 8.0
    assert desk.send("/v1/feedback", TEXT).status_code == 202


def test_paths_and_methods_that_are_not_there_are_problems() -> None:
    desk = Desk()
    for method, path, status in (("GET", "/v1/feedback", 405), ("POST", "/v2/feedback", 404)):
        answer = desk.send(path, b"", method=method)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_mistake_of_ours_says_nothing_of_the_inside() -> None:
    desk = Desk()
    desk.outlet.messages = None  # type: ignore[assignment]
    answer = desk.send("/v1/feedback", TEXT)
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:hypercare:problem:unexpected")
    assert "Traceback" not in answer.text
    assert "NoneType" not in answer.text


ITEMS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "id", "occurred_at", "request", "rating", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(items=st.lists(ITEMS, max_size=4), purpose=st.sampled_from(ALL))
def test_any_json_is_taken_or_a_problem(items: list[Any], purpose: str) -> None:
    desk = DESK.emptied()
    try:
        body = orjson.dumps(items)
    except (TypeError, orjson.JSONEncodeError):
        return
    answer = desk.send(f"/v1/{purpose}", body)
    assert answer.status_code in {202, 400, 422}
    assert len(desk.outlet.messages) == (len(items) if answer.status_code == 202 else 0)


@settings(max_examples=100)
@given(body=st.binary(max_size=200), kind=st.sampled_from(["application/json", NDJSON]), packed=st.booleans())
def test_any_bytes_are_taken_or_a_problem(body: bytes, kind: str, *, packed: bool) -> None:
    desk = DESK.emptied()
    headers = {"Content_Encoding": "gzip"} if packed else {}
    assert desk.send("/v1/calls", body, kind=kind, **headers).status_code in {400, 422}
    assert desk.intake.room.taken == 0


@settings(max_examples=40)
@given(numbers=st.lists(st.integers(0, 9), min_size=1, max_size=8), cut=st.integers(0, 8))
def test_batching_does_not_change_ids(numbers: list[int], cut: int) -> None:
    """Items that differ have the same ids, however they are split over requests."""
    distinct = [CALL | {"request": {"path": f"/{number}"}} for number in dict.fromkeys(numbers)]
    desk = DESK.emptied()
    whole = desk.send("/v1/calls", distinct).json()["ids"]
    parts = [desk.send("/v1/calls", part).json()["ids"] for part in (distinct[:cut], distinct[cut:]) if part]
    assert [one for part in parts for one in part] == whole


def test_no_key_an_unknown_one_another_purpose_a_revoked_one() -> None:
    desk = Desk(key(("calls",)))
    assert desk.send("/v1/calls", CALL, token=None).status_code == 401
    assert desk.send("/v1/calls", CALL, token=TOKEN[:-1] + "b").status_code == 401
    assert desk.send("/v1/calls", CALL, token="é" * 32).status_code == 401
    assert desk.send("/v1/feedback", TEXT).status_code == 403
    assert desk.send("/v1/calls", CALL, token=None, X_Api_Key=TOKEN).status_code == 202
    desk.keys = [key(("calls",), revoked_at=NOW)]
    answer = desk.send("/v1/calls", CALL)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert len(desk.outlet.messages) == 1


def test_pages_of_named_origins_may_send() -> None:
    desk = Desk(cors=("https://shop.example.com",))
    asked = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "authorization"}
    fine = desk.send("/v1/feedback", b"", method="OPTIONS", Origin="https://shop.example.com", **asked)
    other = desk.send("/v1/feedback", b"", method="OPTIONS", Origin="https://evil.example.com", **asked)
    assert fine.headers["access-control-allow-origin"] == "https://shop.example.com"
    assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    ("rating", "bounds"),
    [
        ({"value": 9, "scale": "stars"}, "stars goes from 1 to 5"),
        ({"value": 0, "scale": "csat"}, "csat goes from 1 to 5"),
        ({"value": 7.5, "scale": "ces"}, "ces goes from 1 to 7"),
    ],
)
def test_a_rating_outside_its_scale_is_refused_with_the_scale(rating: dict[str, Any], bounds: str) -> None:
    desk = Desk()
    answer = desk.send("/v1/feedback", [TEXT, {**TEXT, "rating": rating}])
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert (wrong["index"], wrong["reason"], wrong["field"]) == (1, "invalid_field", "rating.value")
    assert bounds in wrong["detail"]
    assert not desk.outlet.messages


@pytest.mark.parametrize("scale", BOUNDS)
def test_both_ends_of_a_scale_are_taken(scale: str) -> None:
    for value in BOUNDS[scale]:
        assert Desk().send("/v1/feedback", {**TEXT, "rating": {"scale": scale, "value": value}}).status_code == 202


@pytest.mark.parametrize("text", ["", "  \n", "\u200b\u2060\ufeff", "\u202e "])
def test_feedback_that_says_nothing_is_refused_at_once(text: str) -> None:
    for item in ({"text": text}, {"text": text, "title": text}):
        answer = Desk().send("/v1/feedback", item)
        assert answer.status_code == 422
        assert (answer.json()["errors"][0]["reason"], answer.json()["errors"][0]["field"]) == ("invalid_field", "text")


def test_a_title_or_a_rating_alone_says_something() -> None:
    desk = Desk()
    assert desk.send("/v1/feedback", {"text": "", "title": "Paying hangs"}).status_code == 202
    assert desk.send("/v1/feedback", {"text": " ", "rating": {"scale": "stars", "value": 1}}).status_code == 202
    titled, rated = desk.values()
    assert (titled["text"], titled["title"]) == ("", "Paying hangs")
    assert rated["text"] == "stars 1"


@pytest.mark.parametrize(
    ("body", "reason"), [(b"not json", "not_json"), (b'{"text": ', "not_json"), (b'"text"', "not_an_object")]
)
def test_what_is_no_json_is_told_from_what_is_no_object(body: bytes, reason: str) -> None:
    answer = Desk().send("/v1/feedback", body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["reason"] == reason
