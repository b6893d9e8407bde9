"""The incidents that an event ended in, from their documents: as a complaint, as evidence, as a sample."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.incidents import OPEN
from hypercare.masked import masked_line

INDICES = "hypercare-incidents-*,hypercare-incidents.restricted-*"
MOST = 20
_AT = "hypercare.incident."
_PLACES = ("feedback", "messages.feedback", "messages.call", "samples.call")
"""Fields of an incident that name events, beside its evidence."""

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EndedIn:
    """An incident that has the event, and as what; ``opened_at`` is RFC 3339."""

    incident: str
    state: str
    open: bool
    priority: str
    severity: str
    title: str
    how: str
    opened_at: str
    index: str
    merged_into: str = ""


def names_of(wanted: str, documents: Iterable[Document]) -> dict[str, str]:
    """Under which names evidence may stand for an event, each with what it is to say; ``documents`` are the event's."""
    names = {wanted: "it is evidence", f"finding:{wanted}": "it is evidence", f"group:{wanted}": "it is evidence"}
    for document in documents:
        said = document.get("hypercare") or {}
        if finding := (said.get("finding") or {}).get("id"):
            names[f"finding:{finding}"] = "its finding is evidence"
        if group := (said.get("group") or {}).get("id"):
            names.setdefault(f"group:{group}", f"its group {group} is evidence")
        signal = said.get("signal") or {}
        if signal.get("kind") == "alert" and signal.get("name"):
            service = (document.get("service") or {}).get("name") or ""
            names[f"alert:{signal['name']}@{service}"] = "its alert is evidence"
    return names


def question(wanted: str, names: Iterable[str]) -> dict[str, Any]:
    """Asks for every incident that has the event, or evidence of one of these names."""
    should = [{"term": {_AT + place: wanted}} for place in _PLACES]
    return {"bool": {"should": [*should, {"terms": {_AT + "evidence.id": sorted(names)}}]}}


def incidents_in(hits: Iterable[Document], wanted: str, names: Mapping[str, str]) -> list[EndedIn]:
    """The incidents among ``hits``, the open ones first, each once.

    Of a restricted one that is the document that says more; where the restriction was lifted, what it says is older.
    """
    known: dict[str, EndedIn] = {}
    for hit in sorted(hits, key=_age):
        incident = hit["_source"]["hypercare"]["incident"]
        known[incident["id"]] = EndedIn(
            incident=incident["id"],
            state=incident["state"],
            open=incident["state"] in OPEN,
            priority=incident["priority"],
            severity=incident["severity"],
            title=masked_line(incident.get("title") or ""),
            how="; ".join(dict.fromkeys(_how(incident, wanted, names))) or "it has it",
            opened_at=incident.get("opened_at") or "",
            index=hit["_index"],
            merged_into=incident.get("merged_into") or "",
        )
    return sorted(known.values(), key=lambda one: (not one.open, one.priority, one.incident))[:MOST]


def _age(hit: Document) -> tuple[int, bool, str]:
    revision = hit["_source"]["hypercare"]["incident"].get("revision") or 0
    return int(revision), ".restricted-" in hit["_index"], str(hit["_id"])


def _how(incident: Document, wanted: str, names: Mapping[str, str]) -> Iterator[str]:
    if wanted in (incident.get("feedback") or ()):
        yield "one of its complaints"
    for message in incident.get("messages") or ():
        if message.get("feedback") == wanted:
            yield "one of its complaints"
        if message.get("call") == wanted:
            yield f"the call behind the complaint {message.get('feedback')}"
    if any(sample.get("call") == wanted for sample in incident.get("samples") or ()):
        yield "one of its calls"
    for item in incident.get("evidence") or ():
        if (said := names.get(item.get("id", ""))) is not None:
            yield f"{said} ({item.get('reason') or item.get('role')})"
