"""Accounts that read or write far more data than they, or anybody, ever do in an hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.signals import Signal
from processors.health.by_project import by_name
from processors.health.sighting import Sighting
from processors.runtime.tables import State, table_of

HOUR_S = 3_600
LEAST_ROWS = 1_000
"""Rows in an hour below which nobody is asked."""
OWN_TIMES, ALL_TIMES = 5.0, 2.0
"""Times the account's own largest hour, and the largest hour of all the others: month's end is everybody's."""
LARGEST_S = 30 * 86_400
"""Half-life of a largest hour."""
KNOWN_S = 86_400
"""What is usual for a kind of data must have been seen for a day."""
EVERYBODY = ""


@dataclass(slots=True)
class Hour:
    """Rows in the current hour, and the largest hour before it; times in seconds since 1970."""

    since: int
    hour: int
    rows: int = 0
    largest: float = 0.0
    told: bool = False

    def take(self, at: int, rows: int) -> None:
        """Count; an hour that was told of does not become usual."""
        hour = at // HOUR_S * HOUR_S
        if hour > self.hour:
            finished = 0.0 if self.told else float(self.rows)
            self.largest = max(self.largest * 0.5 ** ((hour - self.hour) / LARGEST_S), finished)
            self.hour, self.rows, self.told = hour, 0, False
        self.rows += rows


HOURS = table_of(Hour, "data_access", capacity=50_000)


class DataAccess:
    """How much the accounts of one partition's projects read and write, by kind of data and action."""

    def __init__(self, state: State) -> None:
        self._known = by_name(state[HOURS])

    def take(self, project: str, signal: Signal) -> Iterator[Sighting]:
        """Count some rows."""
        if (said := signal.usage) is None or not said.rows:
            return
        at, what = int(signal.occurred_at.timestamp()), f"{said.action}/{said.data}"
        own = self._hour(project, f"{what}/{said.account}", at)
        others = self._hour(project, f"{what}/{EVERYBODY}", at)
        own.take(at, said.rows)
        limit = max(LEAST_ROWS, OWN_TIMES * own.largest, ALL_TIMES * others.largest)
        unusual = own.rows > limit and at - others.since >= KNOWN_S
        own.told = own.told or unusual
        others.take(at, 0)
        if not own.told:
            others.rows = max(others.rows, own.rows)
        self._known.keep(project, f"{what}/{said.account}", own)
        self._known.keep(project, f"{what}/{EVERYBODY}", others)
        if unusual:
            usual = max(own.largest, others.largest)
            yield Sighting(
                kind="data_access",
                cause=(("account", said.account), ("action", said.action), ("data", said.data)),
                since=own.hour,
                until=at,
                calls=own.rows,
                observed=own.rows,
                expected=usual,
                score=own.rows / max(usual, 1.0),
                confidence=0.8,
                detectors=("data_access",),
            )

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._known.forget(project)

    def _hour(self, project: str, key: str, at: int) -> Hour:
        return self._known.get(project, key) or Hour(at, at // HOUR_S * HOUR_S)
