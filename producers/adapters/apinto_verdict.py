"""Who decided on the answer: the upstream, or the gateway itself with a strategy."""

from __future__ import annotations

from contracts.calls import Outcome
from producers.adapters.fields import Fields

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


def verdict(fields: Fields, status: int, upstream_statuses: tuple[int, ...], *, reached: bool) -> dict[str, object]:
    """Say ``outcome``, ``error``, ``auth``; the outcome only where the log knows more than the statuses.

    ``reached`` tells whether there was an address to ask.
    """
    handler = (fields.text("handler") or "").lower()
    strategy = fields.text("strategy", "block_name")
    auth_ok = _AUTH.get((fields.text("auth_status") or "").lower())
    said: dict[str, object] = {} if auth_ok is None else {"auth": {"ok": auth_ok}}
    if status < REFUSED_FROM:
        return said
    outcome: Outcome | None = None
    if handler in OUTCOME_OF_HANDLER:
        outcome = OUTCOME_OF_HANDLER[handler]
    elif not upstream_statuses:
        outcome = _own_outcome(strategy, status, auth_ok=auth_ok is not False, reached=reached)
    if outcome is not None:
        said["outcome"] = outcome
    blocking = handler if handler in OUTCOME_OF_HANDLER else ""
    component = blocking or (None if upstream_statuses else strategy)
    if component:
        said["error"] = {"component": component, "code": strategy if blocking else None}
    elif auth_ok is False:
        said["error"] = {"component": "auth"}
    return said


def _own_outcome(strategy: str | None, status: int, *, auth_ok: bool, reached: bool) -> Outcome | None:
    """What it was when no upstream answered."""
    if not auth_ok:
        return "auth_failed"
    if strategy:
        return OUTCOME_OF_STATUS.get(status, "gateway_error" if status >= SERVER_ERROR_FROM else None)
    if status < SERVER_ERROR_FROM:
        return None
    if not reached:
        return "gateway_error"  # no upstream was even tried
    return "timeout" if status == GATEWAY_TIMEOUT else None
