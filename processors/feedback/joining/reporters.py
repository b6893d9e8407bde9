"""Who complained of each failing pattern: how many reports, and how many different people."""

from __future__ import annotations

from dataclasses import dataclass, field

from processors.feedback.joining.by_project import row_of
from processors.feedback.joining.pattern import BUCKET_S, BUCKETS
from processors.runtime import metrics
from processors.runtime.tables import State, Table, TableSpec, table_of

MOST_PEOPLE = 1_000
"""Different people of a pattern that are told apart; of more, each report counts as one more person."""


@dataclass(slots=True)
class Reports:
    """Of one pattern; ``people`` are reports by hash of a person, ``recent`` reports by bucket of five minutes."""

    reports: int = 0
    people: dict[str, int] = field(default_factory=dict)
    more: int = 0
    recent: dict[str, int] = field(default_factory=dict)

    @property
    def reporters(self) -> int:
        """Different people."""
        return len(self.people) + self.more

    def in_last_hour(self, now: float) -> int:
        """Reports that came in the last hour."""
        oldest = int(now) // BUCKET_S - BUCKETS + 1
        return sum(count for bucket, count in self.recent.items() if int(bucket) >= oldest)


REPORTS: TableSpec[Reports] = table_of(Reports, "join_reports", capacity=40_000)


class Reporters:
    """By project and number of a pattern."""

    def __init__(self, state: State) -> None:
        self._table: Table[Reports] = state[REPORTS]

    def of(self, project: str, pattern: int) -> Reports:
        """What was reported of a pattern."""
        return self._table.get(row_of(project, pattern)) or Reports()

    def add(self, project: str, pattern: int, person: int, came_at: float) -> None:
        """Count a report."""
        found, name, bucket = self.of(project, pattern), f"{person:016x}", str(int(came_at) // BUCKET_S)
        found.reports += 1
        if name in found.people or len(found.people) < MOST_PEOPLE:
            found.people[name] = found.people.get(name, 0) + 1
        else:
            found.more += 1
            metrics.CAPPED.labels(REPORTS.name).inc()
        found.recent[bucket] = found.recent.get(bucket, 0) + 1
        while len(found.recent) > BUCKETS:
            del found.recent[min(found.recent, key=int)]
        self._table[row_of(project, pattern)] = found

    def take_back(self, project: str, pattern: int, person: int, came_at: float) -> None:
        """A report turned out to be about something else."""
        found, name, bucket = self.of(project, pattern), f"{person:016x}", str(int(came_at) // BUCKET_S)
        if not found.reports:
            return
        found.reports -= 1
        if name in found.people:
            found.people[name] -= 1
            if not found.people[name]:
                del found.people[name]
        else:
            found.more = max(0, found.more - 1)
        if bucket in found.recent:
            found.recent[bucket] = max(0, found.recent[bucket] - 1)
        self._table[row_of(project, pattern)] = found

    def forget(self, project: str, pattern: int) -> None:
        """The pattern is gone."""
        row = row_of(project, pattern)
        if row in self._table:
            del self._table[row]
