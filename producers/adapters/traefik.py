"""Traefik access logs: JSON, and the common format with Traefik's own fields behind it.

In JSON all durations are in nanoseconds, in the common format the last field is whole milliseconds.
``OriginStatus`` is absent or 0 when Traefik answered itself. Headers stand there as ``request_…``, ``origin_…`` and
``downstream_…``, when they are enabled: of these only the user agent and the trace are taken.
Source: traefik/traefik pkg/middlewares/accesslog (logdata.go, logger.go, logger_formatters.go).
"""

from __future__ import annotations

import re

from contracts.calls import GatewayCall
from contracts.errors import Rejected
from producers.adapters.adapter import Place
from producers.adapters.assemble import assemble, latency_part
from producers.adapters.callers import headers_part, span_id, trace_id
from producers.adapters.facts import About
from producers.adapters.fields import NANOSECONDS, Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS, statuses_of
from producers.adapters.request_targets import request_part

_HEADER = re.compile(r"(?:request|origin|downstream)_(.*)", re.DOTALL)
_LOGGER = ("level", "msg", "time", "RequestPort", "ClientAddr", "ClientPort", "RequestAddr", "StartLocal")
"""What the logger adds, and what is said in another field as well."""


class Traefik:
    """Traefik, JSON, one object a line."""

    name = "traefik"
    event = GatewayCall
    about = About(
        "Traefik with `format: json`",
        lacks=("request id", "route", "country", "consumer", "sign-in", "model and tokens", "cost"),
    )

    def recognises(self, line: bytes) -> bool:
        """Tell it by the names of its fields."""
        try:
            record = json_object(line)
        except Rejected:
            return False
        return "DownstreamStatus" in record and ("StartUTC" in record or "RequestMethod" in record)

    def parse(self, line: bytes, place: Place) -> GatewayCall:
        """Read one record."""
        fields = Fields(json_object(line))
        moment = fields.moment("StartUTC", "StartLocal", "time")
        status = fields.needed_status("DownstreamStatus")
        agent, trace = headers_part(_headers(fields))
        asked, cut = request_part(
            fields.text("RequestPath", limit=4 * LINE_CHARS),
            {
                "method": fields.text("RequestMethod", limit=32),
                "host": fields.text("RequestHost"),
                "scheme": fields.text("RequestScheme", limit=20),
                "bytes": fields.count("RequestContentSize"),
            },
        )
        said: dict[str, object] = {
            "gateway": {"product": "traefik", "instance": fields.text("hostname")},
            "request": asked,
            "response": {"status": status, "bytes": fields.count("DownstreamContentSize")},
            "latency": latency_part(
                fields.duration("Duration", unit=NANOSECONDS),
                fields.duration("OriginDuration", unit=NANOSECONDS),
                fields.duration("Overhead", unit=NANOSECONDS),
            ),
            "client": {"ip": fields.address("ClientHost"), "user_agent": agent},
            "user": fields.text("ClientUsername"),
            "trace": _trace(fields) or trace,
        }
        upstream = _upstream(fields)
        said["upstream"] = upstream
        if status >= 500 and not upstream["statuses"] and not upstream["address"]:  # noqa: PLR2004 - server errors
            said["outcome"] = "gateway_error"
        fields.drop(*_LOGGER)
        return assemble(line, place, moment, said, left=fields.rest(), cut=cut, unreadable=fields.unreadable)


def _headers(fields: Fields) -> dict[str, object]:
    """Take all headers out; return those of the request."""
    found = [name for name in fields.left if _HEADER.fullmatch(name)]
    taken = {name: fields.take(name) for name in found}
    return {name.removeprefix("request_"): value for name, value in taken.items() if name.startswith("request_")}


def _upstream(fields: Fields) -> dict[str, object]:
    service = fields.text("ServiceName")
    url = fields.take("ServiceURL")
    if isinstance(url, dict):  # older versions write the URL as an object
        url = url.get("Host")
    address = fields.text("ServiceAddr") or Fields({"ServiceURL": url}).text("ServiceURL")
    return {
        "service": service.partition("@")[0] if service else None,
        "address": address.rpartition("//")[2].partition("/")[0] if address else None,
        "statuses": statuses_of(fields.take("OriginStatus")),
        "retries": fields.count("RetryAttempts"),
    }


def _trace(fields: Fields) -> dict[str, str]:
    trace = trace_id(fields.text("trace_id", "TraceId"))
    span = span_id(fields.text("span_id", "SpanId"))
    if trace is None:
        return {}
    return {"trace_id": trace, "span_id": span} if span else {"trace_id": trace}
