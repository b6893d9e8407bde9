from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.errors import Stop
from contracts.topics import DEAD_LETTERS
from hypercare.commands.console import since_ms
from hypercare.dead_letters import Letter, Which, topics_of
from hypercare.replay import How, headers_of, why_not
from hypercare.topic_reader import Found, Place

PLACE = Place("hypercare.gateway.v1.dlq", 3, 17)
SAID = {"reason": "not_json", "stage": "telemetry", "topic": "hypercare.gateway.v1", "partition": "1", "offset": "5"}


def letter(**said: str) -> Letter:
    return Letter(PLACE, 1_000, {**SAID, **said}, 10)


def test_a_topic_is_named_by_either_side() -> None:
    for name in ("hypercare.gateway.v1", "hypercare.gateway.v1.dlq", "x-hypercare.gateway.v1"):
        assert topics_of(Which(topic=name), "x-") == ["x-hypercare.gateway.v1.dlq"]
    assert topics_of(Which(), "") == [topic.name for topic in DEAD_LETTERS]
    with pytest.raises(Stop, match=r"no topic hypercare\.replays\.v1"):
        topics_of(Which(topic="hypercare.replays.v1"), "")


@pytest.mark.parametrize(
    ("which", "taken"),
    [
        (Which(), True),
        (Which(reason="not_json", stage="telemetry", since_ms=1_000), True),
        (Which(reason="not_utf8"), False),
        (Which(stage="feedback"), False),
        (Which(since_ms=1_001), False),
    ],
)
def test_filters_must_all_agree(which: Which, *, taken: bool) -> None:
    assert which.takes(letter()) is taken


@pytest.mark.parametrize(
    ("said", "how", "why"),
    [
        ({}, How(), ""),
        ({"source": "access.log", "offset": "-1"}, How(), "line of a file"),
        ({"offset": "-1"}, How(), "line of a file"),
        ({"topic": "other"}, How(), "not one of ours"),
        ({"reason": "gap"}, How(named=True, again=True), "Kafka had deleted"),
        ({"shortened": "value 9000000 bytes"}, How(named=True, again=True), "kept shortened"),
        ({"shortened": ""}, How(), ""),
        ({"reason": "skipped_by_person"}, How(), "stopped its stage"),
        ({"reason": "skipped_by_person"}, How(named=True), ""),
        ({"reason": "skipped_along"}, How(), ""),
        ({"replayed_from": "t/1/2"}, How(), "rejected again"),
        ({"replayed_from": "t/1/2"}, How(again=True), ""),
    ],
)
def test_what_cannot_or_should_not_go_back_is_left_out_with_its_reason(
    said: dict[str, str], how: How, why: str
) -> None:
    found = why_not(letter(**said), how, {})
    assert why in found
    assert bool(why) == bool(found)


def test_a_letter_is_replayed_once_unless_asked_again() -> None:
    done = {PLACE: "hypercare.gateway.v1/0/9"}
    assert "--again" in why_not(letter(), How(), done)
    assert why_not(letter(), How(again=True), done) == ""


def test_somebody_elses_record_is_not_replayed() -> None:
    assert "dlq.reason" in why_not(Letter(PLACE, 0, {}, 0), How(), {})


def test_original_headers_stay_and_what_we_said_goes() -> None:
    headers = ((b"ce_id".decode(), b"e1"), ("n", None), ("dlq.reason", b"x"), ("dlq.replayed_from", b"t/0/1"))
    record = Found(b"v", b"k", headers, PLACE.topic, PLACE.partition, PLACE.offset)
    assert headers_of(record) == [("ce_id", b"e1"), ("n", None), ("dlq.replayed_from", str(PLACE).encode())]


def test_since_is_how_long_ago_or_a_time() -> None:
    now = datetime(2026, 6, 15, 9, tzinfo=UTC)
    at = int(now.timestamp() * 1000)
    assert since_ms("", now) == 0
    assert since_ms("90m", now) == at - 5_400_000
    assert since_ms("2026-06-15T09:00:00Z") == at
    assert since_ms("99999d", now) >= 1
    with pytest.raises(Stop, match="not a time"):
        since_ms("yesterday")
