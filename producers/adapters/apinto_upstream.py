"""The upstream's part of an Apinto record: attempts, statuses, time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.limits import MAX_ATTEMPTS
from producers.adapters.assemble import latency_part
from producers.adapters.fields import MILLISECONDS, NANOSECONDS, Fields
from producers.adapters.loose_values import milliseconds, number_of, statuses_of, text_of

Record = Mapping[str, Any]
_ATTEMPTS = ("attempts", "proxies")
_ORDER = ("proxy_addr", "proxy_status", "proxy_time", "proxy_msec", "proxy_response_length")


def attempts_of(fields: Fields) -> Sequence[Record]:
    """Read the attempts at the upstream as objects; in the array form their order is the documented one."""
    for key in _ATTEMPTS:
        listed = fields.left.get(key)
        if isinstance(listed, list):
            fields.drop(key)
            shaped = (dict(zip(_ORDER, one, strict=False)) if isinstance(one, list) else one for one in listed)
            return [one for one in shaped if isinstance(one, dict)][:MAX_ATTEMPTS]
    return []


def latency(fields: Fields, attempts: Sequence[Record]) -> dict[str, float | None]:
    """Work out total, upstream and gateway milliseconds; the units differ by field."""
    total = fields.duration("request_time", unit=MILLISECONDS)
    upstream = fields.duration("response_time", unit=NANOSECONDS)
    tried = [ms for ms in (number_of(one.get("proxy_time")) for one in attempts) if ms is not None]
    if tried and (upstream is None or len(tried) > 1):
        upstream = milliseconds(sum(tried))  # response_time knows the last attempt only
    return latency_part(total, upstream)


def upstream_statuses(fields: Fields, attempts: Sequence[Record]) -> tuple[int, ...]:
    """Read the statuses of all attempts, else the last one; none when the upstream was not asked."""
    last = statuses_of(fields.take("proxy_status"))
    tried = tuple(status for one in attempts for status in statuses_of(one.get("proxy_status")))
    return tried[:MAX_ATTEMPTS] or last


def upstream(fields: Fields, attempts: Sequence[Record], statuses: tuple[int, ...]) -> dict[str, object]:
    """Say which service and address were asked, how often, and what came back."""
    address, host = fields.text("proxy_addr"), fields.text("proxy_host")
    if address is None and host is None and attempts:
        host = text_of(attempts[-1].get("proxy_addr"))
    return {
        "service": fields.text("service"),
        "address": address or host,
        "statuses": statuses,
        "retries": len(attempts) - 1 if attempts else None,
    }
