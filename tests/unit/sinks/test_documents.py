"""What is written fits what is mapped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatch
from typing import Any

import pytest

from contracts.audit import AuditEntry, Link
from contracts.calls import EnrichedCall
from contracts.dead_letters import DeadLetter
from contracts.feedback import EnrichedFeedback
from contracts.findings import Finding, WindowHealth
from contracts.groups import FeedbackGroup, ReportedObserved
from contracts.json_schema import example_file
from contracts.signals import Signal
from processors.runtime.records import PlainRecord
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.documents import call_document, dead_letter_document
from sinks.elasticsearch.feedback_documents import RESTRICTED, feedback_documents
from sinks.elasticsearch.group_documents import audit_document, group_documents, matrix_document
from sinks.elasticsearch.health_documents import finding_document, health_document
from sinks.elasticsearch.incident_documents import incident_documents
from sinks.elasticsearch.mappings import BASE
from sinks.elasticsearch.signal_documents import signal_documents
from sinks.elasticsearch.stages import calls_sink
from sinks.elasticsearch.templates import KINDS, component_templates, index_templates
from sinks.kibana.rules import ALERTS, RULES
from tests.unit import incidents_made
from tests.unit.feedback.desk import Desk


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


def understood(*, restricted: bool = False) -> EnrichedFeedback:
    """A piece of feedback of which everything is known."""
    said = {
        "id": "f-1",
        "occurred_at": "2026-06-15T09:00:00Z",
        "text": "someone else's invoice, tell nobody",
        "title": "I see an invoice",
        "revision": 3,
        "category": {"name": "security", "probability": 0.9, "words": ["someone else's"], "needs_triage": False},
        "security": {"probability": 0.95, "words": ["else's invoice"], "restricted": restricted},
        "severity": {"value": 0.8, "from_text": 0.4, "words": ["nobody"]},
        "group": {
            "group": "g-1",
            "decision": "reworded",
            "similarity": 0.8,
            "reason": "shares the words invoice",
            "title": "I see an invoice",
            "nearest": "f-0",
            "suggested": "g-2",
            "suggested_similarity": 0.6,
        },
        "links": [
            {
                "call": "c-1",
                "occurred_at": "2026-06-15T08:59:00Z",
                "by": "trace",
                "points": 9.5,
                "probability": 0.97,
                "lag_s": 60,
                "evidence": {"same trace": 8.0, "status": 1.5},
                "route": "/invoices/{id}",
                "method": "GET",
                "upstream": "billing",
                "outcome": "upstream_error",
                "code": "500",
                "blame": "upstream",
            }
        ],
        "known_issue": {"issue": "SHOP-1", "title": "Invoices are mixed up", "workaround": "call us"},
        "score": 80,
    }
    return EnrichedFeedback.model_validate_json(json.dumps(said))


def measured() -> Iterator[tuple[str, Document]]:
    for line in example_file(WindowHealth).read_bytes().splitlines():
        yield "health", health_document(WindowHealth.model_validate_json(line))
    for line in example_file(Signal).read_bytes().splitlines():
        yield from (("signals", one) for one in signal_documents(Signal.model_validate_json(line)))


def documents() -> Iterator[tuple[str, Document]]:
    yield from measured()
    for line in example_file(EnrichedCall).read_bytes().splitlines():
        yield "calls", call_document(EnrichedCall.model_validate_json(line))
    for line in example_file(EnrichedFeedback).read_bytes().splitlines():
        yield from (("feedback", one) for one in feedback_documents(EnrichedFeedback.model_validate_json(line)))
    yield from (("feedback", one) for one in feedback_documents(understood()))
    yield from (("feedback", one) for one in feedback_documents(understood(restricted=True)))
    for line in example_file(FeedbackGroup).read_bytes().splitlines():
        for group in (read := FeedbackGroup.model_validate_json(line), read.model_copy(update={"restricted": True})):
            yield from (("groups", one) for one in group_documents(group))
    for line in example_file(ReportedObserved).read_bytes().splitlines():
        yield "matrix", matrix_document(ReportedObserved.model_validate_json(line))
    for line in example_file(AuditEntry).read_bytes().splitlines():
        for link in (None, Link(sequence=3, previous="a0", hash="b1")):
            entry = AuditEntry.model_validate_json(line).model_copy(update={"incident": "inc-1", "link": link})
            yield "audit", audit_document(entry)
    for line in example_file(Finding).read_bytes().splitlines():
        yield "findings", finding_document(Finding.model_validate_json(line))
    yield "deadletters", dead_letter_document(letter())
    for rule in RULES:
        body = json.dumps(rule.document("open", "/pay", "20 of them"))
        yield "alerts", Document(ALERTS, rule.id, body.encode())


def leaves(body: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, value in body.items():
        if isinstance(value, dict) and name not in {"attributes", "evidence", "before", "after"}:
            yield from leaves(value, f"{path}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for one in value:
                yield from leaves(one, f"{path}{name}.")
        else:
            yield path + name


def mapped(properties: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, field in properties.items():
        if "type" in field:
            yield path + name
        else:
            yield from mapped(field["properties"], f"{path}{name}.")


def living_incidents() -> Iterator[tuple[str, Document]]:
    for incident in incidents_made.every():
        yield from (("incidents", one) for one in incident_documents(incident))


@pytest.mark.parametrize(("kind", "document"), [*documents(), *living_incidents()])
def test_every_field_that_is_written_is_mapped(kind: str, document: Document) -> None:
    known = set(mapped(BASE)) | set(mapped(KINDS[kind]))
    assert not set(leaves(json.loads(document.body))) - known
    assert re.match(f"(logs|metrics)-hypercare\\.{kind}-|hypercare-{kind}(\\.restricted)?-", document.stream)
    fitting = [
        template
        for template in index_templates().values()
        if any(fnmatch(document.stream, pattern) for pattern in template["index_patterns"])
    ]
    assert len(fitting) == 1
    assert ("data_stream" in fitting[0]) == (document.version is None)


def test_of_what_is_restricted_the_words_are_where_few_may_read() -> None:
    told, whole = feedback_documents(understood(restricted=True))
    assert (told.stream, whole.stream) == (
        "hypercare-feedback-default.default",
        "hypercare-feedback.restricted-default.default",
    )
    assert b"invoice," in whole.body
    assert b"nvoice" not in told.body.replace(b"/invoices/{id}", b"").replace(b"Invoices are mixed up", b"")
    assert json.loads(told.body)["message"] == RESTRICTED
    (only,) = feedback_documents(understood())
    assert b"invoice," in only.body


def test_of_a_restricted_group_the_title_is_where_few_may_read() -> None:
    line = example_file(FeedbackGroup).read_bytes().splitlines()[0]
    group = FeedbackGroup.model_validate_json(line).model_copy(update={"restricted": True})
    told, whole = group_documents(group)
    assert group.title.encode() in whole.body
    assert group.title.encode() not in told.body
    assert "words" not in json.loads(told.body)["hypercare"]["group"]
    assert told.version == whole.version == group.revision


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
        kind = name.partition("hypercare")[2][1:]
        assert template["composed_of"][-1] == f"hypercare-{kind}@custom"
        assert template["ignore_missing_component_templates"] == ["hypercare@custom", f"hypercare-{kind}@custom"]
        assert template["priority"] > 500
        assert all(part in component_templates() for part in template["composed_of"][:-2])


def test_a_message_whose_restriction_is_lifted_can_be_read_and_its_group_when_none_of_it_is_restricted() -> None:
    """Its group may hold words of others that speak of a weakness; nothing is left behind in an earlier state."""
    desk = Desk()
    words = "I found a SQL injection: with a quote in the search field I can read the passwords of other customers"
    assert feedback_documents(desk.say("f1", words))[0].body.count(RESTRICTED.encode()) == 2, "message and group"
    desk.say("f2", f"{words}!")
    assert desk.command("c1", "relabel", feedback=["f1"], category="functional_bug").accepted
    read, hidden = (json.loads(one.body) for one in feedback_documents(desk.feedback["f1"]))
    assert (read["message"], read["hypercare"]["restricted"]) == (words, False)
    assert read["hypercare"]["group"]["title"] == RESTRICTED
    assert hidden["hypercare"]["revision"] == read["hypercare"]["revision"], "both are as it is now"
    assert hidden["hypercare"]["restricted"] is False
    assert desk.command("c2", "relabel", feedback=["f2"], category="functional_bug").accepted
    desk.wait(1)
    for name in ("f1", "f2"):
        (opened,) = feedback_documents(desk.feedback[name])
        assert RESTRICTED.encode() not in opened.body
    for told in desk.groups.values():
        (opened,) = group_documents(told)
        assert RESTRICTED.encode() not in opened.body


def test_a_call_tells_how_late_it_was_told_by_kafka_s_clock_and_nothing_where_that_is_not_known() -> None:
    call = EnrichedCall.model_validate_json(example_file(EnrichedCall).read_bytes().splitlines()[0])
    happened_ms = round(call.occurred_at.timestamp() * 1_000)
    record = PlainRecord(example_file(EnrichedCall).read_bytes().splitlines()[0], timestamp=happened_ms + 2_500)
    (document,) = calls_sink().process(record)
    assert json.loads(document.body)["hypercare"]["delay_ms"] == 2_500
    assert tuple(calls_sink().process(record)) == (document,), "a replay writes the same"
    (unknown,) = calls_sink().process(PlainRecord(record.value))
    assert "delay_ms" not in json.loads(unknown.body)["hypercare"]


def test_a_group_or_an_incident_whose_restriction_is_lifted_can_be_read_by_everybody() -> None:
    """The stages decide when; here the later revision takes the place of the one that hid its words."""
    group = FeedbackGroup.model_validate_json(example_file(FeedbackGroup).read_bytes().splitlines()[0])
    incident = next(one for one in incidents_made.every() if not one.restricted)
    later = {"revision": 9_999}
    told = (
        (
            group_documents(group.model_copy(update={"restricted": True})),
            group_documents(group.model_copy(update=later)),
        ),
        (
            incident_documents(incident.model_copy(update={"restricted": True})),
            incident_documents(incident.model_copy(update=later)),
        ),
    )
    for (hidden, _), (opened,) in told:
        assert (hidden.stream, hidden.id) == (opened.stream, opened.id)
        assert (hidden.version or 0) < (opened.version or 0)
        assert RESTRICTED.encode() in hidden.body
        assert RESTRICTED.encode() not in opened.body
