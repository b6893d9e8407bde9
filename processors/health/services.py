"""The time each service spends itself, by the minute: what its callers wait for it, less what it waits for others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

import numpy as np
import numpy.typing as npt
import orjson

from processors.health.by_project import by_name
from processors.health.totals import Window
from processors.runtime.tables import State, TableSpec

MINUTES = 90
"""Kept as they were: a peak and the quiet before it."""
NOW = 3
"""Minutes that are looked at as the present."""
FEWEST = 5
"""Minutes with calls that have to lie before the present."""
GREW = 1.5
"""A service whose own time grew so many times is slow itself."""
SAME = 0.95
"""Correlation from which rows and bytes say the same, and only rows are kept."""
CALLS = 20
"""Calls in the present below which a service is not judged."""


@dataclass(slots=True)
class Minute:
    """Sums of one minute: calls to the service, microseconds in it and waited for by it, bytes and rows it answered."""

    start: int
    calls: int = 0
    inbound_us: int = 0
    outbound_us: int = 0
    bytes: int = 0
    rows: int = 0

    @property
    def own_ms(self) -> float:
        """Mean time a call spends in the service itself."""
        return max(0.0, (self.inbound_us - self.outbound_us) / 1000 / self.calls) if self.calls else 0.0


@dataclass(slots=True)
class Service:
    """The last minutes of one service, oldest first."""

    minutes: list[Minute] = field(default_factory=list)

    def at(self, start: int) -> Minute:
        """The row of a minute; made if it is new, the oldest if it is older than what is kept."""
        for minute in reversed(self.minutes):
            if minute.start <= start:
                if minute.start == start:
                    return minute
                break
        self.minutes.append(Minute(start))
        self.minutes.sort(key=lambda minute: minute.start)
        del self.minutes[:-MINUTES]
        return next((minute for minute in self.minutes if minute.start == start), self.minutes[0])

    def encode(self) -> bytes:
        """As it is stored."""
        return orjson.dumps([[m.start, m.calls, m.inbound_us, m.outbound_us, m.bytes, m.rows] for m in self.minutes])

    @classmethod
    def decode(cls, value: bytes) -> Service:
        """Read it back."""
        return cls([Minute(*row) for row in orjson.loads(value)])


@dataclass(frozen=True, slots=True)
class Slower:
    """A service whose own time grew: in milliseconds a call, and by how many seconds all its calls together.

    ``since`` is the first of the last minutes in which it had grown, in seconds since 1970.
    """

    service: str
    since: int
    own_ms: float
    usual_ms: float
    calls: int
    more_s: float
    drivers: tuple[tuple[str, float], ...]


Floats = npt.NDArray[np.float64]
SERVICES: TableSpec[Service] = TableSpec("services", encode=Service.encode, decode=Service.decode, capacity=10_000)


class Services:
    """The services of one partition's projects."""

    def __init__(self, state: State) -> None:
        self._known = by_name(state[SERVICES])

    def take(self, project: str, window: Window) -> None:
        """Add the edges of a closed window."""
        start = window.start - window.start % 60
        for (caller, upstream), (calls, us, size, rows) in window.edges.items():
            if upstream:
                minute = self._minute(project, upstream, start)
                minute.calls += calls
                minute.inbound_us += us
                minute.bytes += size
                minute.rows += rows
            if caller:
                self._minute(project, caller, start).outbound_us += us

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)

    def slower(self, project: str, end: int) -> list[Slower]:
        """Services whose own time grew, the one that costs its callers most first."""
        found = [
            slower for name, service in self._known.of(project) if (slower := _slower(name, service, end)) is not None
        ]
        return sorted(found, key=lambda slower: (-slower.more_s, slower.service))

    def waits(self, project: str, name: str, end: int) -> bool:
        """Whether a service got slower mostly because it waits for others."""
        service = self._known.get(project, name)
        return service is not None and _waits(service, end)

    def slowed(self, project: str, name: str, end: int) -> float | None:
        """How many times as long as before its callers wait for a service now, what a gateway adds left out.

        None where too little is known.
        """
        service = self._known.get(project, name)
        return None if service is None else _slowed(service, end)

    def _minute(self, project: str, name: str, start: int) -> Minute:
        found = self._known.get(project, name) or Service()
        minute = found.at(start)
        self._known.keep(project, name, found)
        return minute


