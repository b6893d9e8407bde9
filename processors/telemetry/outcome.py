"""How a call ended and on whose side it failed, from its statuses and the gateway's own markers."""

from __future__ import annotations

from contracts.calls import Blame, GatewayCall, Outcome

ABORTED = {0, 499}
"""0: no status was sent; 499: NGINX's mark for a client that closed the connection."""
AUTH = {401, 403, 407, 511}
TIMEOUT = {408, 504, 524, 598, 599}
FIRST_ERROR = 400
FIRST_SERVER_ERROR = 500
_INTERNAL_SUFFIXES = (".local", ".internal", ".svc", ".lan", ".corp", ".home", ".localdomain", ".intra")


NO_ROUTE = "no_route"
"""Note on a call for which the gateway knew no route."""


def judge(call: GatewayCall) -> tuple[Outcome, Blame]:
    """Outcome and blame; an outcome the gateway gave itself is kept."""
    outcome = call.outcome or _outcome(call)
    return outcome, _blame(call, outcome)


def _outcome(call: GatewayCall) -> Outcome:
    status = call.response.status
    if status in ABORTED:
        return "aborted"
    if status == 429:  # noqa: PLR2004 - the status's own name is its number
        return "rate_limited"
    if status in AUTH:
        return "auth_failed"
    if status in TIMEOUT:
        return "timeout"
    if status >= FIRST_SERVER_ERROR:
        return "gateway_error" if _gateway_made(call) else "upstream_error"
    return "client_error" if status >= FIRST_ERROR else "ok"


def found_no_route(call: GatewayCall) -> bool:
    """Whether the gateway itself answered that there is nothing: 404, and nobody behind it was asked."""
    return call.response.status == 404 and not call.upstream.statuses and _gateway_made(call)  # noqa: PLR2004


def _gateway_made(call: GatewayCall) -> bool:
    """The upstream is known and did not fail itself: it answered well, or was not reached at all."""
    statuses = call.upstream.statuses
    if statuses:
        return statuses[-1] < FIRST_SERVER_ERROR and statuses[-1] not in ABORTED
    return call.gateway.product is not None and call.upstream.address is None and call.upstream.service is None


def _blame(call: GatewayCall, outcome: Outcome) -> Blame:
    if outcome == "ok":
        return "none"
    if outcome in {"client_error", "auth_failed", "aborted"}:
        return "client"
    if outcome == "gateway_error":
        return "gateway"
    if outcome == "rate_limited":
        return _side_of_upstream(call) if 429 in call.upstream.statuses else "gateway"  # noqa: PLR2004
    if call.response.status == 408:  # noqa: PLR2004 - the client did not finish its request in time
        return "client"
    return _side_of_upstream(call)


def _side_of_upstream(call: GatewayCall) -> Blame:
    upstream = call.upstream
    if call.ai is not None and call.ai.provider:
        return "third_party"
    if not (upstream.service or upstream.address or upstream.statuses):
        return "unknown"
    return "third_party" if _is_foreign(upstream.address or "", call.request.host or "") else "upstream"


def _is_foreign(address: str, own: str) -> bool:
    """Whether a host is somebody else's: a public domain name that does not share its last two labels with ours."""
    host = address.rpartition("//")[2].partition("/")[0].partition(":")[0].lower()
    labels = host.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or host.endswith(_INTERNAL_SUFFIXES):  # noqa: PLR2004
        return False
    return bool(own) and labels[-2:] != own.partition(":")[0].lower().split(".")[-2:]
