"""Which field of an event becomes which field of a document, found out by changing one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from contracts.audit import AuditEntry
from contracts.calls import EnrichedCall
from contracts.event import Event
from contracts.feedback import EnrichedFeedback
from contracts.findings import Finding, WindowHealth
from contracts.groups import FeedbackGroup, ReportedObserved
from contracts.incidents import Incident
from contracts.signals import Signal
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.documents import call_document
from sinks.elasticsearch.feedback_documents import feedback_documents
from sinks.elasticsearch.group_documents import audit_document, group_documents, matrix_document
from sinks.elasticsearch.health_documents import finding_document, health_document
from sinks.elasticsearch.incident_documents import incident_documents
from sinks.elasticsearch.signal_documents import signal_documents

Schema = dict[str, Any]
MADE: tuple[tuple[str, type[Event], Callable[[Any], Document]], ...] = (
    ("calls", EnrichedCall, call_document),
    ("feedback", EnrichedFeedback, lambda event: feedback_documents(event)[0]),
    ("groups", FeedbackGroup, lambda event: group_documents(event)[0]),
    ("incidents", Incident, lambda event: incident_documents(event)[0]),
    ("findings", Finding, finding_document),
    ("health", WindowHealth, health_document),
    ("signals", Signal, lambda event: signal_documents(event)[0]),
    ("matrix", ReportedObserved, matrix_document),
    ("audit", AuditEntry, audit_document),
)
ROUNDS = 3
"""With other words of each list of words: what a kind of thing has, another kind may not have."""
MOST = 4
"""Document fields that are named for one of an event; a field that hides others changes many."""


def fields_table() -> str:
    """For every kind of document: event field, document fields."""
    rows = []
    for kind, model, document in MADE:
        rows += [f"\n### {kind}\n", "| event | document |", "|---|---|"]
        rows += [f"| `{path}` | {_named(found)} |" for path, found in fields_of(model, document).items()]
    return "\n".join(rows).strip()


def fields_of(model: type[Event], document: Callable[[Any], Document]) -> dict[str, list[str]]:
    """Each field of an event with the fields of the document that change when it does."""
    schema = model.model_json_schema()
    found: dict[str, set[str]] = {path: set() for path in _leaves(schema, schema, "")}
    for round_ in range(ROUNDS):
        before = _flat(_document(model, document, _made(schema, schema, "", ("", round_))))
        for path, changed in found.items():
            after = _flat(_document(model, document, _made(schema, schema, "", (path, round_))))
            changed |= {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return {path: sorted(changed) for path, changed in found.items()}


def _document(model: type[Event], document: Callable[[Any], Document], said: Any) -> dict[str, Any]:
    made = document(model.model_validate_json(orjson.dumps(said)))
    body: dict[str, Any] = orjson.loads(made.body)
    return {**body, "(index)": made.stream, "_id": made.id}


def _named(found: list[str]) -> str:
    if not found:
        return "not kept"
    more = f" and {len(found) - MOST} more" if len(found) > MOST else ""
    return ", ".join(f"`{name}`" for name in found[:MOST]) + more


def _resolved(whole: Schema, part: Schema) -> Schema:
    """The part that a reference or a choice stands for: of a choice the first that says something."""
    if "$ref" in part:
        return _resolved(whole, whole["$defs"][part["$ref"].rsplit("/", 1)[-1]])
    for choice in (*part.get("anyOf", ()), *part.get("allOf", ())):
        if choice.get("type") != "null":
            return _resolved(whole, choice)
    return part


def _leaves(whole: Schema, part: Schema, path: str) -> Iterator[str]:
    here = _resolved(whole, part)
    if here.get("properties"):
        for name, said in here["properties"].items():
            yield from _leaves(whole, said, f"{path}.{name}" if path else name)
    elif here.get("type") == "array" and "items" in here:
        yield from _leaves(whole, here["items"], path)
    else:
        yield path


def _made(whole: Schema, part: Schema, path: str, flipped: tuple[str, int]) -> Any:
    here = _resolved(whole, part)
    other = path == flipped[0]
    if here.get("properties"):
        inside = {name: f"{path}.{name}" if path else name for name in here["properties"]}
        return {name: _made(whole, said, inside[name], flipped) for name, said in here["properties"].items()}
    match here.get("type"):
        case "array":
            return [_made(whole, here["items"], path, flipped)] if "items" in here else []
        case "object":
            return {"k": _made(whole, here.get("additionalProperties") or {}, path, flipped)}
        case "integer" | "number":
            low, high = here.get("minimum", 0), here.get("maximum", 9)
            return max(low, min(high, (1 if other else 2) if high > 1 else (0.25 if other else 0.75)))
        case "boolean":
            return other
    return _text(here, flipped[1], other=other)


def _text(here: Schema, round_: int, *, other: bool) -> Any:
    if "const" in here:
        return here["const"]
    if "enum" in here:
        return here["enum"][(round_ + other) % len(here["enum"])]
    if here.get("format") == "date-time":
        return f"2026-06-15T09:00:0{int(other)}Z"
    return "b" if other else "a"


def _flat(part: Any, path: str = "") -> dict[str, Any]:
    """Values by path; those of a list together."""
    if isinstance(part, dict):
        return {
            inside: said
            for name, value in part.items()
            for inside, said in _flat(value, f"{path}.{name}" if path else name).items()
        }
    if isinstance(part, list) and part and isinstance(part[0], dict):
        return {name: [_flat(one, path).get(name) for one in part] for name in _flat(part[0], path)}
    return {path: part}
