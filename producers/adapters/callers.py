"""Who called: the headers that tell it, the address behind proxies, the trace the call belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from producers.adapters.loose_values import IP_CHARS, LINE_CHARS, address_of, text_of

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}.*", re.DOTALL)
_HEX = re.compile(r"[0-9a-f]{16}(?:[0-9a-f]{16})?")
_SPAN = re.compile(r"[0-9a-f]{16}")
_X_RAY = re.compile(r"(?:.*Root=)?1-([0-9a-f]{8})-([0-9a-f]{24})(?:;.*)?", re.IGNORECASE | re.DOTALL)
_INSIDE = re.compile(
    r"(?:10|127)\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|fe80",
    re.IGNORECASE,
)
"""Addresses that never come from outside: private, loopback, link-local, shared (RFC 1918, 6598, 4193)."""


def trace_id(text: str | None) -> str | None:
    """A W3C, Zipkin or X-Ray trace id as lower-case hexadecimal digits; None for anything else, or all zeros."""
    if text is None:
        return None
    text = text.strip().lower()
    found = _X_RAY.fullmatch(text)
    if found:
        text = found[1] + found[2]
    elif "-" in text:
        text = text.replace("-", "")  # written as a UUID
    return text if _HEX.fullmatch(text) and int(text, 16) else None


def span_id(text: str | None) -> str | None:
    """A span id as 16 lower-case hexadecimal digits; None for anything else, or all zeros."""
    if text is None:
        return None
    text = text.strip().lower()
    return text if _SPAN.fullmatch(text) and int(text, 16) else None


def traceparent(text: str | None) -> dict[str, str]:
    """Trace and parent span of a W3C ``traceparent``; nothing when it is none."""
    parent = _TRACEPARENT.fullmatch(text.strip().lower()) if text else None
    if parent and int(parent[1], 16) and int(parent[2], 16):
        return {"trace_id": parent[1], "parent_span_id": parent[2]}
    return {}


def headers_part(headers: Mapping[str, object]) -> tuple[str | None, dict[str, str]]:
    """User agent and trace of a set of headers in any case; everything else in them may be a secret and is left."""
    wanted: dict[str, str] = {}
    for name, value in headers.items():
        lower = name.lower()
        if lower in {"user-agent", "traceparent", "x-trace-id", "x-b3-traceid"}:
            said = text_of(value[0] if isinstance(value, list) and value else value, LINE_CHARS)
            if said:
                wanted[lower] = said
    trace = traceparent(wanted.get("traceparent"))
    if not trace:
        found = trace_id(wanted.get("x-trace-id") or wanted.get("x-b3-traceid"))
        trace = {"trace_id": found} if found else {}
    return wanted.get("user-agent"), trace


def client_address(peer: str | None, forwarded: object) -> str | None:
    """The address of the client: the peer's, unless that is an inner one and ``X-Forwarded-For`` names a client.

    A header can be made up by anybody, so it is believed only where the peer must be a proxy of one's own.
    """
    if peer is not None and not _INSIDE.match(peer):
        return peer
    text = text_of(forwarded, LINE_CHARS)
    first = address_of(text.partition(",")[0][: IP_CHARS + 1]) if text else None
    return first or peer
