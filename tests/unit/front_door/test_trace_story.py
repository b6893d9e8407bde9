from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import orjson

from contracts.calls import EnrichedCall
from contracts.json_schema import example_file
from contracts.topics import CALLS, FEEDBACK_SCORED, GATEWAY
from hypercare.event_view import event_id
from hypercare.incidents.ended_in import EndedIn
from hypercare.topic_reader import Found
from hypercare.trace import is_event, mentions
from hypercare.trace_story import DocumentFound, Evidence, tell
from processors.event_time import CLAMPED
from sinks.elasticsearch.sampling import Sampling

BODY = b'{"id": "c1"}'
INDEX = ".ds-logs-hypercare.calls-default.default-000001"


def raw(offset: int, value: bytes = BODY) -> Found:
    return Found(value, None, (), "x-" + GATEWAY.name, 0, offset, 1_000 + offset)


def call(offset: int = 5) -> Found:
    return Found(BODY, None, (), "x-" + CALLS.name, 0, offset, 2_000)


def letter(of: Found, reason: str = "not_json") -> Found:
    said = {"topic": GATEWAY.name, "partition": "0", "offset": str(of.offset), "reason": reason, "stage": "telemetry"}
    headers = tuple((f"dlq.{name}", text.encode()) for name, text in said.items())
    return Found(of.value, None, headers, of.topic + ".dlq", 0, 0, 3_000)


def story(*records: Found, documents: int = 0, at: int = 100, **changes: Any) -> tuple[list[str], list[str]]:
    positions = {(record.topic, record.partition): at for record in records}
    kept = [DocumentFound(INDEX, "c1", "2026-06-15T09:00:00Z")] * documents
    told = tell(Evidence(records, kept, positions, {"telemetry": 7, "sink-calls": 3}, "x-", **changes))
    return [hop.decision for hop in told.hops], told.missing


def test_the_whole_way_is_told_in_order() -> None:
    decisions, missing = story(call(), raw(1), documents=1)
    assert decisions == ["enriched by telemetry", "indexed by sink-calls", "indexed, _id c1"]
    assert missing == []


def test_what_waits_says_behind_how_many() -> None:
    assert story(raw(1), at=1) == (["waits for telemetry"], ["not yet processed: telemetry is 7 behind"])
    decisions, missing = story(call(), at=5)
    assert (decisions, missing) == (["waits for sink-calls"], ["not yet indexed: sink-calls is 3 behind"])


def test_more_records_than_outputs_are_repeats() -> None:
    decisions, missing = story(raw(1), raw(2), call(), documents=1)
    assert decisions[:2] == ["enriched by telemetry", "dropped by telemetry as a repeat"]
    assert missing == []
    assert story(raw(1), raw(2), call(5), call(6), documents=1)[0][:2] == ["enriched by telemetry"] * 2


def test_a_dead_letter_ends_the_way_of_its_record_alone() -> None:
    decisions, missing = story(raw(1), raw(2), letter(raw(1)), call(), documents=1)
    assert decisions[0] == "dead-lettered by telemetry: not_json, "
    assert decisions[1] == "enriched by telemetry"
    assert "kept by telemetry: not_json" in decisions
    assert missing == []


def test_what_is_gone_is_said_to_be_missing() -> None:
    decisions, missing = story(raw(1), call())
    assert decisions == ["enriched by telemetry", "taken by sink-calls, no document found"]
    assert "document is not found" in missing[0]
    assert "not found" in story(raw(1))[1][0]


def test_documents_of_another_kind_do_not_count() -> None:
    scored = Found(BODY, None, (), "x-" + FEEDBACK_SCORED.name, 0, 1, 0)
    assert "no document" in story(scored, documents=1)[0][0]


