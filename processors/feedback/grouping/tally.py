"""What is counted of a group: reports, distinct reporters, hours, and where its reports come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any

from processors.feedback.grouping.report import Report

REPORTERS = 64
"""Smallest hashes of reporters that are kept: up to so many are counted exactly, more to within 13 % (one sigma)."""
HASHES = 1 << 32
VALUES = 8
"""Values that are counted of each attribute; a new one takes the place of the rarest and inherits its count."""
HOUR_S = 3_600
HOURS = 25
"""Hours with reports that are kept: the last one and a day before it."""
ATTRIBUTES = ("route", "journey", "release", "channel", "error", "category", "language", "session")

Counted = dict[str, int]


@dataclass(slots=True)
class Tally:
    """Counts of a group; ``hours`` maps the beginning of an hour, in hours since 1970, to its reports."""

    reports: int = 0
    anonymous: int = 0
    first_at: int = 0
    last_at: int = 0
    reporters: list[int] = field(default_factory=list)
    hours: Counted = field(default_factory=dict)
    values: dict[str, Counted] = field(default_factory=dict)

    def add(self, report: Report, subject: str = "") -> None:
        """Count a report; ``subject`` is what its words are about."""
        self.first_at = report.at if not self.reports else min(self.first_at, report.at)
        self.last_at = max(self.last_at, report.at)
        self.reports += 1
        if report.reporter:
            self._take_reporters([_hash(report.reporter)])
        else:
            self.anonymous += 1
        self._take_hours({str(report.at // HOUR_S): 1})
        for name in ATTRIBUTES:
            value = getattr(report, name)
            if value:
                _count(self.values.setdefault(name, {}), value, 1)
        if subject:
            _count(self.values.setdefault("subject", {}), subject, 1)

    def absorb(self, other: Tally) -> None:
        """Count everything that another one counted."""
        if not other.reports:
            return
        self.first_at = min(self.first_at, other.first_at) if self.reports else other.first_at
        self.last_at = max(self.last_at, other.last_at)
        self.reports += other.reports
        self.anonymous += other.anonymous
        self._take_reporters(other.reporters)
        self._take_hours(other.hours)
        for name, values in other.values.items():
            for value, count in values.items():
                _count(self.values.setdefault(name, {}), value, count)

    @property
    def distinct(self) -> int:
        """Distinct reporters, by the k smallest of their hashes (Bar-Yossef et al. 2002)."""
        if len(self.reporters) < REPORTERS:
            return len(self.reporters)
        return max(REPORTERS, round((REPORTERS - 1) * HASHES / (self.reporters[-1] + 1)))

    def share(self, name: str, value: str) -> float:
        """Share of the reports with this value among those with any."""
        values = self.values.get(name)
        return values.get(value, 0) / sum(values.values()) if values else 0.0

    def top(self, name: str) -> tuple[tuple[str, int], ...]:
        """Values of an attribute, the most frequent first."""
        return tuple(sorted(self.values.get(name, {}).items(), key=lambda pair: (-pair[1], pair[0])))

    def last_hour(self, at: int) -> int:
        """Reports in this hour and the one before, weighed as if they came evenly, up to a moment in seconds."""
        hour, passed = at // HOUR_S, at % HOUR_S / HOUR_S
        return round(self.hours.get(str(hour), 0) + (1 - passed) * self.hours.get(str(hour - 1), 0))

    def usual(self, at: int) -> float:
        """Reports an hour in the day before this hour and the one before, or since the first of them."""
        hour = at // HOUR_S
        before = sum(count for start, count in self.hours.items() if hour - HOURS < int(start) < hour - 1)
        lasted = min(HOURS - 2, hour - 1 - self.first_at // HOUR_S)
        return before / lasted if lasted > 0 else 0.0

    def encoded(self) -> dict[str, Any]:
        """As JSON has words for it."""
        return asdict(self)

    def _take_reporters(self, hashes: Iterable[int]) -> None:
        self.reporters = sorted({*self.reporters, *hashes})[:REPORTERS]

    def _take_hours(self, hours: Counted) -> None:
        for start, count in hours.items():
            self.hours[start] = self.hours.get(start, 0) + count
        if len(self.hours) > HOURS:
            kept = sorted(self.hours, key=int)[-HOURS:]
            self.hours = {start: self.hours[start] for start in kept}


def _count(values: Counted, value: str, count: int) -> None:
    """Count with bounded room: space-saving (Metwally, Agrawal, El Abbadi 2005)."""
    if value not in values and len(values) >= VALUES:
        rarest = min(values, key=lambda known: (values[known], known))
        count += values.pop(rarest)
    values[value] = values.get(value, 0) + count


def _hash(reporter: str) -> int:
    return int.from_bytes(blake2b(reporter.encode("utf-8", "surrogatepass"), digest_size=4).digest())
