"""Feedback as documents, with ECS names where there are any.

What speaks of a weakness is restricted: its words go to an index of their own, ``hypercare-feedback.restricted-…``, and
the one that everybody may read tells only that it is there.
"""

from __future__ import annotations

from typing import Any

from contracts.cloudevents import rfc3339
from contracts.feedback import EnrichedFeedback
from contracts.understanding import CallLink, Category, Grouped, Security, Severity
from sinks.elasticsearch.document import ECS_VERSION, Document, encode

RESTRICTED = "(restricted: it may speak of a weakness)"
WORDS_OF = ("title", "category_words", "security_words", "severity_words", "attributes")
"""What of a restricted piece of feedback would tell its words."""


def feedback_documents(feedback: EnrichedFeedback) -> tuple[Document, ...]:
    """A piece of feedback as it is understood now; the text people search is ``message``."""
    body = _feedback(feedback)
    place, revision = f"{feedback.tenant}.{feedback.project}", feedback.revision
    restricted = feedback.security is not None and feedback.security.restricted
    if not restricted and (feedback.group is None or not feedback.group.restricted):
        return (Document(f"hypercare-feedback-{place}", feedback.id, encode(body), revision),)
    said = body["hypercare"]
    hidden = {**said, "group": said["group"] and {**said["group"], "title": RESTRICTED, "reason": None}}
    told = {**body, "hypercare": hidden}
    if restricted:
        told["message"] = RESTRICTED
        told["hypercare"] = {name: value for name, value in hidden.items() if name not in WORDS_OF}
    return (
        Document(f"hypercare-feedback-{place}", feedback.id, encode(told), revision),
        Document(f"hypercare-feedback.restricted-{place}", feedback.id, encode(body), revision),
    )


def _feedback(feedback: EnrichedFeedback) -> dict[str, Any]:
    context, source = feedback.context, feedback.source
    return {
        "@timestamp": rfc3339(feedback.occurred_at),
        "ecs": {"version": ECS_VERSION},
        "event": {
            "id": feedback.id,
            "kind": "event",
            "dataset": "hypercare.feedback",
            "created": feedback.received_at and rfc3339(feedback.received_at),
            "url": source.url,
        },
        "message": feedback.text,
        "user": {"hash": feedback.reporter.pseudonym, "roles": feedback.reporter.role},
        "user_agent": {
            "name": context.browser,
            "os": {"name": context.os},
            "device": {"name": context.device},
        },
        "http": {"request": {"id": feedback.trace.request_id}, "route": context.route},
        "trace": {"id": feedback.trace.trace_id},
        "service": {"environment": feedback.environment, "version": context.release},
        "hypercare": {
            **_said(feedback),
            **_category(feedback.category),
            **_security(feedback.security),
            **_severity(feedback.severity),
            "score": feedback.score,
            "group": _group(feedback.group),
            "match": None if feedback.category is None else "linked" if feedback.links else "no match",
            "links": [_link(link) for link in feedback.links],
            "known_issue": feedback.known_issue
            and {
                "id": feedback.known_issue.issue,
                "title": feedback.known_issue.title,
                "workaround": feedback.known_issue.workaround,
            },
        },
    }


def _said(feedback: EnrichedFeedback) -> dict[str, Any]:
    context, rating = feedback.context, feedback.rating
    return {
        "tenant": feedback.tenant,
        "project": feedback.project,
        "revision": feedback.revision,
        "channel": feedback.channel,
        "title": feedback.title,
        "language": feedback.language,
        "language_confidence": feedback.language_confidence,
        "rating": rating and {"scale": rating.scale, "value": rating.value},
        "segment": feedback.reporter.segment,
        "journey": context.journey,
        "screen": context.screen,
        "locale": context.locale,
        "session": feedback.session,
        "thread": feedback.thread,
        "attachments": len(feedback.attachments),
        "source": {"system": feedback.source.system, "id": feedback.source.id},
        "masked": feedback.masked.model_dump(exclude_defaults=True),
        "attributes": feedback.attributes,
        "notes": list(feedback.notes),
        "origin": feedback.origin,
    }


def _category(category: Category | None) -> dict[str, Any]:
    return {} if category is None else {
        "category": category.name,
        "category_probability": category.probability,
        "category_words": list(category.words),
        "category_by_analyst": category.by_analyst,
        "needs_triage": category.needs_triage,
        "language_supported": category.language_supported,
    }  # fmt: skip


def _security(security: Security | None) -> dict[str, Any]:
    return {} if security is None else {
        "security_probability": security.probability,
        "security_words": list(security.words),
        "restricted": security.restricted,
    }  # fmt: skip


def _severity(severity: Severity | None) -> dict[str, Any]:
    return {} if severity is None else {
        "severity": severity.value,
        "severity_from_text": severity.from_text,
        "severity_words": list(severity.words),
    }  # fmt: skip


def _group(group: Grouped | None) -> dict[str, Any] | None:
    return None if group is None else {
        "id": group.group,
        "title": group.title,
        "decision": group.decision,
        "similarity": group.similarity,
        "confidence": group.confidence,
        "evidence": group.evidence,
        "reason": group.reason,
        "nearest": group.nearest,
        "suggested": group.suggested,
        "suggested_similarity": group.suggested_similarity,
        "reports": group.reports,
        "reporters": group.reporters,
        "anonymous": group.anonymous,
    }  # fmt: skip


def _link(link: CallLink) -> dict[str, Any]:
    told = {**link.__dict__, "occurred_at": rfc3339(link.occurred_at)}
    return {name: value for name, value in told.items() if value is not None}
