"""Schemas, examples and topics say the same as the models."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from contracts.calls import GatewayCall
from contracts.event import Event
from contracts.feedback import Feedback
from contracts.json_schema import example_file, schema_file, schema_of
from contracts.topic import DEAD_LETTER_HEADROOM
from contracts.topic_table import PAGE, page
from contracts.topics import DEAD_LETTERS, EVENT_TYPES, SOURCES
from processors.feedback.stage import FeedbackStage
from processors.runtime.records import PlainRecord
from processors.telemetry.stage import TelemetryStage


def examples(event: type[Event]) -> Iterator[bytes]:
    yield from example_file(event).read_bytes().splitlines()


@pytest.mark.parametrize("event", EVENT_TYPES, ids=lambda e: e.ce_type)
def test_schema_file_is_what_the_model_says(event: type[Event]) -> None:
    assert schema_file(event).read_text() == schema_of(event), "run: make schemas"


@pytest.mark.parametrize("event", EVENT_TYPES, ids=lambda e: e.ce_type)
def test_examples_fit_model_and_schema(event: type[Event]) -> None:
    validator = Draft202012Validator(json.loads(schema_file(event).read_text()))
    lines = list(examples(event))
    assert lines
    for line in lines:
        assert not list(validator.iter_errors(json.loads(line)))
        assert event.model_validate_json(line).id


@pytest.mark.parametrize("event", EVENT_TYPES, ids=lambda e: e.ce_type)
def test_an_encoded_event_reads_back_as_itself(event: type[Event]) -> None:
    for line in examples(event):
        read = event.model_validate_json(line)
        assert event.model_validate_json(read.encode()) == read


@pytest.mark.parametrize(
    ("raw", "stage"), [(GatewayCall, TelemetryStage(b"example")), (Feedback, FeedbackStage(b"example"))]
)
def test_enriched_examples_are_what_the_stages_make_of_the_raw_ones(
    raw: type[Event], stage: TelemetryStage | FeedbackStage
) -> None:
    made = [
        output.value
        for offset, line in enumerate(examples(raw))
        for output in stage.process(
            PlainRecord(
                line, headers=[("ce_source", b"urn:example:sender")], offset=offset, timestamp=1_781_514_360_000
            )
        )
    ]
    enriched = next(e for e in EVENT_TYPES if issubclass(e, raw) and e is not raw)
    assert made == list(examples(enriched))


def test_every_event_type_travels_in_exactly_one_topic() -> None:
    travelling = [event for topic in SOURCES for event in topic.events]
    assert sorted(e.ce_type for e in travelling) == sorted(e.ce_type for e in EVENT_TYPES)


def test_a_dead_letter_fits_where_its_original_did_not_fail() -> None:
    for source, dead in zip(SOURCES, DEAD_LETTERS, strict=True):
        assert dead.name == f"{source.name}.dlq"
        assert dead.max_message_bytes == source.max_message_bytes + DEAD_LETTER_HEADROOM
        assert dead.partitions == source.partitions


def test_every_topic_is_documented() -> None:
    assert PAGE.read_text() == page(), "run: make schemas"
