"""NGINX access logs as JSON, whose keys everybody chooses: variables by their own names, and common other names.

``request_time`` and ``upstream_*_time`` are in seconds, as numbers or texts; of several attempts they are lists,
"0.010, 0.120", with " : " where a request was passed on inside NGINX. Without ``escape=json`` such logs are not
always JSON: those lines are refused.
Source: nginx/nginx src/http/modules/ngx_http_log_module.c and the variables of ngx_http_upstream_module.
"""

from __future__ import annotations

import re
from functools import lru_cache

from contracts.calls import GatewayCall
from contracts.errors import Rejected
from contracts.limits import MAX_ATTEMPTS
from producers.adapters.adapter import Place
from producers.adapters.assemble import assemble, latency_part
from producers.adapters.callers import client_address, trace_id, traceparent
from producers.adapters.facts import About
from producers.adapters.fields import SECONDS, Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import DAY_MS, LINE_CHARS, number_of, statuses_of, text_of
from producers.adapters.request_targets import CACHED, CACHED_CHARS, request_part
from producers.adapters.upstream_names import telling_address

_MOMENTS = ("msec", "time_iso8601", "@timestamp", "timestamp", "time_local", "time", "ts", "date")
_STATUSES = ("status", "status_code", "response_status", "response")
_TARGETS = ("request_uri", "uri", "path", "url", "request_path")
_METHODS = ("request_method", "method", "http_method", "verb")
_ATTEMPTS = re.compile(r"\s*[,:]\s+")
"""Attempts are separated by ", ", groups of them by " : "; the colon of a port has no blank behind it."""
_UPSTREAM = ("upstream_addr", "upstream_status", "upstream_response_time")
_MARKS = frozenset(
    (
        *("remote_addr", "remote_ip", "remote_user", "body_bytes_sent", "bytes_sent", "bytes", "request_time"),
        *("http_user_agent", "agent", "http_referer", "http_referrer", "referrer"),
        *_UPSTREAM,
    )
)
"""Any two of these, and it is the log of a web server."""
_REQUEST = re.compile(r"([A-Z][A-Z_\-]{1,31}) (.*?)(?: [A-Z]{2,8}/\d(?:\.\d)?)?", re.DOTALL)
_SERVER_ERROR = 500


class NginxJson:
    """NGINX with a JSON log format, one object a line."""

    name = "nginx-json"
    event = GatewayCall
    about = About(
        "NGINX with a JSON `log_format`, by the names of its variables and usual other names",
        lacks=("route", "consumer", "sign-in", "model and tokens", "cost"),
    )

    def recognises(self, line: bytes) -> bool:
        """Tell it by a status, a request and a client, as NGINX names them."""
        try:
            record = json_object(line)
        except Rejected:
            return False
        asked = isinstance(record.get("request"), str) or any(name in record for name in _TARGETS)
        answered = any(name in record for name in _STATUSES)
        return asked and answered and len(_MARKS & record.keys()) > 1

    def parse(self, line: bytes, place: Place) -> GatewayCall:
        """Read one record."""
        fields = Fields(json_object(line))
        moment = fields.moment(*_MOMENTS)
        status = fields.needed_status(*_STATUSES)
        proxy = any(name in fields.left for name in _UPSTREAM)
        asked, cut = _request(fields)
        service = fields.text("proxy_host", "proxy_upstream_name", "upstream_name", "service_name")
        times, addresses = _list(fields, "upstream_response_time"), _list(fields, "upstream_addr")
        forwarded = fields.take("http_x_forwarded_for", "x_forwarded_for", "x-forwarded-for", "xff")
        peer = fields.address("remote_addr", "client_ip", "client", "remote_ip", "ip")
        country = fields.text("geoip_country", "geoip_country_code", "geoip2_country_code", "country", limit=2)
        said: dict[str, object] = {
            "gateway": {"product": "nginx" if proxy else None, "instance": fields.text("hostname", "server_addr")},
            "request": asked,
            "response": {"status": status, "bytes": fields.count("body_bytes_sent", "bytes_sent", "bytes", "size")},
            "latency": latency_part(fields.duration("request_time", "rt", unit=SECONDS), _sum(times, fields)),
            "upstream": {
                "service": service,
                "address": telling_address(addresses[-1], service) if addresses else None,
                "statuses": statuses_of(_list(fields, "upstream_status")),
                "retries": len(addresses) - 1 if addresses else None,
            },
            "client": {
                "ip": client_address(peer, forwarded),
                "geo": {"country_iso": country.upper()} if country else None,
                "user_agent": fields.text("http_user_agent", "user_agent", "agent", "ua", limit=LINE_CHARS),
            },
            "user": fields.text("remote_user", "user"),
            "trace": _trace(fields),
            **({"outcome": "gateway_error"} if proxy and not addresses and status >= _SERVER_ERROR else {}),
        }
        fields.drop("request_body", "http_cookie", "http_authorization", "cookie")
        return assemble(line, place, moment, said, left=fields.rest(), cut=cut, unreadable=fields.unreadable)


def _request(fields: Fields) -> tuple[dict[str, object], list[str]]:
    method, target = fields.text(*_METHODS, limit=32), fields.text(*_TARGETS, limit=4 * LINE_CHARS)
    whole = fields.text("request", limit=4 * LINE_CHARS)
    found = _REQUEST.fullmatch(whole) if whole else None
    if found:
        method, target = method or found[1], found[2] if target is None or "?" not in target else target
    query = fields.text("args", "query_string", "request_query", "query", limit=LINE_CHARS)
    if target and query and "?" not in target:
        target = f"{target}?{query}"
    said = {
        "id": fields.text("request_id", "req_id", "http_x_request_id", "x_request_id", limit=200),
        "method": method,
        "host": fields.text("host", "http_host", "server_name", "vhost"),
        "scheme": fields.text("scheme", "http_x_forwarded_proto", limit=20),
        "bytes": fields.count("request_length", "bytes_received"),
    }
    return request_part(target, said)


def _list(fields: Fields, name: str) -> list[str]:
    """The attempts that a variable lists, without those that were none."""
    value = fields.take(name)
    if isinstance(value, str) and len(value) <= CACHED_CHARS:
        return list(_split(value))
    parts = value if isinstance(value, list) else _ATTEMPTS.split(value) if isinstance(value, str) else [value]
    return [text for text in (text_of(part) for part in parts[: 2 * MAX_ATTEMPTS]) if text][:MAX_ATTEMPTS]


@lru_cache(maxsize=CACHED)
def _split(text: str) -> tuple[str, ...]:
    """The same servers answer again and again."""
    return tuple(part for part in (text_of(part) for part in _ATTEMPTS.split(text)) if part)[:MAX_ATTEMPTS]


def _sum(times: list[str], fields: Fields) -> float | None:
    """All attempts together, in milliseconds; nothing when one of them is no number of seconds."""
    seconds = [number_of(time) for time in times]
    total = sum(second for second in seconds if second is not None) * SECONDS
    if None in seconds or not 0 <= total <= DAY_MS:
        fields.unreadable.append("upstream_response_time")
        return None
    return round(total, 3) if seconds else None


def _trace(fields: Fields) -> dict[str, str]:
    parent = traceparent(fields.text("http_traceparent", "traceparent"))
    found = trace_id(fields.text("trace_id", "opentelemetry_trace_id", "otel_trace_id", "http_x_b3_traceid"))
    return parent or ({"trace_id": found} if found else {})
