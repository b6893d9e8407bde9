"""Gravitee's v4 metrics, as its file, Kafka and TCP reporters write them.

All times are in milliseconds and say so. ``http-method`` is a number. ``error-key`` says what the gateway could not
do; without one, and with an endpoint, the status is the endpoint's. ``security-token`` is never kept.
Sources: gravitee-io/gravitee-reporter-common freemarker/es9x/index/v4-metrics.ftl, gravitee-io/gravitee-common
HttpMethod.java.
"""

from __future__ import annotations

from contracts.calls import GatewayCall, Outcome
from contracts.errors import Rejected
from producers.adapters.adapter import Place
from producers.adapters.assemble import assemble, latency_part
from producers.adapters.facts import About
from producers.adapters.fields import MILLISECONDS, Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS, count_of
from producers.adapters.request_targets import request_part

METHOD_OF_CODE = {
    1: "CONNECT",
    2: "DELETE",
    3: "GET",
    4: "HEAD",
    5: "OPTIONS",
    6: "PATCH",
    7: "POST",
    8: "PUT",
    9: "TRACE",
}
OUTCOME_OF_WORD: tuple[tuple[str, Outcome], ...] = (
    ("CLIENT_ABORTED", "aborted"),
    ("TIMEOUT", "timeout"),
    ("GATEWAY_CLIENT_CONNECTION", "upstream_error"),
    ("NO_ENDPOINT", "upstream_error"),
    ("TOO_MANY_REQUESTS", "rate_limited"),
    ("RATE_LIMIT", "rate_limited"),
    ("QUOTA", "rate_limited"),
    ("SPIKE_ARREST", "rate_limited"),
    ("API_KEY", "auth_failed"),
    ("JWT", "auth_failed"),
    ("OAUTH", "auth_failed"),
    ("UNAUTHORIZED", "auth_failed"),
    ("FORBIDDEN", "auth_failed"),
)
"""Words in an ``error-key``, in the order in which they are looked for."""
_REFUSED, _SERVER_ERROR = 400, 500
_NEVER_KEPT = ("security-token", "_id", "type", "date", "request-ended", "local-address")


class Gravitee:
    """Gravitee API Management, v4 metrics, one JSON object a line."""

    name = "gravitee"
    event = GatewayCall
    about = About(
        "Gravitee v4 metrics, as its reporters write them",
        lacks=("retries", "country", "trace", "model and tokens", "cost"),
    )

    def recognises(self, line: bytes) -> bool:
        """Tell it by its type, or by times only this gateway has."""
        try:
            record = json_object(line)
        except Rejected:
            return False
        return record.get("type") == "v4-metrics" or ("gateway-response-time-ms" in record and "http-method" in record)

    def parse(self, line: bytes, place: Place) -> GatewayCall:
        """Read one record."""
        fields = Fields(json_object(line))
        moment = fields.moment("@timestamp")
        status = fields.needed_status("status")
        asked, cut = _request(fields)
        endpoint = fields.text("endpoint", limit=LINE_CHARS)
        key = fields.text("error-key")
        said: dict[str, object] = {
            "gateway": {"product": "gravitee", "instance": fields.text("gateway")},
            "request": asked,
            "response": {"status": status, "bytes": fields.count("response-content-length")},
            "latency": latency_part(
                fields.duration("gateway-response-time-ms", unit=MILLISECONDS),
                fields.duration("endpoint-response-time-ms", unit=MILLISECONDS),
                fields.duration("gateway-latency-ms", unit=MILLISECONDS),
            ),
            "upstream": {
                "service": fields.text("api-name", "api-id"),
                "address": endpoint.rpartition("//")[2].partition("/")[0][:300] if endpoint else None,
                "statuses": (status,) if endpoint and key is None and status else (),
            },
            "client": {
                "ip": fields.address("remote-address"),
                "user_agent": fields.text("user-agent", limit=LINE_CHARS),
            },
            "consumer": fields.text("application-name", "application-id"),
            "user": fields.text("user"),
            **_verdict(fields, status, key, reached=endpoint is not None),
        }
        fields.drop(*_NEVER_KEPT)
        return assemble(line, place, moment, said, left=fields.rest(), cut=cut, unreadable=fields.unreadable)


def _request(fields: Fields) -> tuple[dict[str, object], list[str]]:
    code = count_of(fields.left.get("http-method"))
    method = fields.text("http-method", limit=32)
    fields.drop("path-info")
    said = {
        "id": fields.text("request-id", "transaction-id", limit=200),
        "method": METHOD_OF_CODE.get(code or 0, method),
        "host": fields.text("host"),
        "route": fields.text("mapped-path", limit=LINE_CHARS),
        "bytes": fields.count("request-content-length"),
    }
    return request_part(fields.text("uri", limit=4 * LINE_CHARS), said)


def _verdict(fields: Fields, status: int, key: str | None, *, reached: bool) -> dict[str, object]:
    """Outcome and error by the gateway's own words, and whether the caller was known."""
    security = fields.text("security-type")
    message = fields.text("error-message", limit=LINE_CHARS)
    component = fields.text("error-component-name", "error-component-type")
    outcome = _outcome(key, status, reached=reached)
    said: dict[str, object] = {}
    if security:
        said["auth"] = {"method": security, "ok": outcome != "auth_failed"}
    if key or message:
        said["error"] = {"code": key, "component": component, "message": message}
    return said if outcome is None else {**said, "outcome": outcome}


def _outcome(key: str | None, status: int, *, reached: bool) -> Outcome | None:
    if status < _REFUSED and status != 0:
        return None
    for word, outcome in OUTCOME_OF_WORD if key else ():
        if word in (key or ""):
            return outcome
    return "gateway_error" if status >= _SERVER_ERROR and (key or not reached) else None
