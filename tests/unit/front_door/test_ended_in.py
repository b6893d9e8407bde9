"""Which incidents an event ended in, told from their documents."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from contracts.incidents import EvidenceItem, Incident
from hypercare.incidents.ended_in import EndedIn, incidents_in, names_of
from sinks.elasticsearch.incident_documents import incident_documents
from tests.unit.incidents_made import at, checkout, weakness

ALERT = EvidenceItem(
    kind="alert", id="alert:High5xx@pay", what="fires", reason="same service", since=at(0), last_at=at(1)
)
FINDING = ALERT.model_copy(update={"kind": "finding", "id": "finding:find-1", "reason": "opened it"})
GROUP = ALERT.model_copy(update={"kind": "group", "id": "group:g-1", "reason": "12 are tied to it"})


def hits(*incidents: Incident) -> list[dict[str, Any]]:
    return [
        {"_index": document.stream, "_id": document.id, "_source": orjson.loads(document.body)}
        for incident in incidents
        for document in incident_documents(incident)
    ]


def found(wanted: str, *incidents: Incident, documents: tuple[dict[str, Any], ...] = ()) -> list[EndedIn]:
    return incidents_in(hits(*incidents), wanted, names_of(wanted, documents))


@pytest.mark.parametrize(
    ("wanted", "how"),
    [
        ("f-2", "one of its complaints"),
        ("f-3", "one of its complaints"),
        ("call-2", "one of its calls"),
        ("call-0", "the call behind the complaint f-1; one of its calls"),
    ],
)
def test_complaints_and_calls_say_as_what_they_are_there(wanted: str, how: str) -> None:
    (one,) = found(wanted, checkout())
    assert (one.incident, one.how, one.state, one.open) == ("inc-7c41aa", how, "triaged", True)


@pytest.mark.parametrize(
    ("document", "how"),
    [
        ({"hypercare": {"finding": {"id": "find-1"}}}, "its finding is evidence (opened it)"),
        ({"hypercare": {"group": {"id": "g-1"}}}, "its group g-1 is evidence (12 are tied to it)"),
        (
            {"hypercare": {"signal": {"kind": "alert", "name": "High5xx"}}, "service": {"name": "pay"}},
            "its alert is evidence (same service)",
        ),
    ],
)
def test_what_was_made_of_an_event_leads_to_the_incident(document: dict[str, Any], how: str) -> None:
    incident = checkout(evidence=(FINDING, GROUP, ALERT))
    (one,) = found("some-event", incident, documents=(document,))
    assert one.how == how


def test_the_name_of_a_finding_or_a_group_is_enough() -> None:
    incident = checkout(evidence=(FINDING, GROUP))
    assert found("find-1", incident)[0].how == "it is evidence (opened it)"
    assert found("g-1", incident)[0].how == "it is evidence (12 are tied to it)"


def test_a_restricted_one_is_told_once_and_with_its_words() -> None:
    (one,) = found("f-9", weakness(feedback=("f-9",)))
    assert one.index.startswith("hypercare-incidents.restricted-")
    assert (one.how, one.title) == ("one of its complaints", "invoices of strangers are shown")
    public = [hit for hit in hits(weakness(feedback=("f-9",))) if ".restricted-" not in hit["_index"]]
    (known,) = incidents_in(public, "f-9", names_of("f-9", ()))
    assert "invoices" not in known.title, "whoever may not read the words is not told them"


def test_of_one_that_was_restricted_once_what_it_is_now_is_told() -> None:
    copy = [hit for hit in hits(weakness(feedback=("f-9",))) if ".restricted-" in hit["_index"]]
    now = hits(weakness(feedback=("f-9",), restricted=False, revision=4, state="resolved"))
    (one,) = incidents_in([*now, *copy], "f-9", names_of("f-9", ()))
    assert (one.state, one.index) == ("resolved", "hypercare-incidents-default.shop")


def test_open_ones_come_before_what_is_over() -> None:
    over = checkout(incident="inc-0", state="closed", priority="P1")
    later = checkout(incident="inc-9", priority="P3")
    assert [one.incident for one in found("f-1", over, later, checkout())] == ["inc-7c41aa", "inc-9", "inc-0"]


def test_documents_that_say_nothing_lead_nowhere() -> None:
    assert set(names_of("x", [{}, {"hypercare": {}}, {"hypercare": {"signal": {"kind": "alert"}}}])) == {
        "x",
        "finding:x",
        "group:x",
    }
    assert found("nobody-has-it") == []
