"""How each route of a running project usually is, out of what the health stage remembers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from contracts.baselines import HourBefore, RouteBefore
from contracts.cloudevents import derived_id
from contracts.topics import HEALTH_STATE
from contracts.windows import WINDOW_S
from hypercare.topic_reader import TopicReader
from processors.health.by_project import read_route
from processors.health.route_state import RouteState
from processors.health.routes import ROUTES
from processors.health.totals import RouteKey
from processors.health.usual.memories import MEMORIES, WHOLE
from processors.health.usual.memory import Memory
from processors.runtime.tables import SEPARATOR

WINDOWS_AN_HOUR = 3_600 // WINDOW_S
DAYS = 3
"""What an error budget looks back: failures are those of so many days."""


def remembered(bootstrap: str, prefix: str = "") -> dict[bytes, bytes]:
    """What the health stage has stored last under each key, deleted ones left out."""
    found: dict[bytes, bytes] = {}
    with TopicReader(bootstrap) as reader:
        starts = {part: reader.span(part)[0] for part in reader.partitions(prefix + HEALTH_STATE.name)}
        for record in reader.read(starts):
            key = record.key or b""
            if record.value is None:
                found.pop(key, None)
            else:
                found[key] = record.value
    return found


def profiles(stored: Mapping[bytes, bytes], project: str) -> Iterator[RouteBefore]:
    """The routes of ``tenant/project/environment``; those of several upstreams are added up."""
    states = dict(_rows(stored, ROUTES.name, project))
    by_route: dict[str, list[tuple[Memory, RouteState]]] = {}
    for key, value in _rows(stored, MEMORIES.name, project):
        if key != WHOLE and key in states:
            pair = Memory.decode(value), RouteState.decode(states[key])
            by_route.setdefault(key[0], []).append(pair)
    for route, pairs in sorted(by_route.items()):
        yield _profile(project, route, pairs)


def _rows(stored: Mapping[bytes, bytes], table: str, project: str) -> Iterator[tuple[RouteKey, bytes]]:
    prefix = f"{table}{SEPARATOR}{project}|".encode()
    for name, value in stored.items():
        if name.startswith(prefix):
            yield read_route(name[len(prefix) :]), value


def _profile(project: str, route: str, pairs: Iterable[tuple[Memory, RouteState]]) -> RouteBefore:
    pairs = list(pairs)
    tenant, name, environment = project.split("/")
    calls, failed = (sum(sums) for sums in zip(*(memory.budget.share(2) for memory, _ in pairs), strict=True))
    share = failed / calls if calls else 0.0
    at = datetime.fromtimestamp(max(memory.end for memory, _ in pairs), UTC)
    means = [[rate for memory, _ in pairs if (rate := memory.profile.hours()[hour]) is not None] for hour in range(168)]
    slowest = [ms for _, state in pairs if (ms := state.usual_p95_ms()) is not None]
    return RouteBefore(
        id=derived_id("baseline", project, route, at),
        occurred_at=at,
        tenant=tenant,
        project=name,
        environment=environment,
        route=route,
        since=at - timedelta(days=DAYS),
        calls=calls,
        failed=failed,
        p95_ms=max(slowest, default=None),
        hours=tuple(
            HourBefore(hour=hour, calls=mean, failed=mean * share)
            for hour, rates in enumerate(means)
            if rates and (mean := sum(rates) * WINDOWS_AN_HOUR) >= 0
        ),
    )
