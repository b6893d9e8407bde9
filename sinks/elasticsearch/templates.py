"""Index templates of every data stream, and the call that puts them in place."""

from __future__ import annotations

from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from contracts.errors import Stop
from sinks.elasticsearch.health_documents import FURTHER, LISTS

PRIORITY = 501
"""Above Elastic's own ``logs-*-*`` templates, which have 100 to 500."""
MAX_KEYWORD = 1_024
RETENTION = {"calls": "30d", "feedback": "180d", "findings": "180d", "health": "90d", "deadletters": "30d"}

Mapping = dict[str, Any]
KEYWORD: Mapping = {"type": "keyword", "ignore_above": MAX_KEYWORD}
LONG: Mapping = {"type": "long", "ignore_malformed": True}
FLOAT: Mapping = {"type": "float", "ignore_malformed": True}
DATE: Mapping = {"type": "date"}
IP: Mapping = {"type": "ip", "ignore_malformed": True}
BOOLEAN: Mapping = {"type": "boolean"}
FLATTENED: Mapping = {"type": "flattened", "ignore_above": MAX_KEYWORD, "depth_limit": 3}
TEXT: Mapping = {"type": "text"}
SEARCHED: Mapping = {"type": "text", "fields": {"en": {"type": "text", "analyzer": "english"}}}
PATH: Mapping = {"type": "keyword", "ignore_above": 8_000, "fields": {"text": {"type": "text"}}}


def _fields(**properties: Any) -> Mapping:
    return {"properties": properties}


BASE = {
    "@timestamp": DATE,
    "ecs": _fields(version=KEYWORD),
    "message": SEARCHED,
    "event": _fields(
        id=KEYWORD,
        kind=KEYWORD,
        category=KEYWORD,
        type=KEYWORD,
        dataset=KEYWORD,
        outcome=KEYWORD,
        duration=LONG,
        created=DATE,
        start=DATE,
        end=DATE,
        url=PATH,
    ),
    "error": _fields(code=KEYWORD, message=TEXT),
    "trace": _fields(id=KEYWORD),
    "span": _fields(id=KEYWORD),
    "user": _fields(hash=KEYWORD, roles=KEYWORD),
    "user_agent": _fields(
        original=PATH,
        name=KEYWORD,
        version=KEYWORD,
        os=_fields(name=KEYWORD, version=KEYWORD),
        device=_fields(name=KEYWORD),
    ),
    "http": _fields(
        route=PATH,
        request=_fields(id=KEYWORD, method=KEYWORD, body=_fields(bytes=LONG)),
        response=_fields(status_code=LONG, body=_fields(bytes=LONG)),
    ),
    "service": _fields(name=KEYWORD, address=KEYWORD, environment=KEYWORD, version=KEYWORD),
}
COMMON_HYPERCARE = {
    "tenant": KEYWORD,
    "project": KEYWORD,
    "session": KEYWORD,
    "attributes": FLATTENED,
    "notes": KEYWORD,
    "origin": KEYWORD,
}
CALLS = {
    "url": _fields(path=PATH, query=PATH, domain=KEYWORD, scheme=KEYWORD),
    "client": _fields(ip=IP, geo=_fields(country_iso_code=KEYWORD, region_name=KEYWORD, city_name=KEYWORD)),
    "observer": _fields(product=KEYWORD, name=KEYWORD),
    "gen_ai": _fields(
        provider=_fields(name=KEYWORD),
        request=_fields(model=KEYWORD),
        response=_fields(model=KEYWORD, finish_reasons=KEYWORD),
        usage=_fields(input_tokens=LONG, output_tokens=LONG),
    ),
    "hypercare": _fields(
        **COMMON_HYPERCARE,
        outcome=KEYWORD,
        blame=KEYWORD,
        failed={"type": "byte"},
        latency=_fields(total_ms=FLOAT, upstream_ms=FLOAT, gateway_ms=FLOAT),
        upstream=_fields(statuses=LONG, retries=LONG),
        consumer=KEYWORD,
        caller=KEYWORD,
        rows=LONG,
        auth=_fields(method=KEYWORD, ok=BOOLEAN),
        ai=_fields(cached_tokens=LONG, cost=FLOAT),
        error_component=KEYWORD,
    ),
}
FEEDBACK = {
    "hypercare": _fields(
        **COMMON_HYPERCARE,
        channel=KEYWORD,
        title=SEARCHED,
        language=KEYWORD,
        language_confidence=FLOAT,
        rating=_fields(scale=KEYWORD, value=FLOAT),
        segment=KEYWORD,
        journey=KEYWORD,
        screen=KEYWORD,
        locale=KEYWORD,
        thread=KEYWORD,
        attachments=LONG,
        source=_fields(system=KEYWORD, id=KEYWORD),
        masked=_fields(secret=LONG, email=LONG, phone=LONG, card=LONG, account=LONG, ip=LONG),
    ),
}
DEADLETTERS = {
    "hypercare": _fields(
        stage=KEYWORD,
        origin=KEYWORD,
        dead_letter=_fields(
            topic=KEYWORD,
            partition=LONG,
            offset=LONG,
            bytes=LONG,
            shortened=KEYWORD,
            source=_fields(topic=KEYWORD, partition=LONG, offset=LONG, file=KEYWORD, line=LONG),
        ),
    ),
}
FINDINGS = {
    "hypercare": _fields(
        **COMMON_HYPERCARE,
        blame=KEYWORD,
        finding=_fields(
            id=KEYWORD,
            revision=LONG,
            state=KEYWORD,
            kind=KEYWORD,
            confidence=FLOAT,
            **dict.fromkeys(LISTS, KEYWORD),
            calls=FLOAT,
            observed=FLOAT,
            expected=FLOAT,
            relative_risk=FLOAT,
            share_explained=FLOAT,
            score=FLOAT,
            p95_ms=FLOAT,
            usual_p95_ms=FLOAT,
            **dict.fromkeys(FURTHER, FLOAT),
        ),
    ),
}
HEALTH = {
    "hypercare": _fields(
        **COMMON_HYPERCARE,
        health=_fields(
            calls=LONG,
            failed=LONG,
            client_errors=LONG,
            rate_limited=LONG,
            auth_failed=LONG,
            bytes=LONG,
            rows=LONG,
            p50_ms=FLOAT,
            p95_ms=FLOAT,
            p99_ms=FLOAT,
            correction=BOOLEAN,
        ),
    ),
}
KINDS = {
    "calls": CALLS,
    "feedback": FEEDBACK,
    "findings": FINDINGS,
    "health": HEALTH,
    "deadletters": DEADLETTERS,
}
METRICS = {"health"}
"""Kinds that are numbers over time: their data streams are called ``metrics-…``, those of the others ``logs-…``."""
SETTINGS = {
    "index": {
        "number_of_shards": 1,
        "number_of_replicas": 0,
        "codec": "best_compression",
        "refresh_interval": "1s",  # written out, it also keeps idle indices searchable at once
        "mapping": {"total_fields": {"limit": 500}},
    }
}


