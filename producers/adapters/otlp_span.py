"""What one span says of a call, in every generation of names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.calls import Outcome
from producers.adapters.assemble import error_part, latency_part
from producers.adapters.attributes import Scalar
from producers.adapters.callers import span_id, trace_id
from producers.adapters.fields import NANOSECONDS, Fields
from producers.adapters.loose_values import DAY_MS, LINE_CHARS, count_of, text_of
from producers.adapters.model_calls import ai_part
from producers.adapters.otlp_values import attributes_of, hexadecimal
from producers.adapters.request_targets import request_part

Said = tuple[datetime, dict[str, object], list[str], dict[str, Scalar]]
STATUS_OF_RPC = {
    "OK": 200,
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DATA_LOSS": 500,
    "UNAUTHENTICATED": 401,
}
"""The HTTP status each gRPC status stands for, in the order of their numbers (googleapis google/rpc/code.proto)."""
_RPC_NUMBERS = {str(number): name for number, name in enumerate(STATUS_OF_RPC)}
_ERROR = 2
_ERROR_CODES = ("STATUS_CODE_ERROR", "ERROR", "error")
_NEVER_KEPT = re.compile(
    r"gen_ai\.(?:input|output)\.messages|gen_ai\.(?:prompt|completion|system_instructions|tool|memory|retrieval).*"
    r"|llm\.(?:prompts|completions|request\.functions).*|traceloop\.entity\.(?:input|output)"
    r"|http\.(?:request|response)\.(?:header|body\.content).*|db\.(?:statement|query).*|exception\..*|url\.full|http\.url",
    re.DOTALL,
)
"""Words of people and models, headers and bodies, whatever the generation of names."""
_STATUS_FROM = "status_from"
"""Note that says what a status was derived from when the span has none of HTTP."""
_DIGITS = re.compile(r"\d{1,20}", re.ASCII)
_HTTP_STATUS = re.compile(r"[1-5]\d\d", re.ASCII)
_REFUSED, _SERVER_ERROR, _TIMEOUT = 400, 500, 504

_OF_RESOURCE = ("deployment.environment.name", "deployment.environment", "service.namespace", "service.instance.id")
_READ_OF_RESOURCE = frozenset(["service.name", "service.version", *_OF_RESOURCE])


def shortened(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A resource with only those attributes that are read."""
    kept = {name: value for name, value in attributes_of(resource).items() if name in _READ_OF_RESOURCE}
    return {"attributes": {name: value for name, value in kept.items() if not isinstance(value, list)}}


def said_by(fields: Fields, span: Mapping[str, Any], resource: dict[str, Any], *, server: bool) -> Said:
    """Time, parts of the call, what was cut and notes; raise `Rejected` when the span has no time."""
    moment = Fields(dict(span)).moment("startTimeUnixNano", "start_time_unix_nano")
    status, notes = _status(fields, span)
    upstream = {} if server else _asked_by_client(fields, 0 if notes else status)
    asked, cut = _request(fields)
    service = text_of(resource.get("service.name"))
    ai, priced = _ai(fields)
    said: dict[str, object] = {
        "request": asked,
        "response": {
            "status": status,
            "bytes": fields.count("http.response.body.size", "http.response.size", "http.response_content_length"),
        },
        "latency": latency_part(_duration(span), None),
        "upstream": {"service": service} if server else upstream,
        "client": _client(fields) if server else {},
        "caller": None if server or service is None else {"service": service},
        "user": fields.text("enduser.id", "user.id"),
        "session": fields.text("session.id"),
        "release": text_of(resource.get("service.version")),
        "trace": _trace(span),
        "ai": ai,
        **_failure(fields, span, status, notes),
    }
    for name in [name for name in fields.left if _NEVER_KEPT.fullmatch(name)]:
        fields.drop(name)
    for name in _OF_RESOURCE:
        if name in resource:
            fields.left.setdefault(name, resource[name])
    return moment, said, cut, {**notes, **priced}


def _duration(span: Mapping[str, Any]) -> float | None:
    start = _nanoseconds(span, "startTimeUnixNano", "start_time_unix_nano")
    end = _nanoseconds(span, "endTimeUnixNano", "end_time_unix_nano")
    if start is None or end is None:
        return None
    took = (end - start) * NANOSECONDS
    return round(took, 3) if 0 <= took <= DAY_MS else None