def _slower(name: str, service: Service, end: int) -> Slower | None:
    """Compare the last minutes with the median of those before."""
    since = end - end % 60 - (NOW - 1) * 60
    present = [m for m in service.minutes if since <= m.start and m.calls]
    before = [m for m in service.minutes if m.start < since and m.calls]
    calls = sum(m.calls for m in present)
    if len(before) < FEWEST or calls < CALLS:
        return None
    own = sum(m.own_ms * m.calls for m in present) / calls
    usual = median(m.own_ms for m in before)
    if own < GREW * max(usual, 1.0):
        return None
    limit = GREW * max(usual, 1.0)
    since = next((m.start for m in present if m.own_ms >= limit), since)
    return Slower(name, since, own, usual, calls, (own - usual) * calls / 1000, drivers([*before, *present]))


def _slowed(service: Service, end: int) -> float | None:
    """The last two minutes against the median of those before: what rises is not where it was three minutes ago."""
    since = end - end % 60 - 60
    present = [m for m in service.minutes if since <= m.start and m.calls]
    before = [m.inbound_us / m.calls for m in service.minutes if m.start < since and m.calls]
    if len(before) < FEWEST or not present or median(before) <= 0:
        return None
    return sum(m.inbound_us for m in present) / sum(m.calls for m in present) / median(before)


def _waits(service: Service, end: int) -> bool:
    """Less than half of what the last minutes took longer than those before is its own time."""
    since = end - end % 60 - (NOW - 1) * 60
    present = [m for m in service.minutes if since <= m.start and m.calls]
    before = [m for m in service.minutes if m.start < since and m.calls]
    if len(before) < FEWEST or not present:
        return False
    inbound = median(m.inbound_us / m.calls for m in present) - median(m.inbound_us / m.calls for m in before)
    own = median(m.own_ms for m in present) - median(m.own_ms for m in before)
    return inbound > 0 and 1_000 * own < inbound / 2


def drivers(minutes: Iterable[Minute]) -> tuple[tuple[str, float], ...]:
    """What the own time goes along with, by partial R², strongest first.

    Rows and bytes a call say how much is asked for, calls times own time over the minute how many are served at a time
    (Little's law), taken from the minute before, because a slow minute makes its own queue.
    """
    rows = list(minutes)
    if len(rows) < 3 * FEWEST:
        return ()
    own = np.array([m.own_ms for m in rows[1:]])
    columns = {
        "rows": np.array([m.rows / m.calls for m in rows[1:]]),
        "bytes": np.array([m.bytes / m.calls for m in rows[1:]]),
        "concurrency": np.array([m.calls * m.own_ms / 60_000 for m in rows[:-1]]),
    }
    varying = {name: column for name, column in columns.items() if column.std() > 1e-9 * max(1.0, abs(column.mean()))}
    if "rows" in varying and "bytes" in varying and abs(np.corrcoef(varying["rows"], varying["bytes"])[0, 1]) > SAME:
        del varying["bytes"]
    whole = _left_over(own, list(varying.values()))
    found = []
    for name in varying:
        without = _left_over(own, [column for other, column in varying.items() if other != name])
        if without > 0:
            found.append((name, round(float(max(0.0, min(1.0, (without - whole) / without))), 3)))
    return tuple(sorted(found, key=lambda driver: -driver[1]))


def _left_over(own: Floats, columns: list[Floats]) -> float:
    """Sum of squares that a linear model of the columns leaves unexplained."""
    model = np.column_stack([np.ones(len(own)), *columns])
    fitted = model @ np.linalg.lstsq(model, own, rcond=None)[0]
    return float(((own - fitted) ** 2).sum())
