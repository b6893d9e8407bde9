"""How much one piece of feedback is worth a look: severity, who else says so, and whether calls show it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from contracts.understanding import CallEnd, CategoryName

BY_END: dict[CallEnd, float] = {
    "gateway_error": 0.7,
    "upstream_error": 0.7,
    "timeout": 0.7,
    "rate_limited": 0.5,
    "auth_failed": 0.5,
    "slow": 0.5,
    "ok": 0.0,
    "client_error": 0.35,
    "aborted": 0.3,
}
"""How bad a linked call was for its caller: failed on the serving side, turned away, merely slow, refused."""
BY_CATEGORY: dict[CategoryName, float] = {
    "functional_bug": 1.0,
    "performance": 1.0,
    "security": 1.0,
    "usability": 0.6,
    "question": 0.4,
    "other": 0.4,
    "feature_request": 0.25,
    "praise": 0.0,
}
"""What a score is multiplied by: a wish is no trouble, praise needs no action."""
MANY = 50
"""Reporters of a group from which it counts as widely felt."""
SEVERITY, REACH, SHOWN = 0.5, 0.3, 0.2
"""Weights of severity, of other people who report the same, and of calls that show it; they sum up to 1."""
SECURITY_FLOOR = 60.0
"""Score of what surely speaks of a weakness, at the least."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """The likeliest call behind it: how it ended, and the probability that it is behind it, 0 to 1."""

    end: CallEnd
    probability: float


def severity(from_text: float, telemetry: Telemetry | None) -> float:
    """The larger of what the text suggests and what the linked call shows, 0 to 1."""
    shown = BY_END[telemetry.end] * telemetry.probability if telemetry else 0.0
    return round(min(1.0, max(from_text, shown)), 4)


def score(
    how_bad: float,
    *,
    reporters: int,
    linked: float,
    category: CategoryName,
    category_probability: float,
    security: float,
) -> float:
    """0 to 100: severity, ``reporters`` of the group on a logarithmic scale, and the probability that calls show it.

    The category counts as far as it is sure. Security never falls below its floor.
    """
    reach = min(1.0, math.log(max(1, reporters)) / math.log(MANY))
    weight = 1.0 - category_probability * (1.0 - BY_CATEGORY[category])
    found = 100.0 * weight * (SEVERITY * how_bad + REACH * reach + SHOWN * linked)
    return round(min(100.0, max(found, SECURITY_FLOOR * security)), 1)
