"""Findings and window health as documents, with ECS names where there are any; our own below ``hypercare``."""

from __future__ import annotations

from typing import Any

from contracts.cloudevents import rfc3339
from contracts.findings import DeploymentBefore, Finding, WindowHealth
from sinks.elasticsearch.document import ECS_VERSION, Document, encode

FURTHER = (
    "typical_ms",
    "usual_typical_ms",
    "limit_ms",
    "limit_share",
    "burn_long",
    "burn_short",
    "breach_s",
    "earliest_s",
    "latest_s",
    "before_share",
    "before_p95_ms",
    "used",
    "limit_used",
    "cost_usd",
    "usual_cost_usd",
    "limit_cost_usd",
    "tokens",
    "usual_tokens",
    "accounts",
    "travel_km",
    "travel_s",
)
"""Numbers of the evidence that some kinds of findings have."""
LISTS = ("cause", "caveats", "detectors", "failures", "deployments", "versions", "alerts")
"""Texts of which a finding may have several; each is one to count and to filter by."""


def finding_document(finding: Finding) -> Document:
    """What the health stage found, at one moment of its life; ``message`` is the sentence a person reads."""
    evidence = finding.evidence
    cause = {dimension.attribute: dimension.value for dimension in finding.cause}
    body: dict[str, Any] = {
        "@timestamp": rfc3339(finding.occurred_at),
        "ecs": {"version": ECS_VERSION},
        "event": {
            "id": finding.id,
            "kind": "alert",
            "dataset": "hypercare.findings",
            "start": rfc3339(finding.since),
            "end": finding.closed_at and rfc3339(finding.closed_at),
        },
        "message": finding.sentence,
        "http": {"route": cause.get("route"), "request": {"method": cause.get("method")}},
        "service": {
            "name": cause.get("upstream"),
            "environment": finding.environment,
            "version": cause.get("release"),
        },
        "user_agent": {
            "name": cause.get("browser"),
            "os": {"name": cause.get("os")},
            "device": {"name": cause.get("device")},
        },
        "hypercare": {
            "tenant": finding.tenant,
            "project": finding.project,
            "origin": finding.origin,
            "blame": finding.blame,
            "finding": {
                "id": finding.finding,
                "revision": finding.revision,
                "state": finding.state,
                "kind": finding.kind,
                "cause": [f"{attribute}={value}" for attribute, value in cause.items()],
                "confidence": finding.confidence,
                "caveats": list(finding.caveats),
                "detectors": list(evidence.detectors),
                "calls": evidence.calls,
                "observed": evidence.observed,
                "expected": evidence.expected,
                "relative_risk": evidence.relative_risk,
                "share_explained": evidence.share_explained,
                "score": evidence.score,
                "failures": [f"{name}: {count}" for name, count in evidence.failures.items()],
                "deployments": [_deployed(deployment) for deployment in evidence.deployments],
                "versions": [f"{v.release}: {v.observed} of {v.calls}" for v in evidence.versions],
                "alerts": list(evidence.alerts),
                "p95_ms": evidence.p95_ms,
                "usual_p95_ms": evidence.usual_p95_ms,
                **{name: getattr(evidence, name) for name in FURTHER},
            },
        },
    }  # fmt: skip
    stream = f"logs-hypercare.findings-{finding.tenant}.{finding.project}"
    return Document(stream, finding.id, encode(body))


def _deployed(deployment: DeploymentBefore) -> str:
    what = " ".join(part for part in (deployment.service, deployment.release) if part)
    return f"{what} {deployment.state} at {rfc3339(deployment.at)}"


def health_document(health: WindowHealth) -> Document:
    """One route at one upstream in one window; sums of documents are right, corrections included."""
    body: dict[str, Any] = {
        "@timestamp": rfc3339(health.occurred_at),
        "ecs": {"version": ECS_VERSION},
        "event": {"id": health.id, "kind": "metric", "dataset": "hypercare.health"},
        "http": {"route": health.route},
        "service": {"name": health.upstream, "environment": health.environment},
        "hypercare": {
            "tenant": health.tenant,
            "project": health.project,
            "origin": health.origin,
            "health": {
                "calls": health.calls,
                "failed": health.failed,
                "client_errors": health.client_errors,
                "rate_limited": health.rate_limited,
                "auth_failed": health.auth_failed,
                "bytes": health.bytes,
                "rows": health.rows,
                "p50_ms": health.p50_ms,
                "p95_ms": health.p95_ms,
                "p99_ms": health.p99_ms,
                "correction": health.correction,
            },
        },
    }
    stream = f"metrics-hypercare.health-{health.tenant}.{health.project}"
    return Document(stream, health.id, encode(body))
