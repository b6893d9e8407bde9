"""What is kept of successful calls, and that a document of a sample weighs as much as it stands for."""

from __future__ import annotations

import math
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.calls import EnrichedCall
from contracts.json_schema import example_file
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Skipped
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.documents import call_document
from sinks.elasticsearch.mappings import CALLS
from sinks.elasticsearch.sampling import ALL, MOST_ONE_IN, OTHERS, Sampling, weighted_again
from sinks.elasticsearch.stages import calls_sink
from sinks.elasticsearch.templates import component_templates

SAMPLE = Sampling("sample", one_in=10)
DRAWN = [1, 2, 22, 23, 39, 57]


def call(**changes: Any) -> EnrichedCall:
    """An example that went well, quickly, with changes."""
    said = orjson.loads(example_file(EnrichedCall).read_bytes().splitlines()[0])
    usual = {"outcome": "ok", "blame": "none", "ai": None, "latency": {"total_ms": 20.0, "upstream_ms": 15.0}}
    return EnrichedCall.model_validate_json(orjson.dumps(said | usual | changes))


def body_of(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(document.body)
    return found


def values(body: dict[str, Any], *path: str) -> list[float]:
    """All values of a number that Elasticsearch counts."""
    own: Any = body
    for name in path:
        own = (own or {}).get(name)
    (copied,) = (name for name, place in OTHERS.items() if place == path)
    found: list[float] = ([] if own is None else [own]) + body["hypercare"].get("others", {}).get(copied, [])
    return found


@pytest.mark.parametrize("outcome", ["client_error", "rate_limited", "auth_failed", "upstream_error", "aborted"])
@pytest.mark.parametrize("successful", ["all", "sample", "none"])
def test_a_call_that_did_not_go_well_is_always_kept_for_itself(outcome: str, successful: Any) -> None:
    kept = Sampling(successful, one_in=100)
    assert {kept.weight(call(id=f"c{number}", outcome=outcome)) for number in range(300)} == {1}


def test_a_slow_call_and_one_of_a_language_model_are_kept_for_themselves() -> None:
    none = Sampling("none", slow_ms=500)
    assert none.weight(call(latency={"total_ms": 500.0})) == 1
    assert none.weight(call(latency={"total_ms": 499.9})) == 0
    assert none.weight(call(latency={})) == 0
    assert none.weight(call(ai={"provider": "x", "cost": 0.1})) == 1


@given(st.integers(2, MOST_ONE_IN))
def test_the_sample_stands_for_all(one_in: int) -> None:
    count = 4_000
    sample = Sampling("sample", one_in=one_in)
    total = sum(sample.weight(call_with(f"call-{number}")) for number in range(count))
    assert abs(total - count) <= 5 * math.sqrt(count * (one_in - 1))


_made = call()


def call_with(name: str) -> EnrichedCall:
    return _made.model_copy(update={"id": name})


@given(st.text(min_size=1, max_size=40).filter(lambda name: name.isprintable()))
def test_what_is_kept_follows_from_the_id_alone(name: str) -> None:
    one = call_with(name)
    assert SAMPLE.weight(one) == SAMPLE.weight(one.model_copy(update={"tenant": "other"})) in {0, 10}
    assert ALL.weight(one) == 1


def test_ids_that_were_drawn_stay_drawn() -> None:
    """On any machine and in any version: else a replay would keep others than the first time."""
    assert [number for number in range(60) if SAMPLE.weight(call_with(f"call-{number}"))] == DRAWN


def test_a_document_of_a_sample_has_each_number_as_often_as_it_stands_for() -> None:
    one = call(response={"status": 200, "bytes": 900})
    body = body_of(call_document(one, 10))
    assert (body["_doc_count"], body["hypercare"]["weight"]) == (10, 10)
    assert values(body, "hypercare", "failed") == [0] * 10
    assert values(body, "hypercare", "latency", "total_ms") == [20.0] * 10
    assert values(body, "hypercare", "latency", "gateway_ms") == [], "what is not known is not known ten times"
    assert values(body, "http", "response", "body", "bytes") == [900] * 10
    alone = body_of(call_document(one))
    assert "_doc_count" not in alone
    assert "others" not in alone["hypercare"]
    assert alone["hypercare"]["weight"] == 1


def test_every_number_that_is_copied_is_mapped_so_and_not_stored() -> None:
    mapped = CALLS["hypercare"]["properties"]["others"]["properties"]
    assert {name: ".".join(path) for name, path in OTHERS.items()} == {
        name: field["copy_to"] for name, field in mapped.items()
    }
    template = component_templates(sampled=True)["hypercare-calls"]["template"]["mappings"]
    assert template["_source"] == {"excludes": ["hypercare.others"]}
    assert "_source" not in component_templates()["hypercare-calls"]["template"]["mappings"], (
        "else it costs for nothing"
    )


@given(st.integers(1, MOST_ONE_IN))
def test_a_document_that_is_read_and_written_back_weighs_the_same(weight: int) -> None:
    body = body_of(call_document(call(), weight))
    stored = {**body, "hypercare": {name: said for name, said in body["hypercare"].items() if name != "others"}}
    assert weighted_again(stored) == body
    assert weighted_again(weighted_again(stored)) == body


def test_documents_of_other_kinds_are_written_back_as_they_are() -> None:
    assert weighted_again({"message": "x"}) == {"message": "x"}


def record(one: EnrichedCall) -> PlainRecord:
    headers: list[tuple[str, bytes]] = [
        ("ce_specversion", b"1.0"),
        ("ce_id", one.id.encode()),
        ("ce_source", b"urn:test"),
    ]
    headers += [("ce_type", EnrichedCall.ce_type.encode()), ("ce_time", b"2026-06-15T09:00:00Z")]
    return PlainRecord(value=one.model_dump_json(exclude_none=True).encode(), headers=headers)


def test_the_sink_skips_with_a_reason_what_is_not_kept() -> None:
    stage = calls_sink(Sampling("none"))
    with pytest.raises(Skipped, match="successful_call_not_kept"):
        stage.process(record(call()))
    (document,) = stage.process(record(call(outcome="upstream_error", blame="upstream")))
    assert body_of(document)["hypercare"]["weight"] == 1
    weights = [
        body_of(document)["hypercare"]["weight"]
        for number in range(60)
        if SAMPLE.weight(one := call(id=f"call-{number}"))
        for document in calls_sink(SAMPLE).process(record(one))
    ]
    assert weights == [10] * len(DRAWN)
