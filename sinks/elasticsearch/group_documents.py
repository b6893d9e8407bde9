"""Groups of feedback, the matrix of reported and observed, and the audit as documents."""

from __future__ import annotations

from typing import Any

from contracts.audit import AuditEntry
from contracts.cloudevents import rfc3339
from contracts.groups import FeedbackGroup, Listed, ReportedObserved
from sinks.elasticsearch.document import ECS_VERSION, Document, encode
from sinks.elasticsearch.feedback_documents import RESTRICTED

WORDS_OF = ("title", "words")
"""What of a restricted group would tell its words."""


def group_documents(group: FeedbackGroup) -> tuple[Document, ...]:
    """A group as it is now; of a restricted one everybody may read that it is there."""
    body: dict[str, Any] = {
        "@timestamp": rfc3339(group.occurred_at),
        "ecs": {"version": ECS_VERSION},
        "event": {
            "id": group.id,
            "kind": "state",
            "dataset": "hypercare.groups",
            "start": rfc3339(group.first_at),
            "end": rfc3339(group.last_at),
        },
        "message": group.title,
        "service": {"environment": group.environment},
        "hypercare": {
            "tenant": group.tenant,
            "project": group.project,
            "category": group.category,
            "restricted": group.restricted,
            "known_issue": {"id": group.known_issue},
            "group": {
                "id": group.group,
                "revision": group.revision,
                "title": group.title,
                "named_by_analyst": group.named_by_analyst,
                "merged_into": group.merged_into,
                "reports": group.reports,
                "reporters": group.reporters,
                "anonymous": group.anonymous,
                "last_hour": group.last_hour,
                "expected_hour": group.expected_hour,
                "words": list(group.words),
                "routes": _values(group.routes),
                "releases": _values(group.releases),
                "channels": _values(group.channels),
                "languages": _values(group.languages),
                "representatives": list(group.representatives),
            },
        },
    }
    place, revision = f"{group.tenant}.{group.project}", group.revision
    if not group.restricted:
        return (Document(f"hypercare-groups-{place}", group.group, encode(body), revision),)
    known = body["hypercare"]["group"]
    hidden = {**known, **dict.fromkeys(WORDS_OF), "title": RESTRICTED}
    told = {**body, "message": RESTRICTED, "hypercare": {**body["hypercare"], "group": hidden}}
    return (
        Document(f"hypercare-groups-{place}", group.group, encode(told), revision),
        Document(f"hypercare-groups.restricted-{place}", group.group, encode(body), revision),
    )


def matrix_document(row: ReportedObserved) -> Document:
    """A row of the matrix at one moment."""
    body: dict[str, Any] = {
        "@timestamp": rfc3339(row.occurred_at),
        "ecs": {"version": ECS_VERSION},
        "event": {"id": row.id, "kind": "metric", "dataset": "hypercare.matrix"},
        "http": {"route": row.name if row.kind == "route" else None},
        "service": {"environment": row.environment},
        "hypercare": {
            "tenant": row.tenant,
            "project": row.project,
            "journey": row.name if row.kind == "journey" else None,
            "matrix": {"kind": row.kind, "hour": row.hour.model_dump(), "total": row.total.model_dump()},
        },
    }
    return Document(f"metrics-hypercare.matrix-{row.tenant}.{row.project}", row.id, encode(body))


def audit_document(entry: AuditEntry) -> Document:
    """Who changed what."""
    body: dict[str, Any] = {
        "@timestamp": rfc3339(entry.occurred_at),
        "ecs": {"version": ECS_VERSION},
        "event": {
            "id": entry.id,
            "kind": "event",
            "dataset": "hypercare.audit",
            "action": entry.action,
            "outcome": "success" if entry.accepted else "failure",
        },
        "message": entry.refusal or entry.reason,
        "service": {"environment": entry.environment},
        "hypercare": {
            "tenant": entry.tenant,
            "project": entry.project,
            "audit": {
                "subject": entry.subject,
                "subject_id": entry.subject_id,
                "actor": entry.actor,
                "accepted": entry.accepted,
                "command": entry.command,
                "reason": entry.reason,
                "refusal": entry.refusal,
                "before": entry.before,
                "after": entry.after,
                "incident": entry.incident,
                **({} if entry.link is None else entry.link.model_dump()),
            },
        },
    }
    return Document(f"logs-hypercare.audit-{entry.tenant}.{entry.project}", entry.id, encode(body))


def _values(listed: Listed) -> list[str]:
    return [one.value for one in listed]
