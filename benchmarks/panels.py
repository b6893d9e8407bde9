"""How long every panel of every dashboard takes over all that is there, with nothing remembered from before."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sinks.kibana.ask import answered
from sinks.kibana.catalogue import DASHBOARDS
from sinks.kibana.requests import Period
from sinks.kibana.views import CALLS

ROUNDS = 3
SLOWEST = 8


def panels(client: Any) -> dict[str, Any]:
    """Milliseconds on the server, the longest search of each panel: Kibana sends those of a panel side by side."""
    period = _all_of_it(client)

    def search(indices: str, body: dict[str, Any]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = client.search(
            index=indices, ignore_unavailable=True, allow_no_indices=True, request_cache=False, **body
        ).body
        return found

    took: dict[str, list[int]] = {}
    for _ in range(ROUNDS):
        for dashboard in DASHBOARDS:
            for panel in dashboard.charts:
                one: list[int] = []
                answered(search, panel, period, took=one.append)
                took.setdefault(f"{dashboard.id}: {panel.title}", []).append(max(one))
    middle = {name: round(statistics.median(times)) for name, times in took.items()}
    return {
        "period": [period.since.isoformat(), period.until.isoformat()],
        "panels": len(middle),
        "median_ms": round(statistics.median(middle.values())),
        "slowest": {
            name: [middle[name], max(took[name])] for name in sorted(middle, key=lambda n: -middle[n])[:SLOWEST]
        },
    }


def _all_of_it(client: Any) -> Period:
    ends = {name: {name: {"field": "@timestamp"}} for name in ("min", "max")}
    answer = client.search(index=CALLS.pattern, size=0, aggs=ends)["aggregations"]
    first, last = (datetime.fromtimestamp(answer[name]["value"] / 1_000, UTC) for name in ("min", "max"))
    return Period(first, last + timedelta(minutes=1))
