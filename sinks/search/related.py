"""From one document to others: what reads alike, and what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sinks.elasticsearch.analysis import LANGUAGES
from sinks.search.question import KINDS, Asked, Kind, Question, among, any_of

MOST_TEXT = 4_000
"""Characters of a text by which others are found."""
ALIKE = {"min_term_freq": 1, "min_doc_freq": 1, "max_query_terms": 25, "minimum_should_match": "30%"}
TEXTS: Mapping[Kind, tuple[str, ...]] = {
    "incidents": ("message", "hypercare.incident.title", "hypercare.incident.messages.text"),
    "feedback": ("message", "hypercare.title"),
    "calls": (),
}
SAME_CALL = ("http.route", "http.request.method", "service.name", "error.code", "hypercare.outcome")
"""What calls have in common that are alike; most of it is enough."""
LINKED_CALL: Mapping[Kind, str] = {"feedback": "hypercare.links.call", "incidents": "hypercare.incident.samples.call"}


def kind_of_document(source: Mapping[str, Any]) -> Kind | None:
    """Which kind a document is."""
    found = str(at(source, "event.dataset")).removeprefix("hypercare.")
    return next((kind for kind in KINDS if kind == found), None)


def like(question: Question, kind: Kind, source: Mapping[str, Any], name: str) -> list[Asked]:
    """What reads like a document, without itself: feedback and incidents by their words, calls by what they called."""
    itself = {"ids": {"values": [name]}}
    if kind == "calls":
        same = [{"term": {field: value}} for field in SAME_CALL if (value := at(source, field)) not in {None, ""}]
        query = {"bool": {"should": same, "minimum_should_match": "75%", "must_not": [itself]}}
        return [among(question, "calls", query)]
    text = " ".join(
        str(at(source, field) or "") for field in ("hypercare.title", "hypercare.incident.title", "message")
    )
    found = []
    for other in (one for one in question.kinds if TEXTS[one]):
        fields = [f"{field}.{language}" for field in TEXTS[other] for language in LANGUAGES]
        words = {"more_like_this": {"fields": fields, "like": [text[:MOST_TEXT]], **ALIKE}}
        found.append(among(question, other, {"bool": {"must": [words], "must_not": [itself]}}))
    return found


def about(question: Question, kind: Kind, source: Mapping[str, Any], name: str) -> list[Asked]:
    """What belongs to a document: of a message its calls and incidents, of a call its messages, of an incident both."""
    traces, requests = [at(source, "trace.id")], [at(source, "http.request.id")]
    if kind == "calls":
        calls, messages, incidents = [], [], [any_of((LINKED_CALL["incidents"],), name)]
        messages = [any_of((LINKED_CALL["feedback"],), name), *_same(traces, requests)]
    elif kind == "feedback":
        links = [link["call"] for link in at(source, "hypercare.links") or () if link.get("call")]
        calls = [*([any_of(("event.id",), *links)] if links else []), *_same(traces, requests)]
        messages, incidents = [], [any_of(("hypercare.incident.feedback",), name)]
    else:
        samples = at(source, "hypercare.incident.samples") or ()
        traces = [sample.get("trace_id") for sample in samples]
        calls = [any_of(("event.id",), *(sample["call"] for sample in samples)), *_same(traces, [])] if samples else []
        members = at(source, "hypercare.incident.feedback") or []
        messages, incidents = [any_of(("event.id",), *members)] if members else [], []
    wanted: dict[Kind, list[dict[str, Any]]] = {"incidents": incidents, "feedback": messages, "calls": calls}
    return [
        among(question, other, {"bool": {"should": queries, "minimum_should_match": 1}})
        for other, queries in wanted.items()
        if queries and other in question.kinds
    ]


def at(source: Mapping[str, Any], path: str) -> Any:
    """The value at a path of a document, None where it ends before."""
    found: Any = source
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _same(traces: list[Any], requests: list[Any]) -> list[dict[str, Any]]:
    known = {"trace.id": [one for one in traces if one], "http.request.id": [one for one in requests if one]}
    return [any_of((field,), *values) for field, values in known.items() if values]
