from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.calls import GatewayCall
from processors.telemetry.outcome import judge

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
GATEWAY = {"gateway": {"product": "apinto"}}
INTERNAL = {"upstream": {"service": "orders", "address": "10.0.3.8:8080"}}


def call(status: int, **parts: Any) -> GatewayCall:
    body = {"id": "1", "occurred_at": NOON, "request": {"host": "api.example.com"}, "response": {"status": status}}
    return GatewayCall.model_validate(body | parts)


def upstream(*statuses: int, address: str = "10.0.3.8:8080") -> dict[str, Any]:
    return {"gateway": {"product": "apinto"}, "upstream": {"service": "s", "address": address, "statuses": statuses}}


@pytest.mark.parametrize(
    ("seen", "outcome", "blame"),
    [
        (call(200), "ok", "none"),
        (call(304), "ok", "none"),
        (call(404), "client_error", "client"),
        (call(401), "auth_failed", "client"),
        (call(499), "aborted", "client"),
        (call(0), "aborted", "client"),
        (call(408), "timeout", "client"),
        (call(429), "rate_limited", "gateway"),
        (call(429, **upstream(429)), "rate_limited", "upstream"),
        (call(429, **upstream(429, address="api.openai.com")), "rate_limited", "third_party"),
        (call(500), "upstream_error", "unknown"),
        (call(502, **upstream(502)), "upstream_error", "upstream"),
        (call(502, **upstream(502, address="pay.example.net")), "upstream_error", "third_party"),
        (call(502, **upstream(502, address="https://orders.api.example.com/x")), "upstream_error", "upstream"),
        (call(500, **upstream(200)), "gateway_error", "gateway"),
        (call(503, **GATEWAY), "gateway_error", "gateway"),
        (call(504, **GATEWAY, **INTERNAL), "timeout", "upstream"),
        (call(504, **GATEWAY, ai={"provider": "openai"}), "timeout", "third_party"),
        (call(200, outcome="timeout", **upstream(200)), "timeout", "upstream"),
    ],
)
def test_outcome_and_blame(seen: GatewayCall, outcome: str, blame: str) -> None:
    assert judge(seen) == (outcome, blame)
