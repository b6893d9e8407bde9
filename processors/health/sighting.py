"""What the rules see of one problem."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.calls import Blame
from contracts.findings import FindingKind

TELLING = 10.0
"""A problem is looked for in the time in which it showed so many failures so far: then their absence says something."""
SHORTEST_S, LONGEST_S = 120, 1_800
"""Bounds of that time."""
AGREED = "held against what was agreed with the consumer"
"""Caveat of what needs no past: what is expected was agreed, not seen."""
CauseKey = tuple[tuple[str, str], ...]
"""Attribute and value pairs, sorted."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the rules see of one problem at the end of a window; times in seconds since 1970."""

    kind: FindingKind
    cause: CauseKey
    since: int
    until: int
    calls: float
    observed: float
    expected: float
    score: float
    confidence: float
    detectors: tuple[str, ...]
    share_explained: float = 0.0
    rivals: tuple[tuple[CauseKey, float], ...] = ()
    failures: dict[str, int] = field(default_factory=dict)
    blame: Blame = "unknown"
    usual_p95_ms: float | None = None
    p95_ms: float | None = None
    own_ms: float | None = None
    usual_own_ms: float | None = None
    drivers: tuple[tuple[str, float], ...] = ()
    victims: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    deployments: tuple[tuple[int, str, str, str], ...] = ()
    """What went live shortly before: time, service, release, state."""
    versions: tuple[tuple[str, int, int], ...] = ()
    """Releases side by side: calls, failed."""
    alerts: tuple[str, ...] = ()
    numbers: dict[str, float] = field(default_factory=dict)
    """Further fields of `contracts.findings.Evidence`."""

    @property
    def usual_share(self) -> float:
        """Part of the calls that was usual before it began: what it is held against as long as it lasts."""
        return self.expected / self.calls if self.calls else 0.0

    @property
    def memory_s(self) -> int:
        """How far back it is looked for, in seconds."""
        lasted = max(1, self.until - self.since)
        return round(min(LONGEST_S, max(SHORTEST_S, TELLING * lasted / max(self.observed, 1.0))))
