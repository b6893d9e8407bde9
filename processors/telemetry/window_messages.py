"""What is known of a window so far, and the messages it is published in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any, TypeVar

from contracts.cloudevents import derived_id
from contracts.windows import (
    CODED,
    MAX_EDGES,
    OTHER,
    WINDOW_S,
    AiSums,
    EdgeSums,
    GatewaySums,
    SeriesSums,
    SourceRange,
    WindowSums,
)
from processors.runtime import metrics
from processors.telemetry.ai_sums import Known, ai_sums
from processors.telemetry.histogram import histograms

MESSAGE_BYTES = 400_000
"""Estimated bytes from which a message is full: a topic would take it even if every character had to be escaped."""
ROW_BYTES, LEAF_BYTES = 150, 80
"""Bytes of a series' or an edge's names and sums, and of a leaf's codes and sums."""
NOTHING = -1
"""Stands for the number of a message that has no sums."""
LONGEST_VALUE = 300
"""Characters of a value that are kept: as many as a finding's cause may have."""
_code_of: Callable[[dict[str, int], str], int | None] = dict.get
Key = TypeVar("Key")
Place = tuple[str, str, str, str | None]
"""Tenant, project, environment, and the import it is of."""


@dataclass(slots=True)
class Series:
    """Calls of one caller to one route at one upstream; ``waited_ms`` is their time there, the gateway aside."""

    ok: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    blames: dict[str, int] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    durations: list[float] = field(default_factory=list)
    waited_ms: float = 0.0
    bytes: int = 0
    rows: int = 0


@dataclass(slots=True)
class Window:
    """What a window holds so far.

    ``more`` names attributes of the project's own, ``good`` counts its good calls, ``moments`` are the times of all.
    """

    series: dict[tuple[str, str, str], Series] = field(default_factory=dict)
    leaves: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    gateways: dict[str, list[float]] = field(default_factory=dict)
    ai: Known = field(default_factory=dict)
    more: tuple[str, ...] = ()
    good: int = 0
    moments: list[float] = field(default_factory=list)


def messages(project: Place, start: int, window: Window, covered: SourceRange, low_at_ms: int) -> Iterator[WindowSums]:
    """What the window of a project adds up to, in messages that fit their topic."""
    for number, part in enumerate(_parts(window)):
        yield _message(project, start, number, covered, low_at_ms, more=window.more, part=part)


def nothing(project: Place, covered: SourceRange, low_at_ms: int) -> WindowSums:
    """That the range has no calls of the project."""
    start = low_at_ms // 1000 // WINDOW_S * WINDOW_S
    return _message(project, start, NOTHING, covered, low_at_ms, more=(), part=_empty(Window()))


def _message(
    project: Place, start: int, number: int, covered: SourceRange, low_at_ms: int, *, more: tuple[str, ...], part: _Part
) -> WindowSums:
    tenant, name, environment, origin = project
    return WindowSums.trusted(
        {
            "id": derived_id(covered.topic, covered.partition, covered.flush, *project, start, number),
            "occurred_at": datetime.fromtimestamp(start, UTC),
            "tenant": tenant,
            "project": name,
            "environment": environment,
            "attributes": {},
            "source": covered,
            "low_at_ms": max(low_at_ms, 0),
            "origin": origin,
            "series": tuple(part.series),
            "edges": tuple(part.edges),
            "gateways": tuple(part.gateways),
            "ai": tuple(part.ai),
            "more": more,
            "values": tuple(tuple(known) for known in part.codes),
            "leaves": part.leaves,
        }
    )


@dataclass(slots=True)
class _Part:
    """What one message holds so far, and how many bytes that takes, roughly."""

    codes: tuple[dict[str, int], ...]
    series: list[SeriesSums] = field(default_factory=list)
    edges: list[EdgeSums] = field(default_factory=list)
    gateways: list[GatewaySums] = field(default_factory=list)
    ai: list[AiSums] = field(default_factory=list)
    leaves: list[int] = field(default_factory=list)
    bytes: int = 0

    def add_series(self, sums: SeriesSums) -> None:
        """Add the sums of a route."""
        self.series.append(sums)
        counts = len(sums.outcomes) + len(sums.blames) + len(sums.statuses)
        self.bytes += ROW_BYTES + _length(sums.route) + _length(sums.upstream) + 16 * counts + 12 * len(sums.latency)

    def add_edge(self, sums: EdgeSums) -> None:
        """Add the sums of an edge."""
        self.edges.append(sums)
        self.bytes += ROW_BYTES + _length(sums.caller) + _length(sums.upstream)

    def add_gateway(self, sums: GatewaySums) -> None:
        """Add what an instance added."""
        self.gateways.append(sums)
        self.bytes += _length(sums.instance) + 30 + 12 * len(sums.latency)

    def add_ai(self, sums: AiSums) -> None:
        """Add the sums of a model."""
        self.ai.append(sums)
        self.bytes += 2 * ROW_BYTES + sum(map(_length, (sums.provider, sums.request_model, sums.response_model)))

    def add_leaf(self, leaf: tuple[tuple[str, ...], list[int]]) -> None:
        """Spell each attribute's values once and let the leaf refer to them by number."""
        values, sums = leaf
        codes = list(map(_code_of, self.codes, values))
        if None in codes:
            codes = list(map(self._spell, self.codes, values))
        self.leaves += codes  # type: ignore[arg-type]  # none of them is None now
        self.leaves += sums
        self.bytes += LEAF_BYTES

    def _spell(self, known: dict[str, int], value: str) -> int:
        cut = value[:LONGEST_VALUE]
        if cut not in known:
            self.bytes += _length(cut) + 3
        return known.setdefault(cut, len(known))


