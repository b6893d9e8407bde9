"""Who decided on the answer: the upstream, or the gateway itself with a strategy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.calls import Outcome
from producers.adapters.loose_values import text_of

REFUSED_FROM = 400
SERVER_ERROR_FROM = 500
GATEWAY_TIMEOUT = 504
OUTCOME_OF_HANDLER: dict[str, Outcome] = {
    "limiting": "rate_limited",
    "visit": "auth_failed",
    "auth": "auth_failed",
    "fuse": "gateway_error",
}
"""Handlers that answer instead of the upstream; proxy, cache, grey and data_mask let the call through."""
OUTCOME_OF_STATUS: dict[int, Outcome] = {401: "auth_failed", 403: "auth_failed", 429: "rate_limited"}
_AUTH = {"success": True, "fail": False}


def verdict(record: Mapping[str, Any], status: int, upstream_statuses: tuple[int, ...]) -> dict[str, object]:
    """Say ``outcome``, ``error``, ``auth``; the outcome only where the log knows more than the statuses."""
    handler = (text_of(record.get("handler")) or "").lower()
    strategy = text_of(record.get("strategy"))
    auth_ok = _AUTH.get((text_of(record.get("auth_status")) or "").lower())
    said: dict[str, object] = {} if auth_ok is None else {"auth": {"ok": auth_ok}}
    if status < REFUSED_FROM:
        return said
    outcome = _outcome(record, handler, strategy, status, auth_ok=auth_ok is not False, tried=bool(upstream_statuses))
    if outcome is not None:
        said["outcome"] = outcome
    blocking = handler if handler in OUTCOME_OF_HANDLER else ""
    component = blocking or (None if upstream_statuses else strategy)
    if component:
        said["error"] = {"component": component, "code": strategy if blocking else None}
    elif auth_ok is False:
        said["error"] = {"component": "auth"}
    return said


def _outcome(  # noqa: PLR0911 - a list of cases
    record: Mapping[str, Any], handler: str, strategy: str | None, status: int, *, auth_ok: bool, tried: bool
) -> Outcome | None:
    if handler in OUTCOME_OF_HANDLER:
        return OUTCOME_OF_HANDLER[handler]
    if tried:
        return None
    if not auth_ok:
        return "auth_failed"
    if strategy:
        return OUTCOME_OF_STATUS.get(status, "gateway_error" if status >= SERVER_ERROR_FROM else None)
    if status < SERVER_ERROR_FROM:
        return None
    if text_of(record.get("proxy_addr")) is None:
        return "gateway_error"  # no upstream was even tried
    return "timeout" if status == GATEWAY_TIMEOUT else None
