"""APIPark and Apinto access logs as JSON: the built-in formatter and the nested one of the documentation.

Traps, known from the source: ``request_time`` is in milliseconds and ``response_time`` in nanoseconds;
``provider`` is APIPark's project id, not the AI provider; ``request_header`` is a form string full of
secrets, of which only the user agent and the trace context are taken; bodies and headers are never kept.
Sources: APIParkLab/APIPark module/log/iml.go, eolinker/apinto entries/http-entry/reader.go.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

from contracts.calls import GatewayCall
from contracts.errors import Rejected
from producers.adapters.adapter import Place
from producers.adapters.apinto_upstream import attempts_of, latency, upstream, upstream_statuses
from producers.adapters.apinto_verdict import verdict
from producers.adapters.assemble import assemble
from producers.adapters.attributes import Scalar
from producers.adapters.callers import headers_part
from producers.adapters.facts import About
from producers.adapters.fields import Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS
from producers.adapters.model_calls import ai_part
from producers.adapters.request_targets import request_part

_NESTED_NAMES: dict[str, str] = {
    "header": "request_header",
    "scheme": "request_scheme",
    "host": "request_host",
    "uri": "request_uri",
    "url": "request_uri",
    "method": "request_method",
}
"""What the documented nested formatter calls the fields of its ``request`` object."""
_NEVER_KEPT = re.compile(
    r"(?:request|response|proxy|proxy_response)_(?:body|headers?)|header|proxy_response|response"
    r"|proxy_(?:method|scheme|uri|query|path)"
)
"""Bodies and headers; and what the gateway asked of the upstream, which may repeat secrets of the caller."""
_HEADERS = re.compile(r"(?:^|&)(user-agent|traceparent|x-trace-id)=([^&]*)", re.IGNORECASE)


@lru_cache(maxsize=1_000)
def _is_never_kept(name: str) -> bool:
    return _NEVER_KEPT.fullmatch(name) is not None


class Apinto:
    """APIPark and Apinto, JSON, one object a line."""

    name = "apinto"
    event = GatewayCall
    about = About(
        "APIPark and Apinto as JSON: the built-in formatter, the nested one of their documentation, additions",
        lacks=("route", "country", "user"),
    )

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
        return call_from(json_object(line), line, place)


def call_from(record: dict[str, Any], line: bytes, place: Place, lost: Sequence[str] = ()) -> GatewayCall:
    """Make the call of a record; ``lost`` names what the reader of the line could not take apart."""
    fields = Fields(_flat(record))
    moment = fields.moment("msec", "time_iso8601")
    status = fields.needed_status("status")
    attempts = attempts_of(fields)
    said_agent, trace = _headers(fields.take("request_header"))
    asked, cut = _request(fields)
    statuses = upstream_statuses(fields, attempts)
    ai, notes = _ai(fields)
    reached = fields.left.get("proxy_addr") not in (None, "", "-")
    addresses = fields.address("src_ip"), fields.address("remote_addr")
    said: dict[str, object] = {
        "gateway": {"product": "apinto", "instance": fields.text("node")},
        "request": asked,
        "response": {"status": status, "bytes": fields.count("response_length")},
        "latency": latency(fields, attempts),
        "client": {
            "ip": addresses[0] or addresses[1],
            "user_agent": fields.text("http_user_agent", limit=LINE_CHARS) or said_agent,
        },
        "consumer": fields.text("application"),
        "trace": trace,
        "ai": ai,
        "upstream": upstream(fields, attempts, statuses),
        **verdict(fields, status, statuses, reached=reached),
    }
    for name in [name for name in fields.left if _is_never_kept(name)]:
        del fields.left[name]
    left = [("apipark_project", fields.take("provider")), *fields.rest()]
    return assemble(line, place, moment, said, left=left, cut=cut, unreadable=[*lost, *fields.unreadable], notes=notes)


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """Lift the fields of nested objects up one level; a field at the top wins."""
    objects = list(map(type, record.values())).count(dict)
    if objects == isinstance(record.get("response_headers"), dict):  # none, or just that one: the usual case
        return record
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


def _headers(form: object) -> tuple[str | None, dict[str, str]]:
    if not isinstance(form, str):
        return None, {}
    found = _HEADERS.findall(form)
    return headers_part(
        {name: unquote_plus(value) if "%" in value else value.replace("+", " ") for name, value in found}
    )


def _request(fields: Fields) -> tuple[dict[str, object], list[str]]:
    said = {
        "id": fields.text("request_id", limit=200),
        "method": fields.text("request_method", "method", limit=32),
        "host": fields.text("request_host", "host"),
        "scheme": fields.text("request_scheme", "scheme", limit=20),
        "bytes": fields.count("request_length"),
    }
    return request_part(fields.text("request_uri", "url", "uri", limit=4 * LINE_CHARS), said)


def _ai(fields: Fields) -> tuple[dict[str, object] | None, dict[str, Scalar]]:
    total = fields.count("ai_model_total_token")
    part, notes = ai_part(
        provider=fields.text("ai_provider"),
        request_model=fields.text("ai_model"),
        input_tokens=fields.count("ai_model_input_token"),
        output_tokens=fields.count("ai_model_output_token"),
    )
    if part and total and part["input_tokens"] is None and part["output_tokens"] is None:
        notes["ai_total_tokens"] = total  # neither is known by itself
    return part, notes
