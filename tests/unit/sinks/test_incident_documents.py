"""An incident as a document: what is asked of it is there, and what is restricted is where few may read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.audit import AuditEntry, Link
from contracts.incidents import Incident, Override
from processors.incidents.chain import linked
from processors.incidents.score import score_of
from processors.runtime.records import PlainRecord
from sinks.elasticsearch.feedback_documents import RESTRICTED
from sinks.elasticsearch.group_documents import audit_document
from sinks.elasticsearch.incident_documents import incident_documents
from sinks.elasticsearch.stages import incidents_sink
from tests.unit.incidents_made import NOON, SCORING, at, checkout, erp, merged, weakness
from tests.unit.incidents_made import every as every_incident


def said(incident: Incident) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(incident_documents(incident)[0].body)
    return body


def test_it_is_replaced_by_a_later_revision_of_itself() -> None:
    (document,) = incident_documents(checkout())
    assert (document.stream, document.id, document.version) == (
        "hypercare-incidents-default.shop",
        "inc-7c41aa",
        12,
    )


def test_what_an_analyst_asks_for_is_there() -> None:
    body = said(checkout())
    incident = body["hypercare"]["incident"]
    assert (incident["open"], incident["severity"], incident["rank"]) == (True, "S1", 1)
    assert incident["evidence_counts"] == {"finding": 1, "group": 1, "alert": 1, "active": 2, "symptom": 0}
    assert incident["cause"] == ["upstream=payments", "browser=Mobile Safari", "os=iOS"]
    assert (body["service"]["name"], body["user_agent"]["name"]) == ("payments", "Mobile Safari")
    assert incident["targets"]["acknowledge"]["met_at"] == "2026-06-15T12:04:00Z"
    assert incident["targets"]["fix"] == {"due_at": "2026-06-15T16:02:00Z", "state": "waiting"}
    assert "end" not in body["event"]


def test_the_score_can_be_recomputed_from_the_document() -> None:
    score = said(checkout())["hypercare"]["incident"]["score"]
    again = score_of(type(checkout().score.inputs).model_validate(score["inputs"]), SCORING)
    assert (again.value, again.order, again.parts.model_dump()) == (score["value"], score["order"], score["parts"])


def test_one_that_rests_is_not_open_and_has_an_end() -> None:
    body = said(merged())
    assert body["hypercare"]["incident"]["open"] is False
    assert body["event"]["end"] == "2026-06-15T12:02:00Z"
    assert "rank" not in body["hypercare"]["incident"]


def test_both_the_computed_and_the_overridden_severity_are_told() -> None:
    override = Override(severity="S2", actor="ana", reason="few buy there", at=at(6))
    incident = said(checkout(severity="S2", override=override))["hypercare"]["incident"]
    assert (incident["severity"], incident["score"]["severity"], incident["override"]["actor"]) == ("S2", "S1", "ana")


def test_of_a_restricted_one_no_word_is_where_everybody_may_read() -> None:
    secret = weakness(
        closed_reason="the stranger was told", override=Override(actor="ana", reason="a stranger wrote", at=NOON),
        attributes={"note": "stranger"},
    )  # fmt: skip
    told, whole = incident_documents(secret)
    assert (told.stream, whole.stream) == (
        "hypercare-incidents-default.shop",
        "hypercare-incidents.restricted-default.shop",
    )
    assert told.version == whole.version == secret.revision
    for word in (b"stranger", b"invoice", b"tell nobody", b"f-9", b"call-9", b"g-7"):
        assert word in whole.body
        assert word not in told.body
    body = json.loads(told.body)
    assert body["message"] == body["hypercare"]["incident"]["title"] == RESTRICTED
    assert body["hypercare"]["incident"]["score"]["value"] == secret.score.value


@pytest.mark.parametrize("name", Incident.model_fields)
def test_whatever_text_a_restricted_one_holds_it_is_not_told(name: str) -> None:
    if name in {"sentence", "title", "workaround", "closed_reason"}:
        told, whole = incident_documents(weakness(**{name: "PLANTED"}))
        assert b"PLANTED" in whole.body
        assert b"PLANTED" not in told.body


@given(st.text(max_size=300), st.sampled_from(["title", "sentence", "workaround", "owner"]))
def test_any_text_survives(text: str, name: str) -> None:
    body = json.loads(incident_documents(checkout(**{name: text.encode("utf-8", "replace").decode()}))[-1].body)
    found = body.get("message") if name == "sentence" else body["hypercare"]["incident"].get(name)
    assert found == text.encode("utf-8", "replace").decode()


def test_the_sink_reads_what_the_topic_holds() -> None:
    for incident in every_incident():
        record = PlainRecord(value=incident.encode(), topic="hypercare.incidents.v1")
        written, meant = incidents_sink().process(record), incident_documents(incident)
        assert [(one.stream, one.id, one.version) for one in written] == [(d.stream, d.id, d.version) for d in meant]
        assert [json.loads(one.body) for one in written] == [json.loads(one.body) for one in meant]


def test_an_answer_says_in_whose_chain_it_stands_and_where() -> None:
    entry = linked(
        AuditEntry(
            id="a", occurred_at=NOON, subject="incident", subject_id="inc-1", action="start", actor="ana",
            accepted=True, incident="inc-1",
        ),
        4,
        "00ff",
    )  # fmt: skip
    assert isinstance(entry.link, Link)
    audit = json.loads(audit_document(entry).body)["hypercare"]["audit"]
    assert (audit["incident"], audit["sequence"], audit["previous"]) == ("inc-1", 4, "00ff")
    assert audit["hash"] == entry.link.hash


def test_a_slow_service_names_who_waits_for_it() -> None:
    incident = said(erp())["hypercare"]["incident"]
    assert incident["victims"] == ["orders", "invoices"]
    assert incident["evidence_counts"]["symptom"] == 1
    assert incident["verification"]["quiet_s"] == 5400
