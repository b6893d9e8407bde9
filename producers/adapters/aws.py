"""AWS API Gateway access logs as JSON, of REST and HTTP APIs, whose keys everybody chooses.

The keys are read whatever their spelling: ``integrationLatency``, ``integration.latency``, ``integration_latency``
and ``context.integration.latency`` are the same. Latencies are in milliseconds, a value that is not there is "-".
CloudWatch delivers ``{"logEvents": [{"message": …}]}``: each message is a line of its own. ``errorResponseType``
says what the gateway refused or could not do; ``integrationStatus`` is what the integration answered, of a Lambda
function that it ran, whatever it said.
Source: docs.aws.amazon.com, "Variables for access logging for API Gateway" and "Gateway response types".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson

from contracts.calls import GatewayCall, Outcome
from contracts.errors import Rejected
from producers.adapters.adapter import Place
from producers.adapters.assemble import assemble, error_part, latency_part
from producers.adapters.callers import trace_id
from producers.adapters.facts import About
from producers.adapters.fields import MILLISECONDS, Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS, statuses_of
from producers.adapters.request_targets import request_part

OUTCOME_OF_TYPE: dict[str, Outcome] = {
    "INTEGRATION_TIMEOUT": "timeout",
    "INTEGRATION_FAILURE": "upstream_error",
    "THROTTLED": "rate_limited",
    "QUOTA_EXCEEDED": "rate_limited",
    "UNAUTHORIZED": "auth_failed",
    "ACCESS_DENIED": "auth_failed",
    "INVALID_API_KEY": "auth_failed",
    "EXPIRED_TOKEN": "auth_failed",
    "INVALID_SIGNATURE": "auth_failed",
    "MISSING_AUTHENTICATION_TOKEN": "auth_failed",
    "WAF_FILTERED": "auth_failed",
    "AUTHORIZER_FAILURE": "gateway_error",
    "AUTHORIZER_CONFIGURATION_ERROR": "gateway_error",
    "API_CONFIGURATION_ERROR": "gateway_error",
    "BAD_REQUEST_BODY": "client_error",
    "BAD_REQUEST_PARAMETERS": "client_error",
    "REQUEST_TOO_LARGE": "client_error",
    "UNSUPPORTED_MEDIA_TYPE": "client_error",
    "RESOURCE_NOT_FOUND": "client_error",
}
_PREFIXES = re.compile(r"^\$?(?:context\.)?(?:identity\.)?")
_BETWEEN = re.compile(r"[._\-\s]")
_ROUTE_KEY = re.compile(r"([A-Z]+) (/.*)", re.DOTALL)
_REFUSED, _SERVER_ERROR, _TIMEOUT = 400, 500, 504
_SAID_TWICE = ("requesttime", "protocol", "accountid")
_SECRET = ("apikey", "caller", "claims", "authorization", "useridentity")


class AwsApiGateway:
    """AWS API Gateway, one JSON object a line."""

    name = "aws-api-gateway"
    event = GatewayCall
    about = About(
        "AWS API Gateway, access logs of REST and HTTP APIs as JSON, also as CloudWatch delivers them",
        lacks=("retries", "country", "model and tokens", "cost"),
    )

    def recognises(self, line: bytes) -> bool:
        """Tell it by its request id beside names of its own."""
        try:
            record = _plain(json_object(line))
        except Rejected:
            return False
        if "logevents" in record:
            return True
        marks = ("apiid", "stage", "resourcepath", "routekey", "requesttimeepoch", "integrationlatency")
        asked = "requestid" in record or "extendedrequestid" in record
        return asked and ("status" in record or "statuscode" in record) and any(mark in record for mark in marks)

    def parse(self, line: bytes, place: Place) -> GatewayCall:
        """Read one record."""
        fields = Fields(_plain(json_object(line)))
        moment = fields.moment("requesttimeepoch", "requesttime", "timestamp", "time")
        status = fields.needed_status("status", "statuscode", "responsestatus")
        asked, cut = _request(fields)
        upstream = statuses_of(fields.take("integrationstatus", "integrationintegrationstatus"))
        verdict = _verdict(fields, status, upstream)
        if verdict.get("outcome") == "upstream_error" and upstream and upstream[-1] < _SERVER_ERROR:
            upstream = ()  # Lambda's own status, not that of the function
        api, stage = fields.text("apiid"), fields.text("stage")
        said: dict[str, object] = {
            "gateway": {"product": "aws-api-gateway", "instance": "/".join(filter(None, (api, stage))) or None},
            "request": asked,
            "response": {"status": status, "bytes": fields.count("responselength")},
            "latency": latency_part(
                fields.duration("responselatency", "latency", unit=MILLISECONDS),
                fields.duration("integrationlatency", "integrationresponselatency", unit=MILLISECONDS),
            ),
            "upstream": {"service": api, "statuses": upstream},
            "client": {
                "ip": fields.address("ip", "sourceip"),
                "user_agent": fields.text("useragent", limit=LINE_CHARS),
            },
            "consumer": fields.text("apikeyid"),
            "user": fields.text("principalid", "authorizerprincipalid", "user"),
            "trace": _trace(fields),
            **verdict,
        }
        fields.drop(*_SAID_TWICE, *_SECRET)
        return assemble(line, place, moment, said, left=fields.rest(), cut=cut, unreadable=fields.unreadable)

    def unbundled(self, record: dict[str, Any]) -> Iterator[bytes] | None:
        """Each message of a delivery of CloudWatch."""
        events = record.get("logEvents")
        if not isinstance(events, list):
            return None
        return (_message(event) for event in events)


def _message(event: object) -> bytes:
    said = event.get("message") if isinstance(event, dict) else None
    return said.encode() if isinstance(said, str) else orjson.dumps(event)


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with its keys in one spelling; inner objects become part of their key."""
    plain: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            for inner, found in value.items():
                plain.setdefault(_key(f"{name}.{inner}"), found)
        else:
            plain.setdefault(_key(name), value)
    return plain


