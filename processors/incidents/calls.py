"""Failing and slow calls of the last while: samples for an incident, and who was affected."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.symptoms import Symptom
from processors.runtime import metrics
from processors.runtime.tables import State, TableSpec

KEPT = 6_000
"""Failing calls a partition remembers, and as many slow ones; an incident that opens looks back as far as these go.

One slow database can drag thousands of calls a minute: those must not push out the few that fail elsewhere.
"""
NARROWED_BY = ("route", "method", "upstream", "consumer", "browser", "os", "device", "country", "release", "instance")


@dataclass(frozen=True, slots=True)
class Call:
    """One call, ``at`` in seconds since 1970."""

    call: str
    at: float
    dims: dict[str, str]
    outcome: str
    status: int
    code: str | None
    message: str | None
    total_ms: float | None
    trace_id: str | None
    request_id: str | None
    user: str | None

    @property
    def slow(self) -> bool:
        """Whether it went well and took too long, or was waited for in vain."""
        return self.outcome in {"ok", "timeout"}

    @property
    def failed(self) -> bool:
        """Whether it did not go well."""
        return self.outcome != "ok"


def _decode(stored: bytes) -> tuple[str, Call]:
    project, fields = orjson.loads(stored)
    return project, Call(**fields)


CALLS: TableSpec[tuple[str, Call]] = TableSpec(
    "incident_calls", encode=orjson.dumps, decode=_decode, capacity=2 * KEPT + 2
)


class Calls:
    """The calls of one partition's projects, oldest out first."""

    def __init__(self, state: State) -> None:
        self._table = state[CALLS]
        self._next = 1 + max((int(key) for key in self._table), default=-1)
        self._by_id: dict[tuple[str, str], str] = {}
        self._failing: deque[str] = deque()
        self._slow: deque[str] = deque()
        self._by_trace: dict[tuple[str, str], list[str]] = {}
        for key in sorted(self._table, key=int):
            project, call = self._table[key]
            self._by_id[project, call.call] = key
            self._index_trace(project, call, key)
            (self._failing if call.failed else self._slow).append(key)

    def add(self, project: str, symptom: Symptom) -> Call | None:
        """Remember a call; None for one that is known."""
        if (project, symptom.call) in self._by_id:
            return None
        call, key = _call(symptom), str(self._next)
        self._next += 1
        self._table[key] = (project, call)
        self._by_id[project, call.call] = key
        self._index_trace(project, call, key)
        order = self._failing if call.failed else self._slow
        order.append(key)
        if len(order) > KEPT:
            gone = order.popleft()
            where, oldest = self._table[gone]
            del self._by_id[where, oldest.call]
            self._forget_trace(where, oldest, gone)
            del self._table[gone]
            metrics.EVICTED.labels(CALLS.name).inc()
        return call

    def get(self, project: str, call: str) -> Call | None:
        """A call by its id."""
        key = self._by_id.get((project, call))
        stored = self._table.get(key) if key is not None else None
        return None if stored is None else stored[1]

    def of_trace(self, project: str, trace_id: str) -> list[Call]:
        """The slow calls of a trace, oldest first."""
        return [self._table[key][1] for key in self._by_trace.get((project, trace_id), ())]

    def slow_of(self, project: str) -> Iterator[Call]:
        """The slow calls of a project: those that were waited for in vain, then those that went well."""
        return (call for call in self.of(project) if call.slow)

    def of(self, project: str) -> Iterator[Call]:
        """The calls of a project, failing ones first, each kind oldest first."""
        for key in (*self._failing, *self._slow):
            where, call = self._table[key]
            if where == project:
                yield call

    def _index_trace(self, project: str, call: Call, key: str) -> None:
        if call.slow and call.trace_id:
            self._by_trace.setdefault((project, call.trace_id), []).append(key)

    def _forget_trace(self, project: str, call: Call, key: str) -> None:
        keys = self._by_trace.get((project, call.trace_id or ""))
        if keys is not None and key in keys:
            keys.remove(key)
            if not keys:
                del self._by_trace[project, call.trace_id or ""]


def _call(symptom: Symptom) -> Call:
    dims = {name: str(value) for name in NARROWED_BY if (value := getattr(symptom, name)) not in {None, "", "unknown"}}
    return Call(
        call=symptom.call,
        at=symptom.occurred_at.timestamp(),
        dims=dims,
        outcome=symptom.outcome,
        status=symptom.status,
        code=symptom.code,
        message=symptom.message,
        total_ms=symptom.total_ms,
        trace_id=symptom.trace_id,
        request_id=symptom.request_id,
        user=symptom.user,
    )


def sample_of(call: Call) -> dict[str, Any]:
    """What an incident keeps of a call, in the words of the contract."""
    outcome = "slow" if call.outcome == "ok" else call.outcome
    said = {
        "call": call.call,
        "at": call.at,
        **{
            name: call.dims.get(name) for name in ("method", "route", "upstream", "browser", "os", "country", "release")
        },
        "status": call.status,
        "outcome": outcome,
        "code": call.code,
        "message": call.message,
        "total_ms": call.total_ms,
        "trace_id": call.trace_id,
        "request_id": call.request_id,
    }
    return {name: value for name, value in said.items() if value is not None}
