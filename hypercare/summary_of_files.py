"""The summary from documents kept as files: the same numbers as `hypercare.summary` asks of Elasticsearch, no search.

Percentiles are exact here and estimated there; the text search over feedback is left out, because its ranking and
its language analysis are Elasticsearch's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from hypercare.summary import MIN_CALLS, TOP
from hypercare.summary_rows import FailingGroup, Problem, RouteRow, Summary
from sinks.elasticsearch.ndjson import latest_documents

REFUSED = {"client_error", "auth_failed"}
UNKNOWN = "unknown"
FEEDBACK = "hypercare.feedback"
"""Dataset of the feedback among what its sink writes; groups and answers are beside it."""
Body = dict[str, Any]


def summarise_files(folder: Path) -> Summary:
    """Sum up every document below ``folder``."""
    calls = list(_bodies(folder / "calls.ndjson"))
    feedback = _feedback(folder / "feedback.ndjson")
    dead = list(_bodies(folder / "deadletters.ndjson"))
    rows = _routes(calls)
    enough = [row for row in rows if row.calls >= MIN_CALLS]
    times = sorted((call["@timestamp"] for call in calls), key=datetime.fromisoformat)
    return Summary(
        calls=len(calls),
        first=times[0] if times else "",
        last=times[-1] if times else "",
        outcomes=_counted(_at(call, "hypercare", "outcome") for call in calls),
        busiest=rows[:TOP],
        failing=sorted((r for r in enough if r.failed), key=lambda r: (-r.error_share, -r.failed))[:TOP],
        slowest=sorted((r for r in enough if r.p95_ms), key=lambda r: -(r.p95_ms or 0))[:TOP],
        failing_groups=_failing_groups(calls),
        findings=[],
        feedback=len(feedback),
        channels=_counted(_at(piece, "hypercare", "channel") for piece in feedback),
        languages=_counted(_at(piece, "hypercare", "language") or UNKNOWN for piece in feedback),
        categories=_counted(_at(piece, "hypercare", "category") for piece in feedback),
        linked=sum(_is_linked(piece) for piece in feedback),
        problems=_problems(feedback),
        searched="",
        found_total=0,
        found=[],
        dead_letters=len(dead),
        reasons=[(topic, reason, count) for (topic, reason), count in _reasons(dead)],
        source="files",
    )


def percentile(values: list[float], percent: float) -> float | None:
    """The value below which ``percent`` of ``values`` lie, between two of them if need be; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    place = percent / 100 * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _bodies(file: Path) -> Iterator[Body]:
    if file.exists():
        yield from map(orjson.loads, latest_documents(file))


def _feedback(file: Path) -> list[Body]:
    """Every piece once: of a restricted one there are two documents, the first is for everybody."""
    found: dict[str, Body] = {}
    for body in _bodies(file):
        if _at(body, "event", "dataset") == FEEDBACK:
            found.setdefault(body["event"]["id"], body)
    return list(found.values())


def _at(body: Body, *path: str) -> Any:
    """What lies at a path, None where it ends early."""
    found: Any = body
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _counted(values: Iterable[Any]) -> list[tuple[str, int]]:
    """Most frequent first, as a terms aggregation has it; equal counts by name."""
    counts = Counter(str(value) for value in values if value is not None)
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def _routes(calls: list[Body]) -> list[RouteRow]:
    by_route: dict[str, list[Body]] = defaultdict(list)
    for call in calls:
        if (route := _at(call, "http", "route")) is not None:
            by_route[route].append(call)
    rows = [_row(route, those) for route, those in by_route.items()]
    return sorted(rows, key=lambda row: (-row.calls, row.route))


def _row(route: str, calls: list[Body]) -> RouteRow:
    ms = [value for call in calls if (value := _at(call, "hypercare", "latency", "total_ms")) is not None]
    size = [value for call in calls if (value := _at(call, "http", "response", "body", "bytes")) is not None]
    failed = [call for call in calls if _failed(call)]
    blamed = _counted(_at(call, "hypercare", "blame") for call in failed)
    return RouteRow(
        route=route,
        calls=len(calls),
        failed=len(failed),
        refused=sum(_at(call, "hypercare", "outcome") in REFUSED for call in calls),
        p50_ms=percentile(ms, 50),
        p95_ms=percentile(ms, 95),
        p50_bytes=percentile(size, 50),
        p95_bytes=percentile(size, 95),
        blamed=blamed[0][0] if blamed else "",
    )


def _failed(call: Body) -> bool:
    return bool(_at(call, "hypercare", "failed"))


def _failing_groups(calls: list[Body]) -> list[FailingGroup]:
    groups = Counter(
        (
            _at(call, "http", "route") or "-",
            _at(call, "user_agent", "name") or "-",
            _at(call, "user_agent", "os", "name") or "-",
            int(_at(call, "http", "response", "status_code") or 0),
        )
        for call in calls
        if _failed(call)
    )
    return [FailingGroup(*group, count) for group, count in sorted(groups.items(), key=lambda g: (-g[1], g[0]))][:TOP]


def _problems(feedback: list[Body]) -> list[Problem]:
    by_group: dict[str, list[Body]] = defaultdict(list)
    for piece in feedback:
        if (group := _at(piece, "hypercare", "group", "id")) is not None:
            by_group[group].append(piece)
    several = sorted((some for some in by_group.values() if len(some) > 1), key=lambda some: -len(some))
    return [_problem(some) for some in several[:TOP]]


def _problem(some: list[Body]) -> Problem:
    latest = max(some, key=lambda piece: datetime.fromisoformat(piece["@timestamp"]))
    categories = _counted(_at(piece, "hypercare", "category") for piece in some)
    routes = _counted(link.get("route") for piece in some for link in _at(piece, "hypercare", "links") or ())
    return Problem(
        title=_at(latest, "hypercare", "group", "title") or "",
        category=categories[0][0] if categories else "",
        reports=len(some),
        people=len({person for piece in some if (person := _at(piece, "user", "hash"))}),
        linked=sum(_is_linked(piece) for piece in some),
        route=routes[0][0] if routes else "",
    )


def _is_linked(piece: Body) -> bool:
    return bool(_at(piece, "hypercare", "match") == "linked")


def _reasons(dead: list[Body]) -> list[tuple[tuple[str, str], int]]:
    counts = Counter(
        (
            _at(letter, "hypercare", "dead_letter", "source", "topic") or "-",
            _at(letter, "error", "code") or "-",
        )
        for letter in dead
    )
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
