"""The reasoning about a piece of feedback, in words."""

from __future__ import annotations

import json

from hypercare.explain_feedback import explained
from sinks.elasticsearch.feedback_documents import feedback_documents
from tests.unit.sinks.test_documents import understood


def told(group: str = "") -> str:
    (document,) = feedback_documents(understood())
    known = {"hypercare": {"group": {"title": group, "reports": 9, "reporters": 7}}} if group else None
    return "\n".join(f"{heading}: {line}" for heading, line in explained(json.loads(document.body), known))


def test_every_decision_is_there_with_what_it_rests_on() -> None:
    text = told()
    for said in (
        "security, 90% likely, because of: someone else's",
        "reworded, similarity 0.80: shares the words invoice",
        "may belong to g-2 (similarity 0.60)",
        "c-1  GET /invoices/{id} at billing: upstream_error 500",
        "97% likely, by trace, 60 s before, 9.50 points",
        "+8.00  same trace",
        "SHOP-1: Invoices are mixed up",
        "what helps meanwhile: call us",
        "80 of 100, revision 3",
    ):
        assert said in text, said


def test_the_group_is_told_as_it_is_now() -> None:
    text = told("Invoices of others")
    assert "g-1: Invoices of others" in text
    assert "9 reports by 7 people" in text


def test_what_is_not_known_is_left_out() -> None:
    bare = {"@timestamp": "2026-06-15T09:00:00Z", "event": {"id": "f"}, "message": "it hangs", "hypercare": {}}
    lines = list(explained(bare))
    assert ("Calls", "no match") in lines
    assert not any(heading in {"Category", "Group", "Severity"} for heading, _ in lines)


def test_the_time_that_is_named_stands_beside_that_of_the_call() -> None:
    link = {"call": "c", "by": "anonymous", "probability": 0.6, "lag_s": 710.0, "points": 3.0}
    bare = {"@timestamp": "2026-06-15T12:40:00Z", "event": {"id": "f"}, "message": "it failed at 14:30"}
    links = [{**link, "evidence": {"time": -0.5, "mentioned": 1.5}}]
    lines = [line for _, line in explained({**bare, "hypercare": {"links": links}})]
    assert '   +1.50  mentioned: says "14:30", the call was at 14:28:10 UTC+2' in lines
    assert "   -0.50  time" in lines