@lru_cache(maxsize=1_000)
def _key(name: str) -> str:
    return _BETWEEN.sub("", _PREFIXES.sub("", name[:200])).lower()


def _request(fields: Fields) -> tuple[dict[str, object], list[str]]:
    method, route = fields.text("httpmethod", "method", limit=32), fields.text("resourcepath", limit=LINE_CHARS)
    key = _ROUTE_KEY.fullmatch(fields.text("routekey", limit=LINE_CHARS) or "")
    if key:
        method, route = method or key[1], route or key[2]
    said = {
        "id": fields.text("requestid", "extendedrequestid", limit=200),
        "method": method,
        "host": fields.text("domainname"),
        "route": route,
        "bytes": fields.count("requestlength"),
    }
    return request_part(fields.text("path", "rawpath", limit=4 * LINE_CHARS), said)


def _trace(fields: Fields) -> dict[str, str]:
    found = trace_id(fields.text("xraytraceid"))
    return {"trace_id": found} if found else {}


def _verdict(fields: Fields, status: int, upstream: tuple[int, ...]) -> dict[str, object]:
    """Outcome, error and sign-in; without type and integration a server error's side is not known."""
    kind = fields.text("errorresponsetype")
    messages = [fields.text(name, limit=LINE_CHARS) for name in ("errormessage", "integrationerror")]
    refused = [fields.text(name, limit=LINE_CHARS) for name in ("authorizererror", "authorizeerror")]
    sign_in = fields.status("authorizerstatus", "authorizestatus")
    said: dict[str, object] = {}
    outcome = OUTCOME_OF_TYPE.get((kind or "").upper())
    if sign_in is not None or any(refused):
        said["auth"] = {"ok": not any(refused) and (sign_in or 0) < _REFUSED}
    if status >= _REFUSED:
        said["error"] = error_part("aws-api-gateway", kind, *dict.fromkeys([*messages, *refused]))
        if outcome is None and status >= _SERVER_ERROR and status != _TIMEOUT:
            outcome = _side(upstream, refused=any(refused))
        if outcome is not None:
            said["outcome"] = outcome
    return said


def _side(upstream: tuple[int, ...], *, refused: bool) -> Outcome | None:
    """Whose a server error is that the gateway says nothing of: passed on, unless nobody was asked."""
    if not upstream:
        return "gateway_error" if refused else None
    return "upstream_error" if upstream[-1] < _SERVER_ERROR else None
