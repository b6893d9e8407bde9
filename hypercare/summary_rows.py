"""What a summary holds, whoever was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One route: calls, those that failed on our side, those refused because of the client.

    Latencies are in milliseconds and sizes in bytes, None where the log does not tell.
    """

    route: str
    calls: int
    failed: int
    refused: int
    p50_ms: float | None
    p95_ms: float | None
    p50_bytes: float | None
    p95_bytes: float | None
    blamed: str

    @property
    def error_share(self) -> float:
        """Failed calls of all calls, 0 to 1; refused ones are not failures of ours."""
        return self.failed / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class FailingGroup:
    """A combination of client properties that fails more than the rest."""

    route: str
    browser: str
    os: str
    status: int
    calls: int


@dataclass(frozen=True, slots=True)
class Found:
    """One piece of feedback found by the text search."""

    at: str
    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A group of feedback about the same problem: how many said so, how many people they are, and what fails there.

    ``route`` is the one of the linked calls, empty where none is linked.
    """

    title: str
    category: str
    reports: int
    people: int
    linked: int
    route: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding as it was said last."""

    state: str
    confidence: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Answers to all questions of one summary, and who gave them; files cannot be searched.

    ``late`` calls came so long after they happened that they may not have been judged.
    """

    calls: int
    first: str
    last: str
    outcomes: list[tuple[str, int]]
    busiest: list[RouteRow]
    failing: list[RouteRow]
    slowest: list[RouteRow]
    failing_groups: list[FailingGroup]
    findings: list[FindingRow]
    feedback: int
    channels: list[tuple[str, int]]
    languages: list[tuple[str, int]]
    categories: list[tuple[str, int]]
    linked: int
    problems: list[Problem]
    searched: str
    found_total: int
    found: list[Found]
    dead_letters: int
    reasons: list[tuple[str, str, int]]
    source: Literal["elasticsearch", "files"] = "elasticsearch"
    late: int = 0
