"""The table of fields is found out and not written: it follows the documents."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from contracts.calls import EnrichedCall
from hypercare.documented_fields import MADE, fields_of, fields_table
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.documents import call_document


def test_known_fields_are_where_they_should_be() -> None:
    found = fields_of(EnrichedCall, call_document)
    assert found["request.route"] == ["http.route"]
    assert found["user"] == ["user.hash"]
    assert found["project"] == ["(index)", "hypercare.project"]
    assert set(found["latency.total_ms"]) == {"event.duration", "hypercare.latency.total_ms"}
    assert found["trace.parent_span_id"] == []


def test_a_field_that_only_some_kinds_have_is_seen() -> None:
    (matrix,) = (fields_of(model, document) for kind, model, document in MADE if kind == "matrix")
    assert matrix["name"] == ["http.route", "hypercare.journey"]


def test_a_document_that_drops_a_field_is_noticed() -> None:
    def without_route(call: Any) -> Document:
        made = call_document(call)
        body = orjson.loads(made.body)
        body["http"].pop("route")
        return Document(made.stream, made.id, orjson.dumps(body))

    assert fields_of(EnrichedCall, without_route)["request.route"] == []


@pytest.mark.parametrize("kind", [kind for kind, *_ in MADE])
def test_every_kind_has_its_table(kind: str) -> None:
    assert f"### {kind}\n" in fields_table()
