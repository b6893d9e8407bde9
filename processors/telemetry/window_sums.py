"""Sums calls per project and ten-second window, until somebody takes the sums of a range of records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from zlib import crc32

from contracts.agreements import Agreements, Project
from contracts.calls import EnrichedCall, Outcome
from contracts.windows import (
    GOOD_SAMPLE,
    LEAF_SUMS,
    LONGEST_MS,
    MASS,
    MAX_GATEWAYS,
    MAX_SERIES,
    OTHER,
    UNKNOWN,
    UNROUTED,
    VARIANCE,
    WENT_WRONG,
    WINDOW_S,
    SourceRange,
    WindowSums,
)
from processors.runtime import metrics
from processors.telemetry.ai_sums import add_ai_call
from processors.telemetry.outcome import NO_ROUTE
from processors.telemetry.spoken_of import SpokenOf
from processors.telemetry.window_messages import Place, Series, Window, messages, nothing

ALL_UP_TO = 100
"""Good calls of one flush and window that all become leaves; a small project is seen exactly."""
LOW_MARK = 10
"""One in so many records may lie behind the low mark: a few clocks that are behind do not hold a window open."""

WindowPlace = tuple[str, str, str, str | None, int]
"""A `Place`, and how many windows there were since 1970."""
_went_wrong: Callable[[Outcome], int | None] = WENT_WRONG.get


class WindowSummer:
    """Keeps the sums of each source partition apart, because they are taken and replaced by its ranges."""

    def __init__(self, projects: Iterable[Project] = ()) -> None:
        """``projects`` may have agreed on attributes of their own."""
        self._agreements = Agreements(projects)
        self._open: dict[tuple[str, int], dict[WindowPlace, Window]] = {}
        self._spoken_of = SpokenOf()

    def add(self, topic: str, partition: int, call: EnrichedCall, *, backfill: bool = False) -> None:
        """Count one call; a ``backfill`` is kept apart from the present."""
        windows = self._open.get((topic, partition))
        if windows is None:
            windows = self._open[topic, partition] = {}
        moment = call.occurred_at.timestamp()
        origin = call.origin if backfill else None
        place = call.tenant, call.project, call.environment, origin, int(moment) // WINDOW_S
        window = windows.get(place)
        if window is None:
            more = self._agreements.of("/".join(place[:3])).attributes
            window = windows[place] = Window(more=more)
        window.moments.append(moment)
        latency, instance = call.latency, call.gateway.instance
        total_ms, upstream_ms, added_ms = latency.total_ms, latency.upstream_ms, latency.gateway_ms
        _add_to_series(window, call, total_ms, upstream_ms)
        if instance:
            if added_ms is None and total_ms is not None and upstream_ms is not None:
                added_ms = total_ms - upstream_ms if total_ms > upstream_ms else 0.0
            if added_ms is not None:
                (window.gateways.get(instance) or _added_by(window.gateways, instance)).append(added_ms)
        if call.ai is not None:
            add_ai_call(window.ai, call)
        went_wrong = _went_wrong(call.outcome) or (UNROUTED if NO_ROUTE in call.notes else None)
        if went_wrong is None:
            window.good = good = window.good + 1
            if good <= ALL_UP_TO:
                _add_to_leaves(window, call, 0, 1)
            elif not crc32(call.id.encode()) % GOOD_SAMPLE:
                _add_to_leaves(window, call, 0, GOOD_SAMPLE)
        else:
            _add_to_leaves(window, call, went_wrong, 1)

    def take(self, covered: SourceRange) -> Iterator[WindowSums]:
        """The sums of the range, in messages that fit their topic, and of which projects it has none; counts anew."""
        windows = self._open.pop((covered.topic, covered.partition), {})
        moments: dict[Place, list[float]] = {}
        for place, window in windows.items():
            moments.setdefault(place[:4], []).extend(window.moments)
        low = {project: int(1000 * sorted(some)[len(some) // LOW_MARK]) for project, some in moments.items()}
        for place, window in windows.items():
            yield from messages(place[:4], place[4] * WINDOW_S, window, covered, low[place[:4]])
        for project, at_ms in self._spoken_of.missing(covered, low):
            yield nothing(project, covered, at_ms)

    def forget(self) -> None:
        """Drop what was not taken: its records come again."""
        self._open.clear()
        self._spoken_of.forget()


def _add_to_series(window: Window, call: EnrichedCall, total_ms: float | None, upstream_ms: float | None) -> None:
    """Count a call; its time without what the gateway added is the upstream's, where that is known."""
    caller, response, outcome = call.caller, call.response, call.outcome
    key = (
        call.request.route or UNKNOWN,
        call.upstream.service or UNKNOWN,
        UNKNOWN if caller is None else caller.service or UNKNOWN,
    )
    series = window.series.get(key) or _new_series(window, key)
    if outcome == "ok":
        series.ok += 1
    else:
        status = response.status
        series.outcomes[outcome] = series.outcomes.get(outcome, 0) + 1
        series.blames[call.blame] = series.blames.get(call.blame, 0) + 1
        series.statuses[status] = series.statuses.get(status, 0) + 1
    if total_ms is not None:
        series.durations.append(total_ms)
        series.waited_ms += total_ms if upstream_ms is None else upstream_ms
    if size := response.bytes:
        series.bytes += size
    if rows := call.rows:
        series.rows += rows


def _added_by(known: dict[str, list[float]], instance: str) -> list[float]:
    """Where the times that a gateway instance added are noted."""
    if instance not in known and len(known) >= MAX_GATEWAYS - 1:
        metrics.CAPPED.labels("gateway").inc()
        instance = OTHER
    return known.setdefault(instance, [])


def _new_series(window: Window, key: tuple[str, str, str]) -> Series:
    if len(window.series) >= MAX_SERIES - 1:
        metrics.CAPPED.labels("series").inc()
        key = OTHER, OTHER, OTHER
    return window.series.setdefault(key, Series())


def _add_to_leaves(window: Window, call: EnrichedCall, went_wrong: int, weight: int) -> None:
    """Count a call in its leaf; ``went_wrong`` is the column to count it in, 0 for none.

    Most calls are the first of their leaf, so their values are hashed once, for looking up and keeping at a time.
    """
    request, agent, geo = call.request, call.user_agent, call.client.geo
    values: tuple[str, ...] = (
        request.route or UNKNOWN,
        request.method or UNKNOWN,
        call.upstream.service or UNKNOWN,
        call.consumer or UNKNOWN,
        agent.browser or UNKNOWN,
        agent.os or UNKNOWN,
        agent.device,
        UNKNOWN if geo is None else geo.country_iso or UNKNOWN,
        call.release or UNKNOWN,
        call.gateway.instance or UNKNOWN,
        f"{call.blame}:{(call.error and call.error.code) or call.response.status}" if went_wrong else UNKNOWN,
    )
    if window.more:
        own = [str(call.attributes.get(name, UNKNOWN)) for name in window.more]
        values = (*values[:-1], *own, values[-1])
    leaf = window.leaves.setdefault(values, [0] * LEAF_SUMS)
    leaf[0] += weight
    if went_wrong:
        leaf[went_wrong] += 1
    elif total_ms := call.latency.total_ms:
        leaf[MASS] += weight * round(min(total_ms, LONGEST_MS))
    if weight > 1:
        leaf[VARIANCE] += weight * (weight - 1)
