"""Which calls somebody may complain about: those that failed, and those far slower than such calls usually are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from contracts.calls import EnrichedCall, Outcome
from contracts.cloudevents import derived_id
from contracts.quick import quick
from contracts.symptoms import MAX_MESSAGE_CHARS, Symptom
from processors.runtime import metrics

SLOW_RATIO, SLOW_OF_UNKNOWN = 3.0, 4.0
"""Times the usual duration, and for a call that names no user, session or trace: beyond the spread of ordinary calls,
whose logarithm deviates by about .5. Of a hundred of these one is slower than the first, one in 400 than the second."""
SLOW_TIMES, SLOW_IN_SLOW_TIMES = 1.4, 1.7
"""While a route takes so many times as long as usual, a call has to take less to be a part of that, and be it a short
one: a page may make fifty of them. At a peak people complain of twice the usual time, long before three times."""
NOTICED_MS = 50.0
"""A tenth of a second is felt as at once (Nielsen, "Usability Engineering", 1993, 5.5), and a page makes more than one
call after the other."""
PATIENCE_MS = 10_000.0
"""After ten seconds people turn away, even where that is usual (the same place)."""
FEW = 10
"""Calls of a route at its upstream before anything is usual there."""
ALL_UP_TO, TURNS = 200, 8
"""Calls of a second that are all learned from; of more, one in so many, be it fast or slow."""
MEMORY = 14_400
"""Calls over which the mean forgets, at most one a second is learned from: four hours of a busy route."""
LATEST = 0.06
"""Weight of one call in the mean of the latest ones: some thirty calls, of which the logarithm of the mean deviates by
about .09. In quiet times that is a quarter of what `SLOW_TIMES` asks for, so that these are rarely seen by chance."""
TROUBLE = 0.1
"""How much a slow call, or one in slow times, teaches: half an hour of trouble has to stay unusual."""
MOST_USUAL = 20_000
MOST_SECONDS = 2_000
"""Seconds of projects whose calls are counted at a time: logs are late in different ways."""
MISTAKES: frozenset[Outcome] = frozenset({"client_error", "auth_failed"})
"""Floods of these come from programs; they have room of their own, so as not to push others out."""
ROOM: dict[tuple[bool, str], tuple[str, int, int]] = {
    (True, "failure"): ("failures_of_known", 100, 40),
    (False, "failure"): ("failures_of_unknown", 50, 20),
    (True, "slow"): ("slow_calls_of_known", 40, 20),
    (False, "slow"): ("slow_calls_of_unknown", 20, 10),
    (True, "mistake"): ("mistakes_of_known", 30, 10),
    (False, "mistake"): ("mistakes_of_unknown", 10, 5),
}
"""By whether a call names a user, session or trace, and what went wrong: name, and how many a second of a project and
of one of its routes are all kept. Beyond, one in `THINNED`, of more again one in `THINNED`, and so on."""
THINNED = 4
_CLIP = math.log(SLOW_RATIO)
_SLOW_TIMES = math.log(SLOW_TIMES)

_made: Callable[..., Symptom] = quick(Symptom)

Key = tuple[str, str, str | None, str | None]


@dataclass(slots=True)
class _Usual:
    """Mean of the logarithm of durations in ms, and of the latest ones; the second from which the next one counts."""

    mean: float
    latest: float
    calls: int = 1
    next_s: float = 0.0
    slow_ms: float = math.inf
    """Duration from which a call may be slow; the ratio decides."""
    drags: bool = False
    """Whether these are slow times."""

    def learn(self, total_ms: float, moment: float) -> None:
        if moment < self.next_s:
            return
        self.next_s = moment + 1
        self.calls += 1
        step = math.log(max(total_ms, 1.0)) - self.mean
        self.latest += LATEST * (self.mean + step - self.latest)
        step = min(_CLIP, max(-_CLIP, step)) * (TROUBLE if step >= _CLIP or self.drags else 1.0)
        self.mean += step / min(self.calls, MEMORY)
        if self.calls >= FEW:
            self.drags = self.latest - self.mean >= _SLOW_TIMES
            self.slow_ms = math.exp(self.mean) * (SLOW_IN_SLOW_TIMES if self.drags else SLOW_RATIO)

    def ratio(self, total_ms: float) -> float | None:
        """The duration against the usual one; None where nothing is usual yet."""
        return None if self.calls < FEW else total_ms / math.exp(self.mean)


@dataclass(slots=True)
class _Second:
    """What was seen in one second of a project, by kind, and by kind and route."""

    kinds: dict[str, int] = field(default_factory=dict)
    routes: dict[tuple[str, str | None], int] = field(default_factory=dict)


class SymptomFinder:
    """One per worker. What is usual is lost with the process, and learned again within a minute of calls."""

    def __init__(self) -> None:
        self._second, self._seen = -1, 0
        self._drags: dict[Key, None] = {}
        """Where these are slow times: nearly always nowhere."""
        self._usual: dict[Key, _Usual] = {}
        self._seconds: dict[tuple[str, str, int], _Second] = {}

    def find(self, call: EnrichedCall) -> Symptom | None:
        """The symptom that a call is, unless it went well or its like are many; learns what is usual."""
        total_ms = call.latency.total_ms
        good = call.outcome == "ok"
        ratio = None
        if total_ms is not None:
            learn = good and self._is_learned(call)
            if good and not learn and total_ms < NOTICED_MS and not self._drags:
                return None
            key = call.tenant, call.project, call.request.route, call.upstream.service
            usual = self._usual.get(key)
            slow = total_ms >= PATIENCE_MS or (
                usual is not None and total_ms >= usual.slow_ms and _is_slow(call, total_ms, usual)
            )
            if usual is not None and (slow or not good):
                ratio = usual.ratio(total_ms)
            if learn:
                self._learn(key, usual, call, total_ms)
            if good and not slow:
                return None
        elif good:
            return None
        if call.user_agent.device == "bot" or not self._has_room(call):
            return None
        return _symptom(call, ratio)

    def _is_learned(self, call: EnrichedCall) -> bool:
        second = call.occurred_at.second
        if second != self._second:
            self._second, self._seen = second, 0
        self._seen = seen = self._seen + 1
        return seen <= ALL_UP_TO or not seen % TURNS

    def _learn(self, key: Key, usual: _Usual | None, call: EnrichedCall, total_ms: float) -> None:
        if usual is None:
            if len(self._usual) >= MOST_USUAL:
                oldest = next(iter(self._usual))
                self._drags.pop(oldest, None)
                del self._usual[oldest]
                metrics.EVICTED.labels("usual_durations").inc()
            first = math.log(max(total_ms, 1.0))
            self._usual[key] = _Usual(first, first)
            return
        usual.learn(total_ms, call.occurred_at.timestamp())
        if usual.drags:
            self._drags[key] = None
        elif self._drags:
            self._drags.pop(key, None)

    def _has_room(self, call: EnrichedCall) -> bool:
        known = _names_somebody(call)
        kind = "slow" if call.outcome == "ok" else "mistake" if call.outcome in MISTAKES else "failure"
        name, of_project, of_route = ROOM[known, kind]
        second = self._counts(call)
        seen = second.kinds[name] = second.kinds.get(name, 0) + 1
        place = name, call.request.route
        alike = second.routes[place] = second.routes.get(place, 0) + 1
        beyond = max((seen - 1) // of_project, (alike - 1) // of_route)
        if not beyond or not crc32(call.id.encode()) % THINNED ** min(beyond, 16):
            return True
        metrics.CAPPED.labels(name).inc()
        return False

    def _counts(self, call: EnrichedCall) -> _Second:
        """Counts of the second of event time: the same in a replay, and fair to an import of many hours."""
        key = call.tenant, call.project, int(call.occurred_at.timestamp())
        second = self._seconds.get(key)
        if second is None:
            if len(self._seconds) >= MOST_SECONDS:
                del self._seconds[next(iter(self._seconds))]
            second = self._seconds[key] = _Second()
        return second


def _is_slow(call: EnrichedCall, total_ms: float, usual: _Usual) -> bool:
    """Of a call that may be slow: whether it is."""
    if usual.drags:
        return True
    ratio = SLOW_RATIO if _names_somebody(call) else SLOW_OF_UNKNOWN
    return total_ms >= NOTICED_MS and total_ms >= ratio * math.exp(usual.mean)


def _names_somebody(call: EnrichedCall) -> bool:
    return bool(call.session or call.user or call.trace.trace_id)


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
        "instance": call.gateway.instance,
    }
    return _made(**fields)