def test_an_event_is_known_by_its_id_not_by_a_mention() -> None:
    assert is_event(raw(1), "c1")
    assert not is_event(raw(1, b'{"id": "c2", "thread": "c1"}'), "c1")
    assert is_event(raw(1, b'{"id": "c1", broken'), "c1"), "what cannot be read may be it"
    assert is_event(raw(1, b'{"id": "caf\\u00e9"}'), "café")
    assert not is_event(raw(1, b"{}"), "0" * 32)


def test_the_incident_it_ended_in_comes_last_with_the_way_there() -> None:
    kept = [DocumentFound("hypercare-feedback-default.shop", "f 1", "2026-06-15T09:00:00Z")]
    one = EndedIn("inc-1", "new", True, "P1", "S2", "Calls fail", "one of its complaints", "2026-06-15T09:05:00Z", "i")  # noqa: FBT003
    past = replace(one, incident="inc-0", state="merged", open=False, merged_into="inc-1")
    told = tell(Evidence([], kept, {}, {}, incidents=[one, past]))
    assert [(hop.kind, hop.place) for hop in told.hops[1:]] == [("incident", "inc-1"), ("incident", "inc-0")]
    assert told.hops[1].decision == "P1 S2 new: Calls fail: one of its complaints"
    assert "merged into inc-1" in told.hops[2].decision
    assert told.next == ["hypercare incidents show inc-1", "hypercare explain 'f 1'"]
    assert tell(Evidence([], [], {}, {})).next == []


def test_a_derived_id_is_looked_for_only_where_no_header_says_one() -> None:
    plain = raw(1, b'{"occurred_at": "2026-06-15T09:00:00Z"}')
    derived = event_id(plain)
    assert re.fullmatch("[0-9a-f]{32}", derived)
    assert is_event(plain, derived)
    named = replace(plain, headers=(("ce_id", b"c1"), ("ce_type", b"t"), ("ce_specversion", b"1.0")))
    assert mentions(plain, derived, derived=True)
    assert not mentions(named, derived, derived=True), "nothing is read of it"
    assert is_event(named, "c1")
    own = raw(1, b'{"id": "%b"}' % derived.encode())
    assert is_event(own, derived), "an id of its own may look like a derived one"
    assert is_event(replace(own, headers=named.headers), derived)


def test_a_call_that_was_not_to_be_kept_is_not_missing() -> None:
    example = orjson.loads(example_file(EnrichedCall).read_bytes().splitlines()[0])
    fine = orjson.dumps(example | {"outcome": "ok", "blame": "none", "latency": {"total_ms": 20.0}, "ai": None})
    record = replace(call(), value=fine, headers=(("ce_type", EnrichedCall.ce_type.encode()),))
    decisions, missing = story(record, sampling=Sampling("none"))
    assert decisions[0].startswith("not indexed by sink-calls: it went well, and of such calls none is kept")
    assert missing == []
    assert story(record)[1] == [
        "sink-calls took it, but its document is not found: deleted since, or see the stage's log"
    ]
    bad = replace(record, value=fine.replace(b'"ok"', b'"upstream_error"'))
    assert len(story(bad, sampling=Sampling("none"))[1]) == 1, "one that fails is to be there"
    assert len(story(call(), sampling=Sampling("none"))[1]) == 1, "one that cannot be read is not explained away"


def test_a_time_that_was_not_believed_is_told() -> None:
    body = {"id": "c1", "occurred_at": "2026-11-28T09:00:00Z", "notes": ["user_agent_unknown", CLAMPED]}
    clamped = replace(call(), value=orjson.dumps(body))
    decisions, missing = story(raw(1), clamped, documents=1)
    assert "2026-11-28T09:00:00Z" in decisions[0]
    assert decisions[0].startswith("enriched by telemetry, with the time Kafka got it")
    assert missing == []
    for value in (b"", b"[]", b'{"notes": 3}', b'{"notes": []}', b"\xff", None):
        assert story(raw(1), replace(call(), value=value), documents=1)[0][0] == "enriched by telemetry"
