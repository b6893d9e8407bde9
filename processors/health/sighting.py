"""What the rules see of one problem."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.calls import Blame
from contracts.findings import FindingKind

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
