"""What is written fits what is mapped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatch
from typing import Any

import pytest

from contracts.calls import EnrichedCall
from contracts.dead_letters import DeadLetter
from contracts.feedback import EnrichedFeedback
from contracts.findings import Finding, WindowHealth
from contracts.json_schema import example_file
from processors.runtime.records import PlainRecord
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.documents import call_document, dead_letter_document, feedback_document
from sinks.elasticsearch.health_documents import finding_document, health_document
from sinks.elasticsearch.templates import BASE, KINDS, component_templates, index_templates


def letter(**changes: Any) -> PlainRecord:
    made = DeadLetter(
        topic="hypercare.gateway.v1",
        key=None,
        value=b"\xff\x00",
        headers=[("ce_id", b"1")],
        reason="not_utf8",
        detail="byte 0",
        stage="telemetry",
        at=datetime(2026, 6, 15, tzinfo=UTC),
        partition=3,
        offset=7,
        origin="urn:x",
    )
    headers: Any = made.message_headers()
    return PlainRecord(**({"value": made.value, "headers": headers, "topic": "hypercare.gateway.v1.dlq"} | changes))


def documents() -> Iterator[tuple[str, Document]]:
    for line in example_file(EnrichedCall).read_bytes().splitlines():
        yield "calls", call_document(EnrichedCall.model_validate_json(line))
    for line in example_file(EnrichedFeedback).read_bytes().splitlines():
        yield "feedback", feedback_document(EnrichedFeedback.model_validate_json(line))
    for line in example_file(Finding).read_bytes().splitlines():
        yield "findings", finding_document(Finding.model_validate_json(line))
    for line in example_file(WindowHealth).read_bytes().splitlines():
        yield "health", health_document(WindowHealth.model_validate_json(line))
    yield "deadletters", dead_letter_document(letter())


def leaves(body: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, value in body.items():
        if isinstance(value, dict) and name != "attributes":
            yield from leaves(value, f"{path}{name}.")
        else:
            yield path + name


def mapped(properties: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, field in properties.items():
        if "type" in field:
            yield path + name
        else:
            yield from mapped(field["properties"], f"{path}{name}.")


@pytest.mark.parametrize(("kind", "document"), list(documents()))
def test_every_field_that_is_written_is_mapped(kind: str, document: Document) -> None:
    known = set(mapped(BASE)) | set(mapped(KINDS[kind]))
    assert not set(leaves(json.loads(document.body))) - known
    assert re.match(f"(logs|metrics)-hypercare\\.{kind}-", document.stream)
    assert any(fnmatch(document.stream, *template["index_patterns"]) for template in index_templates().values())


def test_the_same_event_has_the_same_id_and_no_unknown_fields() -> None:
    line = example_file(EnrichedCall).read_bytes().splitlines()[1]
    once, again = (call_document(EnrichedCall.model_validate_json(line)) for _ in range(2))
    assert once == again
    assert b"null" not in once.body


def test_a_dead_letter_document_says_what_and_where_and_not_what_it_held() -> None:
    document = dead_letter_document(letter())
    body = json.loads(document.body)
    assert body["error"] == {"code": "not_utf8", "message": "byte 0"}
    assert body["hypercare"]["dead_letter"]["source"] == {
        "topic": "hypercare.gateway.v1",
        "partition": 3,
        "offset": 7,
        "line": 0,
    }
    assert dead_letter_document(letter(offset=99)).id == document.id, "produced twice, indexed once"
    assert dead_letter_document(letter(value=b"other")).id != document.id


def test_templates_leave_a_place_for_the_user_s_own_and_beat_elastic_s() -> None:
    for name, template in index_templates().items():
        kind = name.partition("-hypercare.")[2]
        assert template["composed_of"][-1] == f"hypercare-{kind}@custom"
        assert template["ignore_missing_component_templates"] == [f"hypercare-{kind}@custom"]
        assert template["priority"] > 500
        assert all(part in component_templates() for part in template["composed_of"][:-1])
