"""Envoy access logs as JSON: the keys of Istio and Envoy Gateway, and those of Envoy AI Gateway.

Envoy has no JSON of its own; Istio's names are what others follow, and some other ones are read beside the flags. What
is not there is "-" or null. ``duration`` is in milliseconds, so is ``upstream_service_time``, a text; it ends with the
first byte of the answer, so that what is left of the whole is not the gateway's. ``response_code`` is 0 when the client
went away.
``response_flags`` say whose failure it was.
Sources: envoyproxy/envoy configuration/observability/access_log/usage.rst, istio/istio
pilot/pkg/model/telemetry_logging.go, envoyproxy/ai-gateway capabilities/observability/accesslogs.md.
"""

from __future__ import annotations

import re

from contracts.calls import GatewayCall, Outcome
from contracts.errors import Rejected
from producers.adapters.adapter import Place
from producers.adapters.assemble import assemble, error_part
from producers.adapters.callers import client_address, trace_id, traceparent
from producers.adapters.facts import About
from producers.adapters.fields import MILLISECONDS, Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS, statuses_of
from producers.adapters.model_calls import ai_part
from producers.adapters.request_targets import request_part
from producers.adapters.upstream_names import telling_address

OUTCOME_OF_FLAG: dict[str, Outcome] = {
    "DC": "aborted",  # the client closed the connection
    "RL": "rate_limited",
    "UAEX": "auth_failed",  # refused by external authorisation
    "UT": "timeout",  # the upstream did not answer in time
    "SI": "timeout",  # nothing moved on the stream
    "UMSDR": "timeout",  # the upstream took longer than a stream may
    "DT": "timeout",  # the whole took longer than it may
    "UF": "upstream_error",  # no connection to the upstream
    "UC": "upstream_error",  # the upstream closed the connection
    "UR": "upstream_error",  # the upstream reset the stream
    "UPE": "upstream_error",  # the upstream did not keep to the protocol
    "UH": "upstream_error",  # no upstream is healthy
    "DF": "upstream_error",  # the upstream's name is not known
    "UO": "gateway_error",  # the circuit breaker let nothing through
    "NC": "gateway_error",  # the cluster is not configured
    "OM": "gateway_error",  # Envoy protects itself from overload
    "LR": "gateway_error",  # Envoy reset the stream
    "LH": "gateway_error",  # its own health check failed
    "FI": "gateway_error",  # a fault was injected
    "RLSE": "gateway_error",  # the rate limit service failed
    "DPE": "client_error",  # the client did not keep to the protocol
    "IH": "client_error",  # a header of the client was not valid
}
"""In the order in which they decide: what the client did comes before what the upstream did."""
_STATUSES = ("response_code", "status", "status_code", "response_status")
_UPSTREAM_TIMES = (
    "upstream_service_time",
    "x-envoy-upstream-service-time",
    "x_envoy_upstream_service_time",
    "upstream_service_time_ms",
    "upstream_time_ms",
)
_REFUSED = 400
_SERVER_ERROR = 500
_FLAGS = re.compile(r"[A-Z]{2,6}(?:,[A-Z]{2,6})*")
_CLUSTER = re.compile(r"(?:outbound|inbound)\|\d*\|[^|]*\|(.*)")