def component_templates() -> dict[str, Mapping]:
    """Every component template by name."""
    templates: dict[str, Mapping] = {
        "hypercare-settings": {"template": {"settings": SETTINGS}},
        "hypercare-base": {"template": {"mappings": {"dynamic": False, "properties": BASE}}},
    }
    for kind, fields in KINDS.items():
        templates[f"hypercare-{kind}"] = {"template": {"mappings": {"properties": fields}}}
    return templates


def index_templates() -> dict[str, Mapping]:
    """Every index template by name; ``hypercare-<kind>@custom`` is the user's own and comes last."""
    return {
        f"{_type(kind)}-hypercare.{kind}": {
            "index_patterns": [f"{_type(kind)}-hypercare.{kind}-*"],
            "data_stream": {},
            "priority": PRIORITY,
            "composed_of": [
                "hypercare-settings",
                "hypercare-base",
                f"hypercare-{kind}",
                f"hypercare-{kind}@custom",
            ],
            "ignore_missing_component_templates": [f"hypercare-{kind}@custom"],
            "template": {"lifecycle": {"data_retention": RETENTION[kind]}},
            "_meta": {"managed_by": "hypercare"},
        }
        for kind in KINDS
    }


def _type(kind: str) -> str:
    return "metrics" if kind in METRICS else "logs"


def apply_templates(client: Elasticsearch) -> list[str]:
    """Put every template in place, again and again if need be; return their names."""
    try:
        for name, body in component_templates().items():
            client.cluster.put_component_template(name=name, **body)
        for name, body in index_templates().items():
            client.indices.put_index_template(name=name, **{_argument(k): v for k, v in body.items()})
    except (ApiError, TransportError) as error:
        raise Stop(
            f"Elasticsearch did not take the templates: {error}",
            fix="check the address and the rights of its user (manage_index_templates)",
        ) from error
    return [*component_templates(), *index_templates()]


def _argument(name: str) -> str:
    return "meta" if name == "_meta" else name