def _nanoseconds(span: Mapping[str, Any], *names: str) -> int | None:
    value = next((span[name] for name in names if span.get(name)), None)
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _status(fields: Fields, span: Mapping[str, Any]) -> tuple[int, dict[str, Scalar]]:
    """The HTTP status; without one what the RPC status or the span's own stands for, with a note that says so."""
    status = fields.status("http.response.status_code", "http.status_code")
    rpc = fields.text("rpc.response.status_code", "rpc.grpc.status_code")
    if status:
        return status, {}
    if rpc:
        name = _RPC_NUMBERS.get(rpc, rpc.upper())
        if name in STATUS_OF_RPC:
            return STATUS_OF_RPC[name], {_STATUS_FROM: f"rpc {name}"}
    kind = text_of(fields.left.get("error.type")) or ""
    if _HTTP_STATUS.fullmatch(kind):
        return int(kind), {_STATUS_FROM: "error.type"}
    if not kind and not _failed(span):
        return 200, {_STATUS_FROM: "span status"}
    return (504 if "timeout" in kind.lower() or "deadline" in kind.lower() else 500), {_STATUS_FROM: "span status"}


def _failed(span: Mapping[str, Any]) -> bool:
    status = span.get("status")
    code = status.get("code") if isinstance(status, dict) else None
    return count_of(code) == _ERROR or code in _ERROR_CODES


def _failure(fields: Fields, span: Mapping[str, Any], status: int, notes: Mapping[str, Scalar]) -> dict[str, object]:
    kind = fields.text("error.type", "otel.status_code")
    said = span.get("status")
    message = text_of(said.get("message"), LINE_CHARS) if isinstance(said, dict) else None
    if status < _REFUSED:
        return {}
    failure: dict[str, object] = {"error": error_part("span", kind, message or fields.text("otel.status_description"))}
    if _STATUS_FROM in notes and status >= _SERVER_ERROR:
        outcome: Outcome = "timeout" if status == _TIMEOUT else "upstream_error"
        failure["outcome"] = outcome
    return failure


def _request(fields: Fields) -> tuple[dict[str, object], list[str]]:
    whole = fields.text("url.full", "http.url", limit=4 * LINE_CHARS)
    path = fields.text("url.path", "http.target", limit=4 * LINE_CHARS)
    query = fields.text("url.query", limit=LINE_CHARS)
    target = f"{path}?{query}" if path and query and "?" not in path else path
    operation = fields.text("gen_ai.operation.name")
    rpc = [fields.text(name) for name in ("rpc.service", "rpc.method")]
    called = "/".join(part for part in rpc if part) or None
    said = {
        "method": fields.text("http.request.method", "http.method", limit=32),
        "route": fields.text("http.route", limit=LINE_CHARS) or called or (None if target or whole else operation),
        "host": fields.text("server.address", "http.host", "http.server_name", "net.host.name", "net.peer.name"),
        "scheme": fields.text("url.scheme", "http.scheme", limit=20),
        "bytes": fields.count("http.request.body.size", "http.request.size", "http.request_content_length"),
    }
    if operation:
        fields.left["gen_ai.operation.name"] = operation
    return request_part(target or whole, said)


def _asked_by_client(fields: Fields, status: int) -> dict[str, object]:
    """Who a client span asked, by its name where the application knows it, and what it answered (0: not known)."""
    host = text_of(fields.left.get("server.address")) or text_of(fields.left.get("net.peer.name"))
    service = fields.text("service.peer.name", "peer.service")
    address = host or fields.text("network.peer.address", "net.sock.peer.addr", "net.peer.ip")
    resends = fields.count("http.request.resend_count", "http.resend_count")
    statuses = (status,) if status else ()
    return {"service": service or host, "address": address, "statuses": statuses, "retries": resends}


def _client(fields: Fields) -> dict[str, object]:
    country = fields.text("geo.country.iso_code", limit=2)
    return {
        "ip": fields.address(
            "client.address", "http.client_ip", "network.peer.address", "net.sock.peer.addr", "net.peer.ip"
        ),
        "geo": {"country_iso": country.upper()} if country else None,
        "user_agent": fields.text("user_agent.original", "http.user_agent", limit=LINE_CHARS),
    }


def _trace(span: Mapping[str, Any]) -> dict[str, str]:
    found = {
        "trace_id": trace_id(hexadecimal(span.get("traceId", span.get("trace_id")))),
        "span_id": span_id(hexadecimal(span.get("spanId", span.get("span_id")))),
        "parent_span_id": span_id(hexadecimal(span.get("parentSpanId", span.get("parent_span_id")))),
    }
    return {name: value for name, value in found.items() if value}


def _ai(fields: Fields) -> tuple[dict[str, object] | None, dict[str, Scalar]]:
    reasons = fields.take("gen_ai.response.finish_reasons", "gen_ai.completion.0.finish_reason")
    return ai_part(
        provider=fields.text("gen_ai.provider.name", "gen_ai.system"),
        request_model=fields.text("gen_ai.request.model"),
        response_model=fields.text("gen_ai.response.model"),
        input_tokens=fields.count("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens"),
        output_tokens=fields.count(
            "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens"
        ),
        cached_tokens=fields.count("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"),
        cost=fields.number("gen_ai.usage.cost"),
        finish_reason=text_of(reasons[0] if isinstance(reasons, list) and reasons else reasons),
    )
