"""A shop behind an APIPark gateway: payments fail now and then, but only for Safari on iOS."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode

from producers.simulate.browsers import AGENTS, IOS_SAFARI, SHARES, Agent

CALLS = 6_000
DURATION = timedelta(hours=3)
FAILS_FROM, FAILS_UNTIL = timedelta(minutes=55), timedelta(minutes=160)
FAIL_CHANCE = 0.62
NOISE_CHANCE = 0.0008
LIMITED_CHANCE = 0.002
TRACED_CHANCE = 0.7
PAYMENT = "/api/payments"
PAYMENT_UPSTREAM = "pay.example.net"


@dataclass(frozen=True, slots=True)
class Route:
    """An API: how often it is called, how long it takes, what stands behind it."""

    api: str
    method: str
    path: str
    upstream: str
    weight: int
    typical_ms: float
    ai: bool = False


ROUTES = (
    Route("catalog-list", "GET", "/api/products?page={n}", "catalog.shop.internal", 190, 45),
    Route("catalog-item", "GET", "/api/products/{id}", "catalog.shop.internal", 180, 30),
    Route("search", "GET", "/api/search?q=item+{n}", "search.shop.internal", 120, 85),
    Route("prices", "GET", "/api/prices/{id}", "catalog.shop.internal", 80, 22),
    Route("cart-get", "GET", "/api/carts/{id}", "cart.shop.internal", 110, 18),
    Route("cart-add", "POST", "/api/carts/{id}/items", "cart.shop.internal", 80, 35),
    Route("customer", "GET", "/api/customers/{id}", "accounts.shop.internal", 50, 40),
    Route("login", "POST", "/api/login", "accounts.shop.internal", 45, 120),
    Route("orders-create", "POST", "/api/orders", "orders.shop.internal", 50, 140),
    Route("orders-get", "GET", "/api/orders/{id}", "orders.shop.internal", 50, 38),
    Route("payments", "POST", PAYMENT, PAYMENT_UPSTREAM, 110, 380),
    Route("shipping", "GET", "/api/shipping/{id}/options", "shipping.shop.internal", 30, 90),
    Route("checkout-assistant", "POST", "/api/assistant/chat", "models.example.net", 25, 1_400, ai=True),
)
_WEIGHTS = tuple(route.weight for route in ROUTES)


@dataclass(frozen=True, slots=True)
class FailedPayment:
    """A planted failure, for the feedback to refer to."""

    at: datetime
    request_id: str
    trace_id: str
    user: str
    status: int


@dataclass(slots=True)
class CheckoutLog:
    """Records of the log in the order of time, and the failures planted in it."""

    records: list[dict[str, Any]] = field(default_factory=list)
    failed: list[FailedPayment] = field(default_factory=list)


def checkout_log(random: Random, start: datetime, calls: int = CALLS) -> CheckoutLog:
    """Write the log of a shop from ``start`` on."""
    log = CheckoutLog()
    moments = sorted(random.random() for _ in range(calls))
    for number, part in enumerate(moments):
        route = random.choices(ROUTES, _WEIGHTS)[0]
        agent = random.choices(AGENTS, SHARES)[0]
        _add_call(log, random, _Call(number, start + part * DURATION, part * DURATION, route, agent))
    return log


@dataclass(frozen=True, slots=True)
class _Call:
    """Who calls what and when."""

    number: int
    at: datetime
    since: timedelta
    route: Route
    agent: Agent


def _add_call(log: CheckoutLog, random: Random, call: _Call) -> None:
    route = call.route
    user = f"user-{random.randrange(900):04d}"
    status, proxied, handler = _answer(random, call)
    upstream_ms = route.typical_ms * math.exp(random.gauss(0, 0.45))
    if status == 504:  # noqa: PLR2004 - HTTP
        upstream_ms = 10_000 + random.random() * 40
    record = _record(random, call, user)
    total = round(upstream_ms + 2 + random.random() * 6) if proxied else 1
    record |= {
        "status": status,
        "proxy_status": proxied or "",
        "request_time": total,
        "response_time": round(min(upstream_ms, total) * 1e6) if proxied else "",
        "strategy": "burst-limit" if handler == "limiting" else "",
        "handler": handler,
    }
    if route.ai and status < 400:  # noqa: PLR2004 - HTTP
        asked, answered = random.randrange(180, 900), random.randrange(40, 320)
        record |= {
            "ai_provider": "example-models",
            "ai_model": "assistant-small",
            "ai_model_input_token": asked,
            "ai_model_output_token": answered,
            "ai_model_total_token": asked + answered,
        }
    log.records.append(record)
    if _hits_planted_problem(call) and status in {502, 504}:
        log.failed.append(FailedPayment(call.at, record["request_id"], _trace_id(call.number), user, status))


def _hits_planted_problem(call: _Call) -> bool:
    return call.route.path == PAYMENT and call.agent is IOS_SAFARI and FAILS_FROM <= call.since < FAILS_UNTIL


def _answer(random: Random, call: _Call) -> tuple[int, int | None, str]:
    """Status to the client, status of the upstream if it was asked, and what handled the call."""
    hit, route = random.random(), call.route
    if _hits_planted_problem(call) and hit < FAIL_CHANCE:
        status = 502 if random.random() < 0.7 else 504  # noqa: PLR2004 - a share
        return status, status, "proxy"
    if hit < NOISE_CHANCE and route.path != PAYMENT:
        return 500, 500, "proxy"
    if hit < NOISE_CHANCE + LIMITED_CHANCE and route.api == "search":
        return 429, None, "limiting"
    if route.api == "login" and hit < 0.05:  # noqa: PLR2004 - a share of wrong passwords
        return 401, 401, "proxy"
    if "{id}" in route.path and hit < 0.008:  # noqa: PLR2004 - a share of stale links
        return 404, 404, "proxy"
    return (201 if route.method == "POST" and not route.ai else 200), 200, "proxy"


def _record(random: Random, call: _Call, user: str) -> dict[str, Any]:
    number, route, agent = call.number, call.route, call.agent
    address = f"203.0.113.{random.randrange(1, 255)}"
    headers = {"User-Agent": agent.text, "X-Customer": user}
    if random.random() < TRACED_CHANCE or route.path == PAYMENT:
        headers["Traceparent"] = f"00-{_trace_id(number)}-{number + 1:016x}-01"
    path = route.path.format(id=random.randrange(1, 400), n=random.randrange(1, 60))
    return {
        "msec": round(call.at.timestamp() * 1000),
        "service": f"{route.upstream.partition('.')[0]}@service",
        "provider": "shop-project",
        "api": route.api,
        "application": "shop-web" if agent.device in {"PC", "Mac"} else "shop-mobile",
        "authorization": "",
        "request_scheme": "https",
        "request_uri": path,
        "request_host": "shop.example.com",
        "request_method": route.method,
        "request_header": urlencode(headers),
        "request_length": random.randrange(300, 1200),
        "response_length": str(random.randrange(200, 9000)),
        "proxy_addr": f"{route.upstream}:443",
        "src_ip": address,
        "remote_addr": address,
        "request_id": f"5f2a9c0e-{number:012x}",
        "node": f"node-{1 + number % 2}",
        "cluster": "default",
        "ai_model": "",
        "ai_provider": "",
        "ai_model_total_token": "",
    }


def _trace_id(number: int) -> str:
    return f"4bf92f3577b34da6{number + 1:016x}"
