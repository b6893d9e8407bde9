"""What is known of a window so far, and the messages it is published in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from contracts.cloudevents import derived_id
from contracts.windows import CODED, MAX_EDGES, OTHER, EdgeSums, SeriesSums, SourceRange, WindowSums

LEAVES_A_MESSAGE = 2_000
"""About 100 kB; with the longest of names still below what a topic takes."""
LONGEST_VALUE = 40
"""Characters of an attribute's value that a leaf keeps."""
Key = TypeVar("Key")
Project = tuple[str, str, str, str | None]
"""Tenant, project, environment, and the import it is of."""


@dataclass(slots=True)
class Series:
    """Calls of one caller to one route at one upstream."""

    ok: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    blames: dict[str, int] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    latency: dict[int, int] = field(default_factory=dict)
    latency_ms: float = 0.0
    bytes: int = 0
    rows: int = 0


@dataclass(slots=True)
class Window:
    """What a window holds so far; ``good`` counts its good calls."""

    series: dict[tuple[str, str, str], Series] = field(default_factory=dict)
    leaves: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    good: int = 0


def messages(
    project: Project, start: int, window: Window, covered: SourceRange, low_at_ms: int
) -> Iterator[WindowSums]:
    """What the window of a project adds up to, in messages that fit their topic."""
    leaves, series = iter(window.leaves.items()), iter(_series(window))
    for part in range(1 + max(len(window.leaves), len(window.series)) // LEAVES_A_MESSAGE):
        some = list(islice(leaves, LEAVES_A_MESSAGE))
        values, coded = _coded(some)
        tenant, name, environment, origin = project
        yield WindowSums.trusted(
            {
                "id": derived_id(covered.topic, covered.partition, covered.flush, *project, start, part),
                "occurred_at": datetime.fromtimestamp(start, UTC),
                "tenant": tenant,
                "project": name,
                "environment": environment,
                "attributes": {},
                "source": covered,
                "low_at_ms": max(low_at_ms, 0),
                "origin": origin,
                "series": tuple(islice(series, LEAVES_A_MESSAGE)),
                "edges": () if part else _edges(window),
                "values": values,
                "leaves": coded,
            }
        )


def _series(window: Window) -> list[SeriesSums]:
    """Sums by route and upstream, whoever called."""
    by_route: dict[tuple[str, str], list[Series]] = {}
    for (route, upstream, _), sums in window.series.items():
        by_route.setdefault((route, upstream), []).append(sums)
    return [_together(route, upstream, several) for (route, upstream), several in by_route.items()]


def _together(route: str, upstream: str, several: list[Series]) -> SeriesSums:
    ok = sum(sums.ok for sums in several)
    outcomes = _added([sums.outcomes for sums in several])
    return SeriesSums.trusted(
        {
            "route": route,
            "upstream": upstream,
            "outcomes": {"ok": ok, **outcomes} if ok else outcomes,
            "blames": _added([sums.blames for sums in several]),
            "statuses": _added([sums.statuses for sums in several]),
            "latency": _added([sums.latency for sums in several]),
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
        if upstream and sums.latency:
            key = (caller, upstream) if len(by_edge) < MAX_EDGES - 1 else (OTHER, OTHER)
            edge = by_edge.setdefault(key, [0, 0, 0, 0])
            timed = sum(sums.latency.values())
            for place, number in enumerate((timed, round(1000 * sums.latency_ms), sums.bytes, sums.rows)):
                edge[place] += number
    names = ("calls", "latency_us", "bytes", "rows")
    return tuple(
        EdgeSums.trusted({"caller": caller, "upstream": upstream, **dict(zip(names, sums, strict=True))})
        for (caller, upstream), sums in by_edge.items()
    )


def _coded(
    leaves: list[tuple[tuple[str, ...], list[int]]],
) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[int, ...], ...]]:
    """Spell each attribute's values once and let the leaves refer to them by number."""
    codes: tuple[dict[str, int], ...] = tuple({} for _ in CODED)
    rows = tuple(
        (
            *(known.setdefault(value[:LONGEST_VALUE], len(known)) for known, value in zip(codes, values, strict=True)),
            *sums,
        )
        for values, sums in leaves
    )
    return tuple(tuple(known) for known in codes), rows
