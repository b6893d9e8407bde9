"""From events to Elasticsearch documents, with ECS and OpenTelemetry names; our own below ``hypercare``.

Sources: Elastic Common Schema 8.17; OpenTelemetry semantic conventions for generative AI (``gen_ai.*``).
"""

from __future__ import annotations

import hashlib
from typing import Any

from contracts.calls import SERVING_FAILURES, EnrichedCall
from contracts.cloudevents import derived_id, rfc3339
from contracts.dead_letters import described
from processors.runtime.records import Record
from sinks.elasticsearch.document import ECS_VERSION, Document, encode
from sinks.elasticsearch.sampling import weighted

NS_PER_MS, MS_PER_S = 1_000_000, 1_000
OUR_FAILURES = SERVING_FAILURES | {"rate_limited"}
"""Outcomes that the serving side answers for; ``event.outcome`` counts refused clients as failures too, as ECS does."""


def call_document(call: EnrichedCall, weight: int = 1, told_ms: int = 0) -> Document:
    """An enriched call as an ECS web access event, which stands for as many calls as its ``weight``.

    ``told_ms`` is when it was told, in milliseconds since 1970 by Kafka's clock, 0 where nobody knows: the same for
    the same record, so a replay writes the same.
    """
    request, response, latency, upstream = call.request, call.response, call.latency, call.upstream
    agent, client, trace = call.user_agent, call.client, call.trace
    failed = call.outcome in OUR_FAILURES
    body: dict[str, Any] = {
        "@timestamp": rfc3339(call.occurred_at),
        "ecs": {"version": ECS_VERSION},
        "event": {
            "id": call.id,
            "kind": "event",
            "category": ["web"],
            "type": ["access"],
            "dataset": "hypercare.calls",
            "outcome": {"ok": "success", "aborted": "unknown"}.get(call.outcome, "failure"),
            "duration": None if latency.total_ms is None else round(latency.total_ms * NS_PER_MS),
        },
        "http": {
            "request": {"id": request.id, "method": request.method, "body": {"bytes": request.bytes}},
            "response": {"status_code": response.status, "body": {"bytes": response.bytes}},
            "route": request.route,
        },
        "url": {
            "path": request.path,
            "query": request.query,
            "domain": request.host,
            "scheme": request.scheme,
        },
        "client": {
            "ip": client.ip,
            "geo": client.geo
            and {
                "country_iso_code": client.geo.country_iso,
                "region_name": client.geo.region,
                "city_name": client.geo.city,
            },
        },
        "user_agent": {
            "original": client.user_agent,
            "name": agent.browser,
            "version": agent.browser_version,
            "os": {"name": agent.os, "version": agent.os_version},
            "device": {"name": agent.device},
        },
        "user": {"hash": call.user},
        "trace": {"id": trace.trace_id},
        "span": {"id": trace.span_id},
        "service": {
            "name": upstream.service,
            "address": upstream.address,
            "environment": call.environment,
            "version": call.release,
        },
        "observer": {"product": call.gateway.product, "name": call.gateway.instance},
        "error": call.error and {"code": call.error.code, "message": call.error.message},
        "gen_ai": call.ai
        and {
            "provider": {"name": call.ai.provider},
            "request": {"model": call.ai.request_model},
            "response": {"model": call.ai.response_model, "finish_reasons": call.ai.finish_reason},
            "usage": {"input_tokens": call.ai.input_tokens, "output_tokens": call.ai.output_tokens},
        },
        "hypercare": {
            "tenant": call.tenant,
            "project": call.project,
            "outcome": call.outcome,
            "blame": call.blame,
            "failed": int(failed),
            "weight": weight,
            "delay_ms": round(told_ms - call.occurred_at.timestamp() * MS_PER_S) if told_ms > 0 else None,
            "latency": {
                "total_ms": latency.total_ms,
                "upstream_ms": latency.upstream_ms,
                "gateway_ms": latency.gateway_ms,
            },
            "upstream": {"statuses": list(upstream.statuses), "retries": upstream.retries},
            "consumer": call.consumer,
            "caller": call.caller and call.caller.service,
            "session": call.session,
            "rows": call.rows,
            "auth": call.auth and {"method": call.auth.method, "ok": call.auth.ok},
            "ai": call.ai and {"cached_tokens": call.ai.cached_tokens, "cost": call.ai.cost},
            "error_component": call.error and call.error.component,
            "attributes": call.attributes,
            "notes": list(call.notes),
            "origin": call.origin,
        },
    }
    return Document(f"logs-hypercare.calls-{call.tenant}.{call.project}", call.id, encode(weighted(body, weight)))


def dead_letter_document(record: Record) -> Document:
    """What a dead letter says about itself; its bytes stay in Kafka, because they may hold anything."""
    said = described(record.headers)
    place = [said.get(name) for name in ("partition", "offset", "source", "line", "origin")]
    content = hashlib.sha256(record.value or b"").hexdigest()  # offsets begin anew when a topic is made anew
    body = {
        "@timestamp": said.get("at"),
        "ecs": {"version": ECS_VERSION},
        "event": {"kind": "pipeline_error", "dataset": "hypercare.deadletters"},
        "error": {"code": said.get("reason"), "message": said.get("detail")},
        "hypercare": {
            "stage": said.get("stage"),
            "origin": said.get("origin"),
            "dead_letter": {
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "bytes": len(record.value or b""),
                "shortened": said.get("shortened") or None,
                "source": {
                    "topic": said.get("topic"),
                    "partition": _number(said.get("partition")),
                    "offset": _number(said.get("offset")),
                    "file": said.get("source") or None,
                    "line": _number(said.get("line")),
                },
            },
        },
    }
    return Document("logs-hypercare.deadletters-all", derived_id(record.topic, *place, content), encode(body))


def _number(text: str | None) -> int | None:
    try:
        return int(text) if text else None
    except ValueError:
        return None
