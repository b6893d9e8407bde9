"""Tyk's analytics records, as its pump writes them: to Kafka, as whole records, to standard output, to Elasticsearch.

``request_time_ms`` (on Kafka) and ``request_time`` are both in milliseconds. ``raw_request`` and ``raw_response``
are the whole messages in base64, ``api_key`` may be the key itself and ``tags`` may repeat it: they are never kept.
A record on Kafka does not say whether a server error was Tyk's own or the upstream's; one with ``latency`` does.
Sources: TykTechnologies/tyk-pump pumps/kafka.go, pumps/stdout.go, pumps/elasticsearch.go, analytics/analytics.go.
"""

from __future__ import annotations

from typing import Any

from contracts.calls import GatewayCall
from contracts.errors import Rejected
from producers.adapters.adapter import Place
from producers.adapters.assemble import assemble, latency_part
from producers.adapters.facts import About
from producers.adapters.fields import MILLISECONDS, Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS
from producers.adapters.request_targets import request_part

STDOUT_FIELD = "tyk-analytics-record"
_NEVER_KEPT = ("raw_request", "raw_response", "api_key", "tags", "expireAt", "oauth_id")
_SAID_TWICE = ("day", "month", "year", "hour", "minute", "timestamp", "@timestamp")
_TIMEOUT = 504
_SERVER_ERROR = 500


class Tyk:
    """Tyk, one record a line."""

    name = "tyk"
    event = GatewayCall
    about = About(
        "Tyk Pump: Kafka, whole records, standard output, Elasticsearch documents",
        lacks=(
            "request id",
            "upstream's status",
            "retries",
            "user",
            "trace",
            "sign-in",
            "model and tokens",
            "cost",
        ),
    )

    def recognises(self, line: bytes) -> bool:
        """Tell it by its organisation and interface beside a status."""
        try:
            record = _unwrapped(json_object(line))
        except Rejected:
            return False
        return "response_code" in record and "api_id" in record and "org_id" in record

    def parse(self, line: bytes, place: Place) -> GatewayCall:
        """Read one record."""
        fields = Fields(_unwrapped(json_object(line)))
        moment = fields.moment("timestamp", "@timestamp")
        status = fields.needed_status("response_code")
        raw = fields.text("raw_path", "request_uri_full", limit=4 * LINE_CHARS)
        path = fields.text("path", "request_uri", limit=4 * LINE_CHARS)
        if fields.left.get("content_length") in (-1, "-1"):
            fields.drop("content_length")  # not known
        asked, cut = request_part(
            raw or path,
            {
                "method": fields.text("method", "http_method", limit=32),
                "host": fields.text("host"),
                "route": path if raw and path and raw != path and "{" in path else None,
                "bytes": fields.count("content_length"),
            },
        )
        times = _latency(fields)
        country = fields.part("geo").part("country").text("iso_code", limit=2)
        said: dict[str, object] = {
            "gateway": {"product": "tyk"},
            "request": asked,
            "response": {"status": status, "bytes": fields.part("network").count("bytes_out")},
            "latency": times,
            "upstream": {"service": fields.text("api_name", "api_id")},
            "client": {
                "ip": fields.address("ip_address"),
                "geo": {"country_iso": country} if country else None,
                "user_agent": fields.text("user_agent", limit=LINE_CHARS),
            },
            "consumer": fields.text("alias"),
        }
        if status >= _SERVER_ERROR and status != _TIMEOUT:
            said["outcome"] = "gateway_error" if times["upstream_ms"] == 0 else "upstream_error"
        fields.drop(*_NEVER_KEPT, *_SAID_TWICE)
        return assemble(line, place, moment, said, left=fields.rest(), cut=cut, unreadable=fields.unreadable)


def _unwrapped(record: dict[str, Any]) -> dict[str, Any]:
    """The record itself: on standard output it is a field of a line of the pump's own log."""
    inner = record.get(STDOUT_FIELD)
    return inner if isinstance(inner, dict) else record


def _latency(fields: Fields) -> dict[str, float | None]:
    times = fields.part("latency")
    total = times.duration("total", unit=MILLISECONDS)
    upstream = times.duration("upstream", unit=MILLISECONDS)
    own = times.duration("gateway", unit=MILLISECONDS)
    request = fields.duration("request_time_ms", "request_time", unit=MILLISECONDS)
    return latency_part(request if total is None else total, upstream, own)
