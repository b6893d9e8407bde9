"""How each route of a system was, from a log of its calls or from a profile that was saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, islice
from typing import cast

from contracts.baselines import HourBefore, RouteBefore, hour_of_week
from contracts.calls import SERVING_FAILURES, GatewayCall
from contracts.cloudevents import derived_id
from contracts.errors import Rejected, Stop
from contracts.event import Event
from contracts.quick import quickened
from contracts.windows import OTHER
from processors.health.quantiles import quantile_ms
from processors.health.usual.profile import HOUR_S
from processors.telemetry.enrich import Knowledge, enrich
from processors.telemetry.histogram import bucket_of
from processors.telemetry.route import split_path
from producers.adapters.adapter import Place
from producers.adapters.bundles import unbundled
from producers.adapters.contract import Contract
from producers.adapters.detect import detect
from producers.files import Line, Progress, open_lines

SAMPLE_LINES = 1_000
MOST_ROUTES = 2_000
"""As many routes as a window tells apart; further ones are counted as one."""
SAVED = Contract(RouteBefore, ("route", "since", "hours"))


@dataclass(slots=True)
class Read:
    """What a file says: routes, where it was read from, and what could not be read, by reason."""

    routes: list[RouteBefore]
    reason: str
    lines: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Route:
    calls: Counter[int] = field(default_factory=Counter)
    failed: Counter[int] = field(default_factory=Counter)
    latency: Counter[int] = field(default_factory=Counter)
    given: bool = False
    """Named by the gateway, not learned from paths."""

    def add(self, other: _Route) -> None:
        for mine, theirs in ((self.calls, other.calls), (self.failed, other.failed), (self.latency, other.latency)):
            mine.update(theirs)


def read_baseline(path: str, place: Place, *, progress: Progress | None = None) -> Read:
    """Read a log of calls, or a saved profile; raise `Stop` when it is neither, or holds no call."""
    with open_lines(path, progress=progress) as lines:
        sample = list(islice(lines, SAMPLE_LINES))
        first = next((line.data for line in sample if line.data.strip()), b"")
        if SAVED.recognises(first):
            return _saved(chain(sample, lines), place)
        detected = detect([line.data for line in sample], path)
        read = Read([], detected.reason)
        known = Knowledge(b"")  # nobody's name is kept
        routes: dict[str, _Route] = {}
        moments: list[float] = []
        for line in unbundled(chain(sample, lines), detected.adapter):
            call = _parsed(line, detected.adapter.parse, place, read)
            if call is not None:
                _count(cast("GatewayCall", call), known, routes, moments)
    if not moments:
        raise Stop(f"{path} holds no call that can be read.", fix="see docs/importing.md for the formats")
    read.routes = list(_profiles(_general(routes, known, place), moments, place))
    return read


def _saved(lines: Iterable[Line], place: Place) -> Read:
    read = Read([], "a saved profile")
    for line in lines:
        found = _parsed(line, SAVED.parse, place, read)
        if isinstance(found, RouteBefore):
            owner = {"tenant": place.tenant, "project": place.project, "environment": place.environment}
            read.routes.append(found.model_copy(update=owner))
    return read


def _parsed(line: Line, parse: Callable[[bytes, Place], Event], place: Place, read: Read) -> Event | None:
    """One line as an event; None for a blank one and for a bad one, which is counted."""
    if not line.fault and not line.data.strip():
        return None
    read.lines += 1
    try:
        if line.fault:
            raise line.fault
        return parse(line.data, replace(place, line=line.number, part=line.part))
    except Rejected as rejected:
        read.reasons[rejected.reason] += 1
        return None


def _count(call: GatewayCall, known: Knowledge, routes: dict[str, _Route], moments: list[float]) -> None:
    """Add one call to its route and its hour."""
    enriched = enrich(quickened(call), known, origin="")
    name = enriched.request.route or ""
    if name not in routes and len(routes) >= MOST_ROUTES:
        name = OTHER
    route = routes.setdefault(name, _Route(given=bool(call.request.route) or name == OTHER))
    moment = call.occurred_at.timestamp()
    moments[:] = [min(moment, *moments), max(moment, *moments)] if moments else [moment, moment]
    hour = hour_of_week(moment)
    route.calls[hour] += 1
    route.failed[hour] += enriched.outcome in SERVING_FAILURES
    if enriched.latency.total_ms is not None:
        route.latency[bucket_of(enriched.latency.total_ms)] += 1


def _general(routes: dict[str, _Route], known: Knowledge, place: Place) -> dict[str, _Route]:
    """The routes as they are named once the whole log is known: early ones were named too specially."""
    merged: dict[str, _Route] = {}
    for name, route in routes.items():
        general = name
        if not route.given:
            general = known.routes.generalise(f"{place.tenant}/{place.project}", split_path(name))
        merged.setdefault(general, _Route()).add(route)
    return merged


def _profiles(routes: dict[str, _Route], moments: list[float], place: Place) -> Iterator[RouteBefore]:
    first, last = moments
    span = range(int(first // HOUR_S), int(last // HOUR_S) + 1)
    occurred = Counter(hour_of_week(hour * HOUR_S) for hour in span)
    for name, route in sorted(routes.items()):
        hours = tuple(
            HourBefore(hour=hour, calls=calls / occurred[hour], failed=route.failed[hour] / occurred[hour])
            for hour, calls in sorted(route.calls.items())
        )
        yield RouteBefore(
            id=derived_id("baseline", place.source, place.tenant, place.project, place.environment, name, last),
            occurred_at=datetime.fromtimestamp(last, UTC),
            tenant=place.tenant,
            project=place.project,
            environment=place.environment,
            route=name,
            since=datetime.fromtimestamp(first, UTC),
            calls=route.calls.total(),
            failed=route.failed.total(),
            p50_ms=quantile_ms(route.latency, 0.5),
            p95_ms=quantile_ms(route.latency, 0.95),
            hours=hours,
        )
