"""Adds contributions up to what a window holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contracts.calls import SERVING_FAILURES
from contracts.windows import AiSums, Rows, SeriesSums, WindowSums

RouteKey = tuple[str, str]
"""Route and upstream."""


class LeafBlock(NamedTuple):
    """Leaves of one contribution: the values of each attribute, rows of codes with sums, and attributes of its own."""

    values: tuple[tuple[str, ...], ...]
    rows: Rows
    more: tuple[str, ...] = ()


@dataclass(slots=True)
class Totals:
    """Sums of one route at one upstream; the names are those of `contracts.windows.SeriesSums`."""

    outcomes: dict[str, int] = field(default_factory=dict)
    blames: dict[str, int] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    latency: dict[int, int] = field(default_factory=dict)
    bytes: int = 0
    rows: int = 0

    def add(self, sums: SeriesSums | Totals, sign: int = 1) -> None:
        """Add or take away."""
        _add(self.outcomes, sums.outcomes, sign)
        if sums.blames or sums.statuses:
            _add(self.blames, sums.blames, sign)
            _add(self.statuses, sums.statuses, sign)
        _add(self.latency, sums.latency, sign)
        self.bytes += sign * sums.bytes
        self.rows += sign * sums.rows

    @property
    def calls(self) -> int:
        """All calls, whatever their outcome."""
        return sum(self.outcomes.values())

    @property
    def timed(self) -> int:
        """Calls whose duration is known."""
        return sum(self.latency.values())

    @property
    def failed(self) -> int:
        """Calls that failed on the serving side."""
        return sum(self.outcomes.get(name, 0) for name in SERVING_FAILURES)


@dataclass(slots=True)
class Window:
    """One window of one project.

    Edges are ``(caller, upstream) → [calls, µs, bytes, rows]``, gateways hold the milliseconds they added as buckets.
    """

    start: int
    routes: dict[RouteKey, Totals] = field(default_factory=dict)
    leaves: list[LeafBlock] = field(default_factory=list)
    edges: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    gateways: dict[str, Totals] = field(default_factory=dict)
    ai: list[AiSums] = field(default_factory=list)


def add_up(start: int, contributions: Iterable[WindowSums]) -> Window:
    """The window that the contributions make."""
    window = Window(start)
    for sums in contributions:
        for series in sums.series:
            window.routes.setdefault((series.route, series.upstream), Totals()).add(series)
        for edge in sums.edges:
            kept = window.edges.setdefault((edge.caller, edge.upstream), [0, 0, 0, 0])
            for place, number in enumerate((edge.calls, edge.latency_us, edge.bytes, edge.rows)):
                kept[place] += number
        for gateway in sums.gateways:
            added = window.gateways.setdefault(gateway.instance, Totals())
            _add(added.latency, gateway.latency, 1)
        window.ai.extend(sums.ai)
        if sums.leaves:
            window.leaves.append(LeafBlock(sums.values, sums.rows, sums.more))
    return window


def _add(to: dict[Any, int], what: Mapping[Any, int], sign: int) -> None:
    for name, number in what.items():
        to[name] = to.get(name, 0) + sign * number
