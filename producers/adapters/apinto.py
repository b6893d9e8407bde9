"""APIPark and Apinto access logs as JSON: the built-in formatter and the nested one of the documentation.

Traps, known from the source: ``request_time`` is in milliseconds and ``response_time`` in nanoseconds;
``provider`` is APIPark's project id, not the AI provider; ``request_header`` is a form string full of
secrets, of which only the user agent and the trace context are taken; bodies and headers are never kept.
Sources: APIParkLab/APIPark module/log/iml.go, eolinker/apinto entries/http-entry/reader.go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from contracts.calls import GatewayCall
from contracts.errors import Rejected
from producers.adapters.adapter import Place, line_id, validated
from producers.adapters.apinto_upstream import attempts_of, latency, upstream, upstream_statuses
from producers.adapters.apinto_verdict import verdict
from producers.adapters.attributes import bounded
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import (
    LINE_CHARS,
    address_of,
    count_of,
    status_of,
    text_of,
)
from producers.adapters.moments import from_epoch, from_iso
from producers.adapters.request_targets import cut_long, target_parts

_NESTED_NAMES: dict[str, str] = {
    "header": "request_header",
    "scheme": "request_scheme",
    "host": "request_host",
    "uri": "request_uri",
    "url": "request_uri",
    "method": "request_method",
}
"""What the documented nested formatter calls the fields of its ``request`` object."""
_READ = frozenset(
    [
        "msec",
        "time_iso8601",
        "status",
        "proxy_status",
        "request_time",
        "response_time",
        "request_id",
        "request_method",
        "request_uri",
        "request_scheme",
        "request_host",
        "request_length",
        "response_length",
        "src_ip",
        "remote_addr",
        "service",
        "proxy_addr",
        "proxy_host",
        "application",
        "node",
        "ai_provider",
        "ai_model",
        "ai_model_input_token",
        "ai_model_output_token",
        "ai_model_total_token",
        "strategy",
        "handler",
        "auth_status",
        "http_user_agent",
    ]
)
_NEVER_KEPT = re.compile(
    r"(?:request|response|proxy|proxy_response)_(?:body|headers?)|header|proxy_response|response"
    r"|proxy_(?:method|scheme|uri|query|path)"
)
"""Bodies and headers; and what the gateway asked of the upstream, which may repeat secrets of the caller."""
_RENAMED = {"provider": "apipark_project"}
_HEADERS = re.compile(r"(?:^|&)(user-agent|traceparent|x-trace-id)=([^&]*)", re.IGNORECASE)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}.*")
_TRACE_ID = re.compile(r"[0-9a-f]{32}")

Record = Mapping[str, Any]


class Apinto:
    """APIPark and Apinto, JSON, one object a line."""

    name = "apinto"
    event = GatewayCall

    def recognises(self, line: bytes) -> bool:
        """Tell it by its time and by the fields only this gateway has."""
        try:
            record = _flat(json_object(line))
        except Rejected:
            return False
        timed = "msec" in record or "time_iso8601" in record
        return timed and ("ai_model_total_token" in record or "proxy_status" in record)

    def parse(self, line: bytes, place: Place) -> GatewayCall:
        """Read one record."""
        record = _flat(json_object(line))
        moment = _moment(record)
        status = _status(record)
        attempts = attempts_of(record)
        said, traces = _headers(record)
        request, long = _request(record)
        attributes = bounded(
            (_RENAMED.get(name, name), value)
            for name, value in record.items()
            if name not in _READ and not _NEVER_KEPT.fullmatch(name)
        )
        if long:
            attributes["cut"] = ",".join(long)
        statuses = upstream_statuses(record, attempts)
        fields: dict[str, object] = {
            "id": line_id(line, place, moment),
            "occurred_at": moment,
            "gateway": {"product": "apinto", "instance": text_of(record.get("node"))},
            "request": request,
            "response": {"status": status, "bytes": count_of(record.get("response_length"))},
            "latency": latency(record, attempts),
            "upstream": upstream(record, attempts, statuses),
            "client": {
                "ip": address_of(record.get("src_ip")) or address_of(record.get("remote_addr")),
                "user_agent": text_of(record.get("http_user_agent"), LINE_CHARS) or said,
            },
            "consumer": text_of(record.get("application")),
            "trace": traces,
            "ai": _ai(record),
            "attributes": attributes,
            **verdict(record, status, statuses),
        }
        return validated(GatewayCall, fields, place)


def _flat(record: Record) -> dict[str, Any]:
    """Lift the fields of nested objects up one level; a field at the top wins."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if not isinstance(value, dict) or name == "response_headers":
            flat[name] = value
            continue
        for inner, found in value.items():
            known = _NESTED_NAMES.get(inner) or inner if name == "request" else inner
            if known not in record:
                flat.setdefault(known, found)
    return flat


def _moment(record: Record) -> datetime:
    for name in ("msec", "time_iso8601"):
        value = record.get(name)
        if value is None or value in ("", "-"):
            continue
        try:
            return from_iso(value) if name == "time_iso8601" and isinstance(value, str) else from_epoch(value)
        except Rejected as error:
            raise Rejected(error.reason, f"{name}: {error.detail}") from None
    raise Rejected("missing_field", "msec: neither it nor time_iso8601 is there")


def _status(record: Record) -> int:
    value = record.get("status")
    if value is None or value in ("", "-"):
        raise Rejected("missing_field", "status: not there")
    status = status_of(value)
    if status is None:
        raise Rejected("invalid_status", "status: not a number from 0 to 999")
    return status


def _headers(record: Record) -> tuple[str | None, dict[str, str]]:
    form = record.get("request_header")
    if not isinstance(form, str):
        return None, {}
    found = {name.lower(): unquote_plus(value) for name, value in _HEADERS.findall(form)}
    agent = text_of(found.get("user-agent"), LINE_CHARS)
    parent = _TRACEPARENT.fullmatch(found.get("traceparent", "").strip().lower())
    if parent and int(parent[1], 16) and int(parent[2], 16):
        return agent, {"trace_id": parent[1], "parent_span_id": parent[2]}
    trace = found.get("x-trace-id", "").strip().lower()
    return agent, {"trace_id": trace} if _TRACE_ID.fullmatch(trace) else {}


def _request(record: Record) -> tuple[dict[str, object], list[str]]:
    target = text_of(record.get("request_uri"), 4 * LINE_CHARS)
    parts, long = cut_long(target_parts(target) if target else {})
    said = {
        "id": text_of(record.get("request_id"), 200),
        "method": text_of(record.get("request_method"), 32),
        "host": text_of(record.get("request_host")),
        "scheme": text_of(record.get("request_scheme")),
        "bytes": count_of(record.get("request_length")),
    }
    return {**parts, **{name: value for name, value in said.items() if value is not None}}, long


def _ai(record: Record) -> dict[str, object] | None:
    said: dict[str, object] = {
        "provider": text_of(record.get("ai_provider")),
        "request_model": text_of(record.get("ai_model")),
        "input_tokens": count_of(record.get("ai_model_input_token")),
        "output_tokens": count_of(record.get("ai_model_output_token")),
    }
    if said["provider"] is None and said["request_model"] is None and not said["input_tokens"]:
        return None
    return said
