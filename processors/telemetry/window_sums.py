"""Sums calls per project and ten-second window, until somebody takes the sums of a range of records."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from contracts.calls import EnrichedCall
from contracts.cloudevents import derived_id
from contracts.windows import (
    CODED,
    MAX_EDGES,
    MAX_SERIES,
    OTHER,
    UNKNOWN,
    WINDOW_S,
    EdgeSums,
    SeriesSums,
    SourceRange,
    WindowSums,
)

LOG_G = math.log(1.01 / 0.99)
"""A histogram bucket's width: the middle of a bucket is within 1 % of everything in it."""
SHORTEST_MS = 0.001
ALL_UP_TO = 100
"""Good calls of one flush and window that all become leaves; a small project is seen exactly."""
GOOD_SAMPLE = 4
"""Beyond those, one good call in so many, with this weight; by the hash of its id, so a replay samples the same."""
SERVER_FAILURES = frozenset({"gateway_error", "upstream_error", "timeout"})
"""What a leaf counts as failed: refused clients and rate limits have detectors of their own."""
LEAVES_A_MESSAGE = 2_000
"""About 100 kB; with the longest of names still below what a topic takes."""
LONGEST_VALUE = 40
"""Characters of an attribute's value that a leaf keeps."""
LOW_MARK = 10
"""One in so many records may lie behind the low mark: a few clocks that are behind do not hold a window open."""

Project = tuple[str, str, str, str | None]
"""Tenant, project, environment, and the import it is of."""


@dataclass(slots=True)
class _Series:
    outcomes: dict[str, int] = field(default_factory=dict)
    blames: dict[str, int] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    latency: dict[int, int] = field(default_factory=dict)
    timed: int = 0
    latency_us: int = 0
    upstream_us: int = 0
    bytes: int = 0
    rows: int = 0


@dataclass(slots=True)
class _Window:
    series: dict[tuple[str, str], _Series] = field(default_factory=dict)
    leaves: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    edges: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    good: int = 0


@dataclass(slots=True)
class _Projects:
    """Sums of one source partition since they were last taken."""

    windows: dict[tuple[Project, int], _Window] = field(default_factory=dict)
    moments: dict[Project, list[int]] = field(default_factory=dict)


def bucket_of(milliseconds: float) -> int:
    """The histogram bucket of a duration."""
    return math.ceil(math.log(max(milliseconds, SHORTEST_MS)) / LOG_G)


