"""The fields of every kind of document, with ECS and OpenTelemetry names; our own below ``hypercare``."""

from __future__ import annotations

from typing import Any

from sinks.elasticsearch.analysis import by_language, names
from sinks.elasticsearch.health_documents import FURTHER, LISTS
from sinks.elasticsearch.sampling import OTHERS

MAX_KEYWORD = 1_024

Mapping = dict[str, Any]
KEYWORD: Mapping = {"type": "keyword", "ignore_above": MAX_KEYWORD}
LONG: Mapping = {"type": "long", "ignore_malformed": True}
FLOAT: Mapping = {"type": "float", "ignore_malformed": True}
DATE: Mapping = {"type": "date"}
IP: Mapping = {"type": "ip", "ignore_malformed": True}
BOOLEAN: Mapping = {"type": "boolean"}
FLATTENED: Mapping = {"type": "flattened", "ignore_above": MAX_KEYWORD, "depth_limit": 3}
TEXT: Mapping = {"type": "text"}
SEARCHED: Mapping = {"type": "text", "fields": {**by_language(), "names": names()}}
"""What somebody wrote: searched in every language, and for names."""
TITLE: Mapping = {
    "type": "keyword",
    "ignore_above": 8_000,
    "fields": {"text": TEXT, **by_language(), "names": names()},
}
PATH: Mapping = {"type": "keyword", "ignore_above": 8_000, "fields": {"text": {"type": "text"}}}
NAMED: Mapping = {**KEYWORD, "fields": {"names": names()}}
"""A name or a code: counted as it is, found by its parts."""
ROUTE: Mapping = {**PATH, "fields": {**PATH["fields"], "names": names()}}
SAID: Mapping = {**TEXT, "fields": {"names": names()}}
"""What a machine wrote."""


def fields(**properties: Any) -> Mapping:
    """An object with these fields."""
    return {"properties": properties}


BASE = {
    "@timestamp": DATE,
    "ecs": fields(version=KEYWORD),
    "message": SEARCHED,
    "event": fields(
        id=KEYWORD,
        kind=KEYWORD,
        category=KEYWORD,
        type=KEYWORD,
        dataset=KEYWORD,
        action=KEYWORD,
        outcome=KEYWORD,
        duration=LONG,
        created=DATE,
        start=DATE,
        end=DATE,
        url=PATH,
    ),
    "error": fields(code=NAMED, message=SAID),
    "trace": fields(id=KEYWORD),
    "span": fields(id=KEYWORD),
    "user": fields(hash=KEYWORD, roles=KEYWORD),
    "user_agent": fields(
        original=PATH,
        name=KEYWORD,
        version=KEYWORD,
        os=fields(name=KEYWORD, version=KEYWORD),
        device=fields(name=KEYWORD),
    ),
    "http": fields(
        route=ROUTE,
        request=fields(id=KEYWORD, method=KEYWORD, body=fields(bytes=LONG)),
        response=fields(status_code=LONG, body=fields(bytes=LONG)),
    ),
    "service": fields(name=NAMED, address=KEYWORD, environment=KEYWORD, version=KEYWORD),
}
COMMON_HYPERCARE = {
    "tenant": KEYWORD,
    "project": KEYWORD,
    "session": KEYWORD,
    "attributes": FLATTENED,
    "notes": KEYWORD,
    "origin": KEYWORD,
}


def _also(path: tuple[str, ...]) -> Mapping:
    """Values that are counted at another field and kept nowhere else."""
    return {"type": "double", "index": False, "doc_values": False, "ignore_malformed": True, "copy_to": ".".join(path)}


CALLS = {
    "url": fields(path=PATH, query=PATH, domain=KEYWORD, scheme=KEYWORD),
    "client": fields(ip=IP, geo=fields(country_iso_code=KEYWORD, region_name=KEYWORD, city_name=KEYWORD)),
    "observer": fields(product=KEYWORD, name=KEYWORD),
    "gen_ai": fields(
        provider=fields(name=KEYWORD),
        request=fields(model=KEYWORD),
        response=fields(model=KEYWORD, finish_reasons=KEYWORD),
        usage=fields(input_tokens=LONG, output_tokens=LONG),
    ),
    "hypercare": fields(
        **COMMON_HYPERCARE,
        outcome=KEYWORD,
        blame=KEYWORD,
        failed={"type": "byte"},
        weight=LONG,
        delay_ms=LONG,
        others=fields(**{name: _also(path) for name, path in OTHERS.items()}),
        latency=fields(total_ms=FLOAT, upstream_ms=FLOAT, gateway_ms=FLOAT),
        upstream=fields(statuses=LONG, retries=LONG),
        consumer=KEYWORD,
        caller=KEYWORD,
        rows=LONG,
        auth=fields(method=KEYWORD, ok=BOOLEAN),
        ai=fields(cached_tokens=LONG, cost=FLOAT),
        error_component=KEYWORD,
    ),
}
DEADLETTERS = {
    "hypercare": fields(
        stage=KEYWORD,
        origin=KEYWORD,
        dead_letter=fields(
            topic=KEYWORD,
            partition=LONG,
            offset=LONG,
            bytes=LONG,
            shortened=KEYWORD,
            source=fields(topic=KEYWORD, partition=LONG, offset=LONG, file=KEYWORD, line=LONG),
        ),
    ),
}
FINDINGS = {
    "hypercare": fields(
        **COMMON_HYPERCARE,
        blame=KEYWORD,
        finding=fields(
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
    "hypercare": fields(
        **COMMON_HYPERCARE,
        health=fields(
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
