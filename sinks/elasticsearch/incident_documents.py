"""Incidents as documents: one for each, replaced whenever it changes; ``message`` says why it stands where it stands.

Of a restricted one everybody may read that it is there, how much it matters and which calls are concerned, which
findings tell anyway; its words and samples go to an index of their own, ``hypercare-incidents.restricted-…``.

Evidence is a plain list of objects, not ``nested``: no question asks for two fields of the same piece of it at once,
and Kibana's charts cannot look into nested fields. What is asked, how many pieces of which kind, is counted beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any, get_args

from contracts.cloudevents import rfc3339
from contracts.event import Part
from contracts.findings import Cause
from contracts.incidents import OPEN, EvidenceItem, EvidenceKind, Incident, TimeTarget
from contracts.scores import Score
from sinks.elasticsearch.document import ECS_VERSION, Document, encode
from sinks.elasticsearch.feedback_documents import RESTRICTED

TOLD = (
    "id", "revision", "state_version", "state", "open", "until", "nature", "cause", "severity", "priority", "rank",
    "restricted", "regressed", "escalating", "owner", "onset", "opened_at", "state_since", "acknowledged_at",
    "resolved_at", "to_acknowledge_s", "to_resolve_s", "last_evidence_at", "calls",
    "observed", "expected", "users", "reports", "reporters", "anonymous", "evidence_counts", "merged_into",
    "fix_release", "targets", "score",
)  # fmt: skip
"""What everybody may know of a restricted incident; a field that is added later is not among it by itself."""


def incident_documents(incident: Incident) -> tuple[Document, ...]:
    """An incident as it is now, with its own revision as the version of the document."""
    body = _incident(incident)
    place, revision = f"{incident.tenant}.{incident.project}", incident.revision
    if not incident.restricted:
        return (Document(f"hypercare-incidents-{place}", incident.incident, encode(body), revision),)
    whole = body["hypercare"]["incident"]
    known = {name: whole[name] for name in TOLD} | {"title": RESTRICTED}
    hidden = {name: body["hypercare"][name] for name in ("tenant", "project", "blame")}
    told = {**body, "message": RESTRICTED, "hypercare": {**hidden, "incident": known}}
    return (
        Document(f"hypercare-incidents-{place}", incident.incident, encode(told), revision),
        Document(f"hypercare-incidents.restricted-{place}", incident.incident, encode(body), revision),
    )


def _incident(incident: Incident) -> dict[str, Any]:
    cause = {dimension.attribute: dimension.value for dimension in incident.cause}
    return {
        "@timestamp": rfc3339(incident.occurred_at),
        "ecs": {"version": ECS_VERSION},
        "event": {
            "id": incident.id,
            "kind": "state",
            "dataset": "hypercare.incidents",
            "created": rfc3339(incident.opened_at),
            "start": rfc3339(incident.onset),
            "end": None if incident.state in OPEN else rfc3339(incident.state_since),
        },
        "message": incident.sentence,
        "http": {"route": cause.get("route"), "request": {"method": cause.get("method")}},
        "service": {
            "name": cause.get("upstream"),
            "environment": incident.environment,
            "version": cause.get("release"),
        },
        "user_agent": {
            "name": cause.get("browser"),
            "os": {"name": cause.get("os")},
            "device": {"name": cause.get("device")},
        },
        "hypercare": {
            "tenant": incident.tenant,
            "project": incident.project,
            "attributes": incident.attributes,
            "blame": incident.blame,
            "incident": {**_life(incident), **_counts(incident), **_words(incident)},
        },
    }


def _life(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.incident,
        "revision": incident.revision,
        "state_version": incident.state_version,
        "state": incident.state,
        "open": incident.state in OPEN,
        "until": _time(incident.until),
        "nature": incident.nature,
        "severity": incident.severity,
        "priority": incident.priority,
        "rank": incident.rank or None,
        "restricted": incident.restricted,
        "regressed": incident.regressed,
        "escalating": incident.escalating,
        "owner": incident.owner,
        "onset": _time(incident.onset),
        "opened_at": _time(incident.opened_at),
        "state_since": _time(incident.state_since),
        "acknowledged_at": _time(incident.acknowledged_at),
        "resolved_at": _time(incident.resolved_at),
        "to_acknowledge_s": incident.to_acknowledge_s,
        "to_resolve_s": incident.to_resolve_s,
        "last_evidence_at": _time(incident.last_evidence_at),
        "merged_into": incident.merged_into,
        "fix_release": incident.fix_release,
        "targets": _targets(incident.targets),
        "override": _fields(incident.override),
    }


def _counts(incident: Incident) -> dict[str, Any]:
    return {
        "calls": incident.calls,
        "observed": incident.observed,
        "expected": incident.expected,
        "users": incident.users,
        "reports": incident.reports,
        "reporters": incident.reporters,
        "anonymous": incident.anonymous,
        "evidence_counts": _evidence_counts(incident.evidence),
        "score": _score(incident.score),
    }


def _words(incident: Incident) -> dict[str, Any]:
    return {
        "title": incident.title,
        "cause": _cause(incident.cause),
        "workaround": incident.workaround,
        "closed_reason": incident.closed_reason,
        "victims": list(incident.victims),
        "related": list(incident.related),
        "same_as_past": _fields(incident.same_as_past),
        "attribution": _fields(incident.attribution),
        "verification": _fields(incident.verification),
        "evidence": [{**_fields(item), "cause": _cause(item.cause)} for item in incident.evidence],
        "samples": [_fields(sample) for sample in incident.samples],
        "messages": [_fields(message) for message in incident.messages],
        "feedback": list(incident.feedback),
    }


def _score(score: Score) -> dict[str, Any]:
    """Value, what it was computed from and by, each as a number; the computed severity and priority beside."""
    return {
        "value": score.value,
        "order": score.order,
        "severity": score.severity,
        "priority": score.priority,
        "config": score.config,
        "inputs": _fields(score.inputs),
        "parts": _fields(score.parts),
    }


def _targets(targets: Iterable[TimeTarget]) -> dict[str, Any]:
    """By what has to be done, each once, so that a time and its state belong together."""
    return {
        target.what: {"due_at": _time(target.due_at), "met_at": _time(target.met_at), "state": target.state}
        for target in targets
    }


def _evidence_counts(evidence: Iterable[EvidenceItem]) -> dict[str, int]:
    """How many pieces of each kind, how many of them still go on, and how many only follow from the cause."""
    kinds = Counter(item.kind for item in evidence)
    return {
        **{kind: kinds[kind] for kind in get_args(EvidenceKind)},
        "active": sum(item.active for item in evidence),
        "symptom": sum(item.role == "symptom" for item in evidence),
    }


def _cause(cause: Cause) -> list[str]:
    return [f"{dimension.attribute}={dimension.value}" for dimension in cause]


def _fields(part: Part | None) -> dict[str, Any]:
    """The fields of a part, times as text."""
    said = {} if part is None else part.__dict__
    return {
        name: rfc3339(value) if isinstance(value, datetime) else value
        for name, value in said.items()
        if value is not None
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