class Envoy:
    """Envoy, Istio, Envoy Gateway and Envoy AI Gateway, one JSON object a line."""

    name = "envoy"
    event = GatewayCall
    about = About(
        "Envoy, Istio, Envoy Gateway and Envoy AI Gateway as JSON, with their usual keys",
        lacks=("route", "country", "consumer", "user", "sign-in"),
    )

    def recognises(self, line: bytes) -> bool:
        """Tell it by its status beside flags, details or the upstream's cluster."""
        try:
            record = json_object(line)
        except Rejected:
            return False
        marks = ("response_flags", "response_code_details", "upstream_cluster", "x-envoy-origin-path")
        if "response_code" in record:
            return any(mark in record for mark in marks)
        return "response_flags" in record and any(name in record for name in _STATUSES)

    def parse(self, line: bytes, place: Place) -> GatewayCall:
        """Read one record."""
        fields = Fields(json_object(line))
        moment = fields.moment("start_time", "timestamp", "@timestamp", "time")
        status = fields.needed_status(*_STATUSES)
        flags = fields.text("response_flags")
        target = fields.text("path", "x-envoy-origin-path", "x-envoy-original-path", ":path", limit=4 * LINE_CHARS)
        asked, cut = request_part(
            target,
            {
                "id": fields.text("request_id", "x-request-id", "x_request_id", limit=200),
                "method": fields.text("method", ":method", limit=32),
                "host": fields.text("authority", ":authority", "host"),
                "scheme": fields.text("scheme", ":scheme", "x_forwarded_proto", "x-forwarded-proto", limit=20),
                "bytes": fields.count("bytes_received", "bytes_in"),
            },
        )
        forwarded = fields.take("x_forwarded_for", "x-forwarded-for")
        said: dict[str, object] = {
            "gateway": {"product": "envoy", "instance": fields.text("hostname", "pod_name", "node_id")},
            "request": asked,
            "response": {"status": status, "bytes": fields.count("bytes_sent", "bytes_out")},
            "latency": _latency(fields),
            "client": {
                "ip": client_address(fields.address("downstream_remote_address"), forwarded),
                "user_agent": fields.text("user_agent", "user-agent", limit=LINE_CHARS),
            },
            "trace": _trace(fields),
            **_verdict(fields, status, flags),
            "upstream": _upstream(fields, status, flags),
        }
        said["ai"], notes = _ai(fields)
        left = [("response_flags", flags), *fields.rest()]
        return assemble(line, place, moment, said, left=left, cut=cut, unreadable=fields.unreadable, notes=notes)


def _latency(fields: Fields) -> dict[str, float | None]:
    total = fields.duration("duration", "duration_ms", unit=MILLISECONDS)
    return {"total_ms": total, "upstream_ms": fields.duration(*_UPSTREAM_TIMES, unit=MILLISECONDS)}


def _upstream(fields: Fields, status: int, flags: str | None) -> dict[str, object]:
    """Who was asked; the status is the upstream's when no flag says that Envoy made the answer."""
    cluster = fields.text("upstream_cluster")
    found = _CLUSTER.fullmatch(cluster) if cluster else None
    service = (found[1] or cluster) if found else cluster
    address = fields.text("upstream_host")
    attempts = fields.count("upstream_request_attempt_count")
    answered = address is not None and flags is None and status > 0
    return {
        "service": service,
        "address": telling_address(address, service) if address else None,
        "statuses": statuses_of(status) if answered else (),
        "retries": attempts - 1 if attempts else None,
    }


def _trace(fields: Fields) -> dict[str, str]:
    parent = traceparent(fields.text("traceparent"))
    found = trace_id(fields.text("trace_id", "x-b3-traceid", "x_b3_traceid", "traceID"))
    return parent or ({"trace_id": found} if found else {})


def _verdict(fields: Fields, status: int, flags: str | None) -> dict[str, object]:
    details = fields.text("response_code_details", limit=LINE_CHARS)
    transport = fields.text("upstream_transport_failure_reason", limit=LINE_CHARS)
    closed = fields.text("connection_termination_details", limit=LINE_CHARS)
    if flags is None and status < _REFUSED and status != 0:
        return {}
    said: dict[str, object] = {}
    messages = (None if details == "via_upstream" else details, transport, closed)
    error = error_part("envoy", flags, *messages)
    if error:
        said["error"] = error
    outcome = _outcome(flags or "", status)
    if outcome and (status >= _REFUSED or status == 0):
        said["outcome"] = outcome
    return said


def _outcome(flags: str, status: int) -> Outcome | None:
    """What the first of the flags says that says something; `UAEX` with a server error is the authoriser's failure."""
    if not _FLAGS.fullmatch(flags):
        return None
    found = set(flags.split(","))
    for flag, outcome in OUTCOME_OF_FLAG.items():
        if flag in found:
            return "gateway_error" if flag == "UAEX" and status >= _SERVER_ERROR else outcome
    return None


def _ai(fields: Fields) -> tuple[dict[str, object] | None, dict[str, str | int | float | bool]]:
    fields.drop("genai_tokens_total")
    return ai_part(
        provider=None,
        request_model=fields.text("genai_model_name", "gen_ai.request.model"),
        response_model=fields.text("genai_model_name_override", "genai_response_model", "gen_ai.response.model"),
        input_tokens=fields.count("genai_tokens_input", "gen_ai.usage.input_tokens"),
        output_tokens=fields.count("genai_tokens_output", "gen_ai.usage.output_tokens"),
        cached_tokens=fields.count("genai_tokens_cached_input", "gen_ai.usage.cached_tokens"),
    )
