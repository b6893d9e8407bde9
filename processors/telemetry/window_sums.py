"""Sums calls per project and ten-second window, until somebody takes the sums of a range of records."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from contracts.calls import EnrichedCall
from contracts.windows import (
    LATENCY_RATIO,
    LEAF_SUMS,
    MAX_SERIES,
    OTHER,
    UNKNOWN,
    WENT_WRONG,
    WINDOW_S,
    SourceRange,
    WindowSums,
)
from processors.runtime import metrics
from processors.telemetry.window_messages import Project, Series, Window, messages

LOG_RATIO = math.log(LATENCY_RATIO)
SHORTEST_MS = 0.001
ALL_UP_TO = 100
"""Good calls of one flush and window that all become leaves; a small project is seen exactly."""
GOOD_SAMPLE = 4
"""Beyond those, one good call in so many, with this weight; by the hash of its id, so a replay samples the same."""
LOW_MARK = 10
"""One in so many records may lie behind the low mark: a few clocks that are behind do not hold a window open."""


@dataclass(slots=True)
class _Projects:
    """Sums of one source partition since they were last taken, and when its calls happened."""

    windows: dict[tuple[Project, int], Window] = field(default_factory=dict)
    moments: dict[Project, list[float]] = field(default_factory=dict)


def bucket_of(milliseconds: float) -> int:
    """The histogram bucket of a duration."""
    return math.ceil(math.log(milliseconds if milliseconds > SHORTEST_MS else SHORTEST_MS) / LOG_RATIO)  # noqa: FURB136 - max costs three times as much


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
        start = int(moment) // WINDOW_S * WINDOW_S
        window = projects.windows.get((project, start))
        if window is None:
            window = projects.windows[project, start] = Window()
            projects.moments.setdefault(project, [])
        projects.moments[project].append(moment)
        _add_to_series(window, call)
        _add_to_leaves(window, call)

    def take(self, covered: SourceRange) -> Iterator[WindowSums]:
        """The sums of the range, in messages that fit their topic; counts anew afterwards."""
        projects = self._open.pop((covered.topic, covered.partition), None)
        if projects is None:
            return
        low = {
            project: int(1000 * sorted(moments)[len(moments) // LOW_MARK])
            for project, moments in projects.moments.items()
        }
        for (project, start), window in projects.windows.items():
            yield from messages(project, start, window, covered, low[project])

    def forget(self) -> None:
        """Drop what was not taken: its records come again."""
        self._open.clear()


def _add_to_series(window: Window, call: EnrichedCall) -> None:
    caller = call.caller
    key = (
        call.request.route or UNKNOWN,
        call.upstream.service or UNKNOWN,
        UNKNOWN if caller is None else caller.service or UNKNOWN,
    )
    series = window.series.get(key)
    if series is None:
        if len(window.series) >= MAX_SERIES - 1:
            metrics.CAPPED.labels("series").inc()
            key = OTHER, OTHER, OTHER
        series = window.series.setdefault(key, Series())
    outcome = call.outcome
    if outcome == "ok":
        series.ok += 1
    else:
        status = call.response.status
        series.outcomes[outcome] = series.outcomes.get(outcome, 0) + 1
        series.blames[call.blame] = series.blames.get(call.blame, 0) + 1
        series.statuses[status] = series.statuses.get(status, 0) + 1
    total_ms = call.latency.total_ms
    if total_ms is not None:
        bucket = bucket_of(total_ms)
        series.latency[bucket] = series.latency.get(bucket, 0) + 1
        series.latency_ms += total_ms
    if size := call.response.bytes:
        series.bytes += size
    if rows := call.rows:
        series.rows += rows


def _add_to_leaves(window: Window, call: EnrichedCall) -> None:
    went_wrong = WENT_WRONG.get(call.outcome)
    weight = 1
    if went_wrong is None:
        window.good += 1
    if went_wrong is None and window.good > ALL_UP_TO:
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
        f"{call.blame}:{(call.error and call.error.code) or call.response.status}" if went_wrong else UNKNOWN,
    )
    leaf = window.leaves.get(values)
    if leaf is None:
        leaf = window.leaves[values] = [0] * LEAF_SUMS
    leaf[0] += weight
    if went_wrong is not None:
        leaf[went_wrong] += 1
