"""The upstream's part of an Apinto record: attempts, statuses, time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.limits import MAX_ATTEMPTS
from producers.adapters.loose_values import milliseconds, number_of, statuses_of, text_of

_ATTEMPTS = ("attempts", "proxies")

Record = Mapping[str, Any]


def attempts_of(record: Record) -> Sequence[Record]:
    """Read the attempts at the upstream as objects; in the array form their order is the documented one."""
    names = ("proxy_addr", "proxy_status", "proxy_time", "proxy_msec", "proxy_response_length")
    for key in _ATTEMPTS:
        listed = record.get(key)
        if isinstance(listed, list):
            shaped = (dict(zip(names, one, strict=False)) if isinstance(one, list) else one for one in listed)
            return [one for one in shaped if isinstance(one, dict)][:MAX_ATTEMPTS]
    return []


def latency(record: Record, attempts: Sequence[Record]) -> dict[str, float | None]:
    """Work out total, upstream and gateway milliseconds; the units differ by field."""
    total = milliseconds(number_of(record.get("request_time")))
    nanoseconds = number_of(record.get("response_time"))
    upstream = milliseconds(None if nanoseconds is None else nanoseconds / 1e6)
    tried = [ms for ms in (number_of(one.get("proxy_time")) for one in attempts) if ms is not None]
    if tried and (upstream is None or len(tried) > 1):
        upstream = milliseconds(sum(tried))  # response_time knows the last attempt only
    gateway = round(total - upstream, 3) if total is not None and upstream is not None and total >= upstream else None
    return {"total_ms": total, "upstream_ms": upstream, "gateway_ms": gateway}


def upstream_statuses(record: Record, attempts: Sequence[Record]) -> tuple[int, ...]:
    """Read the statuses of all attempts, else the last one; none when the upstream was not asked."""
    tried = tuple(status for one in attempts for status in statuses_of(one.get("proxy_status")))
    return tried[:MAX_ATTEMPTS] or statuses_of(record.get("proxy_status"))


def upstream(record: Record, attempts: Sequence[Record], statuses: tuple[int, ...]) -> dict[str, object]:
    """Say which service and address were asked, how often, and what came back."""
    address = text_of(record.get("proxy_addr")) or text_of(record.get("proxy_host"))
    if address is None and attempts:
        address = text_of(attempts[-1].get("proxy_addr"))
    return {
        "service": text_of(record.get("service")),
        "address": address,
        "statuses": statuses,
        "retries": len(attempts) - 1 if attempts else None,
    }
