"""The health of each route in a window, for charts."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.cloudevents import derived_id
from contracts.findings import WindowHealth
from contracts.windows import WindowSums
from processors.health.quantiles import quantile_ms
from processors.health.totals import Window


def health_of(window: Window, sums: WindowSums, *, correction: int = 0) -> Iterator[WindowHealth]:
    """One event for each route of a window that closed; ``sums`` are any of it.

    With ``correction`` 1 or -1 the window holds what one contribution, ``sums``, adds to it or takes from it later.
    """
    sign = correction or 1
    for (route, upstream), totals in window.routes.items():
        outcomes = totals.outcomes
        yield WindowHealth.trusted(
            {
                "id": derived_id(
                    sums.tenant, sums.project, sums.environment, sums.origin, sums.occurred_at, route, upstream,
                    *((sums.id, correction) if correction else ()),
                ),
                "occurred_at": sums.occurred_at,
                "tenant": sums.tenant,
                "project": sums.project,
                "environment": sums.environment,
                "attributes": {},
                "correction": bool(correction),
                "origin": sums.origin,
                "route": route,
                "upstream": upstream,
                "calls": sign * totals.calls,
                "failed": sign * totals.failed,
                "client_errors": sign * outcomes.get("client_error", 0),
                "rate_limited": sign * outcomes.get("rate_limited", 0),
                "auth_failed": sign * outcomes.get("auth_failed", 0),
                "bytes": sign * totals.bytes,
                "rows": sign * totals.rows,
                "p50_ms": quantile_ms(totals.latency, 0.5),
                "p95_ms": quantile_ms(totals.latency, 0.95),
                "p99_ms": quantile_ms(totals.latency, 0.99),
            }
        )  # fmt: skip