class WindowSummer:
    """Keeps the sums of each source partition apart, because they are taken and replaced by its ranges."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], _Projects] = {}

    def add(self, topic: str, partition: int, call: EnrichedCall, *, backfill: bool = False) -> None:
        """Count one call; a ``backfill`` is kept apart from the present."""
        place = topic, partition
        projects = self._open.get(place)
        if projects is None:
            projects = self._open[place] = _Projects()
        project = call.tenant, call.project, call.environment, call.origin if backfill else None
        moment = call.occurred_at.timestamp()
        window = projects.windows.get((project, start := int(moment // WINDOW_S) * WINDOW_S))
        if window is None:
            window = projects.windows[project, start] = _Window()
            projects.moments.setdefault(project, [])
        projects.moments[project].append(int(moment * 1000))
        _add_to_series(window, call)
        _add_to_leaves(window, call)
        if call.upstream.service and call.latency.total_ms is not None:
            _add_to_edges(window, call, call.upstream.service, call.latency.total_ms)

    def take(self, covered: SourceRange) -> Iterator[WindowSums]:
        """The sums of the range, in messages that fit their topic; counts anew afterwards."""
        projects = self._open.pop((covered.topic, covered.partition), None)
        if projects is None:
            return
        low = {project: sorted(moments)[len(moments) // LOW_MARK] for project, moments in projects.moments.items()}
        for (project, start), window in projects.windows.items():
            yield from _messages(project, start, window, covered, low[project])

    def forget(self) -> None:
        """Drop what was not taken: its records come again."""
        self._open.clear()


def _add_to_series(window: _Window, call: EnrichedCall) -> None:
    key = (call.request.route or UNKNOWN, call.upstream.service or UNKNOWN)
    series = window.series.get(key)
    if series is None:
        if len(window.series) >= MAX_SERIES - 1:
            key = OTHER, OTHER
        series = window.series.setdefault(key, _Series())
    outcome, latency = call.outcome, call.latency
    series.outcomes[outcome] = series.outcomes.get(outcome, 0) + 1
    if outcome != "ok":
        status = call.response.status
        series.blames[call.blame] = series.blames.get(call.blame, 0) + 1
        series.statuses[status] = series.statuses.get(status, 0) + 1
    total_ms = latency.total_ms
    if total_ms is not None:
        bucket = bucket_of(total_ms)
        series.latency[bucket] = series.latency.get(bucket, 0) + 1
        series.timed += 1
        series.latency_us += round(total_ms * 1000)
        if latency.upstream_ms is not None:
            series.upstream_us += round(latency.upstream_ms * 1000)
    series.bytes += call.response.bytes or 0
    series.rows += call.rows or 0


def _add_to_leaves(window: _Window, call: EnrichedCall) -> None:
    failed = call.outcome in SERVER_FAILURES
    weight = 1
    if not failed:
        window.good += 1
    if not failed and window.good > ALL_UP_TO:
        if zlib.crc32(call.id.encode()) % GOOD_SAMPLE:
            return
        weight = GOOD_SAMPLE
    request, agent, geo = call.request, call.user_agent, call.client.geo
    values = (
        request.route or UNKNOWN,
        request.method or UNKNOWN,
        call.upstream.service or UNKNOWN,
        call.consumer or UNKNOWN,
        agent.browser or UNKNOWN,
        agent.os or UNKNOWN,
        agent.device,
        (geo.country_iso if geo else None) or UNKNOWN,
        call.release or UNKNOWN,
        call.gateway.instance or UNKNOWN,
        f"{call.blame}:{(call.error and call.error.code) or call.response.status}" if failed else UNKNOWN,
    )
    leaf = window.leaves.get(values)
    if leaf is None:
        leaf = window.leaves[values] = [0, 0, 0]
    leaf[0] += weight
    leaf[1] += failed
    leaf[2] += weight * round((call.latency.total_ms or 0) * 1000)


def _add_to_edges(window: _Window, call: EnrichedCall, upstream: str, total_ms: float) -> None:
    caller = (call.caller.service if call.caller else None) or UNKNOWN
    edge = window.edges.get((caller, upstream))
    if edge is None:
        key = (caller, upstream) if len(window.edges) < MAX_EDGES - 1 else (OTHER, OTHER)
        edge = window.edges.setdefault(key, [0, 0, 0, 0])
    edge[0] += 1
    edge[1] += round(total_ms * 1000)
    edge[2] += call.response.bytes or 0
    edge[3] += call.rows or 0


def _messages(
    project: Project, start: int, window: _Window, covered: SourceRange, low_at_ms: int
) -> Iterator[WindowSums]:
    leaves, series = iter(window.leaves.items()), iter(window.series.items())
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
                "series": tuple(_series(key, sums) for key, sums in islice(series, LEAVES_A_MESSAGE)),
                "edges": () if part else tuple(_edge(*edge) for edge in window.edges.items()),
                "values": values,
                "leaves": coded,
            }
        )


def _series(key: tuple[str, str], sums: _Series) -> SeriesSums:
    fields = {name: getattr(sums, name) for name in _Series.__slots__}
    return SeriesSums.trusted({"route": key[0], "upstream": key[1], **fields})


def _edge(key: tuple[str, str], sums: list[int]) -> EdgeSums:
    names = ("calls", "latency_us", "bytes", "rows")
    return EdgeSums.trusted({"caller": key[0], "upstream": key[1], **dict(zip(names, sums, strict=True))})


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