def _parts(window: Window) -> Iterator[_Part]:
    """The window cut into messages; one without calls is none."""
    part = _empty(window)
    contents: tuple[tuple[Callable[[_Part, Any], None], Iterable[Any]], ...] = (
        (_Part.add_series, _series(window)),
        (_Part.add_edge, _edges(window)),
        (_Part.add_gateway, _gateways(window)),
        (_Part.add_ai, ai_sums(window.ai)),
        (_Part.add_leaf, window.leaves.items()),
    )
    for add, some in contents:
        for one in some:
            add(part, one)
            if part.bytes >= MESSAGE_BYTES:
                yield part
                part = _empty(window)
    if part.bytes:
        yield part


def _empty(window: Window) -> _Part:
    return _Part(tuple({} for _ in range(len(CODED) + len(window.more))))


def _length(value: str) -> int:
    """Bytes in JSON, quotes and backslashes aside."""
    return len(value) if value.isascii() else len(value.encode())


def _series(window: Window) -> Iterator[SeriesSums]:
    """Sums by route and upstream, whoever called."""
    by_route: dict[tuple[str, str], list[Series]] = {}
    for (route, upstream, _), sums in window.series.items():
        by_route.setdefault((route[:LONGEST_VALUE], upstream), []).append(sums)
    durations = [list(chain.from_iterable(sums.durations for sums in several)) for several in by_route.values()]
    for ((route, upstream), several), latency in zip(by_route.items(), histograms(durations), strict=True):
        yield _together(route, upstream, several, latency)


def _together(route: str, upstream: str, several: list[Series], latency: dict[int, int]) -> SeriesSums:
    ok = sum(sums.ok for sums in several)
    outcomes = _added([sums.outcomes for sums in several])
    return SeriesSums.trusted(
        {
            "route": route,
            "upstream": upstream,
            "outcomes": {"ok": ok, **outcomes} if ok else outcomes,
            "blames": _added([sums.blames for sums in several]),
            "statuses": _added([sums.statuses for sums in several]),
            "latency": latency,
            "bytes": sum(sums.bytes for sums in several),
            "rows": sum(sums.rows for sums in several),
        }
    )


def _added(counts: list[dict[Key, int]]) -> dict[Key, int]:
    """The sum of several counts; the only one as it is."""
    if len(counts) == 1:
        return counts[0]
    total: dict[Key, int] = {}
    for some in counts:
        for name, number in some.items():
            total[name] = total.get(name, 0) + number
    return total


def _edges(window: Window) -> tuple[EdgeSums, ...]:
    """Sums by caller and upstream, whatever the route; only calls whose duration is known say anything."""
    by_edge: dict[tuple[str, str], list[int]] = {}
    for (_, upstream, caller), sums in window.series.items():
        if upstream and sums.durations:
            key = caller, upstream
            if key not in by_edge and len(by_edge) >= MAX_EDGES - 1:
                metrics.CAPPED.labels("edge").inc()
                key = OTHER, OTHER
            edge = by_edge.setdefault(key, [0, 0, 0, 0])
            latency_us = round(1000 * sums.waited_ms)
            for place, number in enumerate((len(sums.durations), latency_us, sums.bytes, sums.rows)):
                edge[place] += number
    names = ("calls", "latency_us", "bytes", "rows")
    return tuple(
        EdgeSums.trusted({"caller": caller, "upstream": upstream, **dict(zip(names, sums, strict=True))})
        for (caller, upstream), sums in by_edge.items()
    )


def _gateways(window: Window) -> Iterator[GatewaySums]:
    """Time that each gateway instance added."""
    for instance, latency in zip(window.gateways, histograms(list(window.gateways.values())), strict=True):
        yield GatewaySums.trusted({"instance": instance, "latency": latency})
