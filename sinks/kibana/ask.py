"""Ask Elasticsearch what a panel shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sinks.kibana.conditions import Condition
from sinks.kibana.panels import LensPanel
from sinks.kibana.requests import Period, Row, merged, requests, rows

Search = Callable[[str, dict[str, Any]], Mapping[str, Any]]
"""Runs a search body in indices of a pattern, of which there may be none yet; returns the answer."""


def search_with(client: Any) -> Search:
    """Searches run by a client of the elasticsearch package."""

    def search(indices: str, body: dict[str, Any]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = client.search(
            index=indices, ignore_unavailable=True, allow_no_indices=True, **body
        ).body
        return found

    return search


def answered(
    search: Search,
    panel: LensPanel,
    period: Period,
    *,
    also: Sequence[Condition] = (),
    took: Callable[[int], None] = lambda _: None,
) -> list[list[Row]]:
    """The rows of each layer of a panel; ``took`` is told the milliseconds each search took."""
    parts: list[list[list[Row]]] = [[] for _ in panel.layers]
    for request in requests(panel, period, also=also):
        answer = search(request.indices, request.body)
        took(answer["took"])
        parts[request.index].append(rows(request, answer))
    return [merged(panel.layers[i], i, found) for i, found in enumerate(parts)]
