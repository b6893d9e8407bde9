"""Which calls somebody may complain about: those that failed, and those far slower than such calls usually are."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from contracts.calls import EnrichedCall, Outcome
from contracts.cloudevents import derived_id
from contracts.symptoms import MAX_MESSAGE_CHARS, Symptom
from processors.runtime import metrics

SLOW_RATIO = 4.0
"""Times the usual duration: beyond the spread of ordinary calls, whose logarithm deviates by about .5."""
NOTICED_MS = 500.0
"""Faster calls are not felt as slow, whatever is usual: a page makes two or three, and a second is noticed."""
PATIENCE_MS = 10_000.0
"""After ten seconds people turn away, even where that is usual (Nielsen, "Usability Engineering", 1993, 5.5)."""
FEW = 10
"""Calls of a route at its upstream before anything is usual there."""
TURNS = 8
"""One good call in so many is learned from; it only has to be the same share of fast and slow ones."""
MEMORY = 14_400
"""Calls over which the mean forgets, at most one a second is learned from: four hours of a busy route."""
TROUBLE = 0.25
"""How much a slow call teaches: half an hour of trouble has to stay unusual."""
MOST_USUAL = 20_000
MOST_SECONDS = 2_000
"""Seconds of projects whose calls are counted at a time: logs are late in different ways."""
MISTAKES: frozenset[Outcome] = frozenset({"client_error", "auth_failed"})
"""Floods of these come from programs; they have room of their own, so as not to push others out."""
ROOM: dict[tuple[bool, bool], tuple[str, int, int]] = {
    (True, False): ("symptoms_of_known", 100, 40),
    (False, False): ("symptoms_of_unknown", 50, 20),
    (True, True): ("mistakes_of_known", 30, 10),
    (False, True): ("mistakes_of_unknown", 10, 5),
}
"""By whether a call names a user, session or trace, and whether it is a mistake: name, and how many a second of a
project and of one of its routes are all kept. Beyond, one in `THINNED`, of more again one in `THINNED`, and so on."""
THINNED = 4
_CLIP = math.log(SLOW_RATIO)

Key = tuple[str, str, str | None, str | None]


@dataclass(slots=True)
class _Usual:
    """Mean of the logarithm of durations in ms, and the second from which the next one counts."""

    mean: float
    calls: int = 1
    next_s: float = 0.0

    def learn(self, total_ms: float, moment: float) -> None:
        if moment >= self.next_s:
            self.next_s = moment + 1
            self.calls += 1
            step = math.log(max(total_ms, 1.0)) - self.mean
            if step >= _CLIP:
                step = TROUBLE * _CLIP
            self.mean += max(-_CLIP, step) / min(self.calls, MEMORY)


@dataclass(slots=True)
class _Second:
    """What was seen in one second of a project, by kind, and by kind and route."""

    kinds: dict[str, int] = field(default_factory=dict)
    routes: dict[tuple[str, str | None], int] = field(default_factory=dict)


class SymptomFinder:
    """One per worker. What is usual is lost with the process, and learned again within a minute of calls."""

    def __init__(self) -> None:
        self._turn = 0
        self._usual: dict[Key, _Usual] = {}
        self._seconds: dict[tuple[str, str, int], _Second] = {}

    def find(self, call: EnrichedCall) -> Symptom | None:
        """The symptom that a call is, unless it went well or its like are many; learns what is usual."""
        total_ms = call.latency.total_ms
        ratio = None
        if call.outcome == "ok":
            if total_ms is None:
                return None
            self._turn = turn = (self._turn + 1) % TURNS
            if total_ms >= NOTICED_MS:
                ratio = self._ratio(call, total_ms)
            if not turn:
                self._learn(call, total_ms)
            if total_ms < NOTICED_MS or not _is_slow(total_ms, ratio):
                return None
        elif total_ms is not None:
            ratio = self._ratio(call, total_ms)
        if call.user_agent.device == "bot" or not self._has_room(call):
            return None
        return _symptom(call, ratio)

    def _ratio(self, call: EnrichedCall, total_ms: float) -> float | None:
        """The duration against the usual one; None where nothing is usual yet."""
        usual = self._usual.get((call.tenant, call.project, call.request.route, call.upstream.service))
        return None if usual is None or usual.calls < FEW else total_ms / math.exp(usual.mean)

    def _learn(self, call: EnrichedCall, total_ms: float) -> None:
        key = call.tenant, call.project, call.request.route, call.upstream.service
        usual = self._usual.get(key)
        if usual is not None:
            usual.learn(total_ms, call.occurred_at.timestamp())
            return
        if len(self._usual) >= MOST_USUAL:
            del self._usual[next(iter(self._usual))]
            metrics.EVICTED.labels("usual_durations").inc()
        self._usual[key] = _Usual(math.log(max(total_ms, 1.0)))

    def _has_room(self, call: EnrichedCall) -> bool:
        known = bool(call.session or call.user or call.trace.trace_id)
        name, of_project, of_route = ROOM[known, call.outcome in MISTAKES]
        second = self._second(call)
        seen = second.kinds[name] = second.kinds.get(name, 0) + 1
        place = name, call.request.route
        alike = second.routes[place] = second.routes.get(place, 0) + 1
        beyond = max((seen - 1) // of_project, (alike - 1) // of_route)
        if not beyond or not crc32(call.id.encode()) % THINNED ** min(beyond, 16):
            return True
        metrics.CAPPED.labels(name).inc()
        return False

    def _second(self, call: EnrichedCall) -> _Second:
        """Counts of the second of event time: the same in a replay, and fair to an import of many hours."""
        key = call.tenant, call.project, int(call.occurred_at.timestamp())
        second = self._seconds.get(key)
        if second is None:
            if len(self._seconds) >= MOST_SECONDS:
                del self._seconds[next(iter(self._seconds))]
            second = self._seconds[key] = _Second()
        return second


def _is_slow(total_ms: float, ratio: float | None) -> bool:
    return total_ms >= PATIENCE_MS or (ratio is not None and ratio >= SLOW_RATIO and total_ms >= NOTICED_MS)


def _symptom(call: EnrichedCall, ratio: float | None) -> Symptom:
    request, agent, geo, error = call.request, call.user_agent, call.client.geo, call.error
    message = error.message if error else None
    fields: dict[str, Any] = {
        "id": derived_id("symptom", call.tenant, call.project, call.id),
        "occurred_at": call.occurred_at,
        "tenant": call.tenant,
        "project": call.project,
        "environment": call.environment,
        "attributes": {},
        "call": call.id,
        "method": request.method,
        "route": request.route,
        "upstream": call.upstream.service,
        "status": call.response.status,
        "outcome": call.outcome,
        "blame": call.blame,
        "code": error.code if error else None,
        "message": message[:MAX_MESSAGE_CHARS] if message else None,
        "total_ms": call.latency.total_ms,
        "slow_ratio": None if ratio is None else round(min(ratio, 1e6), 2),
        "user": call.user,
        "session": call.session,
        "trace_id": call.trace.trace_id,
        "request_id": request.id,
        "browser": agent.browser,
        "os": agent.os,
        "device": agent.device,
        "country": geo.country_iso if geo else None,
        "release": call.release,
        "consumer": call.consumer,
    }
    return Symptom.trusted(fields)
