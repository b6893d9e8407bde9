"""How much an incident matters: a number from 0 to 100 that can be recomputed from the facts stored with it."""

from __future__ import annotations

import math
from collections.abc import Callable

from contracts.scores import Score, ScoreInputs, ScoreParts
from contracts.scoring import PRIORITIES, SEVERITIES, Priority, Scoring, SeverityLevel

PRIORITY_OF: dict[str, Priority] = {
    "HH": "P1",
    "HM": "P2",
    "MH": "P2",
    "HL": "P3",
    "MM": "P3",
    "LH": "P3",
    "ML": "P4",
    "LM": "P4",
    "LL": "P5",
}
"""Priority by impact and urgency, high, medium or low (ITIL's matrix)."""
SECURITY_SEVERITY: SeverityLevel = "S2"
CVSS_MOST = 10.0
UNNAMED = "how many users is not known: the calls name none"
"""Nobody is named where a log holds no users; that does not say that nobody is affected."""
DIGITS = 4
"""Parts are rounded, so that whoever recomputes them gets the very same."""


def score_of(inputs: ScoreInputs, scoring: Scoring) -> Score:
    """Impact, urgency, and what both together add; never below what a weakness is worth by itself.

    ``impact I = w·reach + w·journey + w·severity``; ``urgency U = decay (w·burn + w·growth + w·breach)``;
    ``score = 100 (w·I + w·U + w·I·U)``, the weights being those of ``scoring``.
    """
    parts = parts_of(inputs, scoring)
    sum_of_parts = parts.impact_points + parts.urgency_points + parts.interaction_points
    value = round(min(100.0, max(sum_of_parts, parts.floor)), 2)
    priority = _priority(parts, inputs, scoring)
    order = round(min(100.0, value * (scoring.doubt + (1 - scoring.doubt) * inputs.confidence)), 2)
    return Score(
        value=value,
        severity=_severity(parts, inputs, scoring),
        priority=priority,
        order=order,
        inputs=inputs,
        parts=parts,
        config=scoring.version,
        sentence=_sentence(inputs, parts, priority, value, by_floor=parts.floor > sum_of_parts),
    )


def parts_of(inputs: ScoreInputs, scoring: Scoring) -> ScoreParts:
    """The inputs normalised, and the points they give."""
    reach = _reach(inputs.users, inputs.active_users, scoring)
    severity = max(inputs.severity_text, inputs.severity_telemetry)
    impact = scoring.reach * reach + scoring.journey * inputs.journey_weight + scoring.severity * severity
    burn = min(1.0, math.log1p(min(inputs.burn_long, inputs.burn_short)) / math.log1p(scoring.full_burn))
    growth = _growth(inputs.reports, inputs.expected_reports, scoring)
    breach = _breach(inputs, scoring)
    decay = 2.0 ** (-inputs.evidence_age_h / scoring.half_life_h)
    urgency = decay * (scoring.burn * burn + scoring.growth * growth + scoring.breach * breach)
    floor = inputs.security * inputs.cvss / CVSS_MOST * (scoring.exploited + (1 - scoring.exploited) * inputs.exploited)
    return ScoreParts(
        reach=_share(reach),
        severity=_share(severity),
        impact=_share(impact),
        burn=_share(burn),
        growth=_share(growth),
        breach=_share(breach),
        decay=_share(decay),
        urgency=_share(urgency),
        impact_points=_points(scoring.impact * impact),
        urgency_points=_points(scoring.urgency * urgency),
        interaction_points=_points(scoring.interaction * impact * urgency),
        floor=_points(floor),
    )


def ranking(score: Score, priority: Priority, incident: str) -> tuple[int, float, str]:
    """Sorts incidents, the most urgent first; the name only makes the order of equals the same everywhere."""
    return PRIORITIES.index(priority), -score.order, incident


def _reach(users: int, active: int, scoring: Scoring) -> float:
    """Affected users on a logarithmic scale, full from a share of the active ones."""
    full = max(scoring.least_users, scoring.active_share * active)
    return min(1.0, math.log1p(users) / math.log1p(full))


def _growth(reports: int, expected: float, scoring: Scoring) -> float:
    """How many times more reports than usual, by the lower bound of their number (normal approximation)."""
    surely = (reports - scoring.confidence_z * math.sqrt(reports)) / max(expected, scoring.least_expected)
    return min(1.0, math.log1p(max(0.0, surely - 1)) / math.log1p(scoring.full_growth))


def _breach(inputs: ScoreInputs, scoring: Scoring) -> float:
    if inputs.in_breach:
        return 1.0
    return 0.0 if inputs.hours_to_breach is None else max(0.0, 1 - inputs.hours_to_breach / scoring.horizon_h)


def _level(value: float, scoring: Scoring) -> str:
    return "H" if value >= scoring.high else "M" if value >= scoring.medium else "L"


def _priority(parts: ScoreParts, inputs: ScoreInputs, scoring: Scoring) -> Priority:
    found = PRIORITY_OF[_level(parts.impact, scoring) + _level(parts.urgency, scoring)]
    if inputs.security >= scoring.security_p2:
        least: Priority = "P1" if inputs.exploited else "P2"
        return min(found, least)
    return found


def _severity(parts: ScoreParts, inputs: ScoreInputs, scoring: Scoring) -> SeverityLevel:
    borders = (scoring.s1, scoring.s2, scoring.s3)
    found: SeverityLevel = next(
        (level for level, least in zip(SEVERITIES, borders, strict=False) if parts.impact >= least), "S4"
    )
    if inputs.security >= scoring.security_p2:
        found = SEVERITIES[min(SEVERITIES.index(found), SEVERITIES.index(SECURITY_SEVERITY))]
        return "S1" if inputs.exploited else found
    return found


def _sentence(inputs: ScoreInputs, parts: ScoreParts, priority: Priority, value: float, *, by_floor: bool) -> str:
    """One sentence with the facts that weigh most."""
    if by_floor:
        abused = "and is abused" if inputs.exploited else "that could be abused"
        return (
            f"{priority}, {value:.0f} of 100: {inputs.security:.0%} likely a weakness {abused}, CVSS {inputs.cvss:g}."
        )
    facts = [_people(inputs), f"severity {parts.severity:.2f}", f"journey {inputs.journey_weight:.2f}"]
    burn = min(inputs.burn_long, inputs.burn_short)
    for there, said in (
        (burn > 0, f"error budget burns {burn:.1f} times too fast"),
        (inputs.reports > 0, f"{inputs.reports} reports in an hour where {inputs.expected_reports:.1f} are usual"),
        (inputs.in_breach, "a limit is exceeded"),
        (inputs.hours_to_breach is not None and not inputs.in_breach, f"breach in {inputs.hours_to_breach or 0:.0f} h"),
        (inputs.evidence_age_h >= 1, f"last seen {inputs.evidence_age_h:.0f} h ago"),
    ):
        if there:
            facts.append(said)
    return (
        f"{priority}, {value:.0f} of 100 (impact {parts.impact_points:.0f} + urgency {parts.urgency_points:.0f} + "
        f"both {parts.interaction_points:.0f}): {', '.join(facts)}."
    )


def _people(inputs: ScoreInputs) -> str:
    of = f" of {inputs.active_users:,}" if inputs.active_users else ""
    if inputs.users:
        return f"{inputs.users:,}{of} users affected"
    return UNNAMED if inputs.severity_telemetry else "no user known to be affected"


def why_above(one: Score, other: Score) -> list[tuple[str, float]]:
    """What makes one incident's score larger than another's: points by part, largest difference first."""
    differences = [(name, round(points(one.parts) - points(other.parts), 2)) for name, points in _POINTS.items()]
    return sorted(differences, key=lambda difference: -abs(difference[1]))


_POINTS: dict[str, Callable[[ScoreParts], float]] = {
    "impact": lambda parts: parts.impact_points,
    "urgency": lambda parts: parts.urgency_points,
    "both together": lambda parts: parts.interaction_points,
    "floor of a weakness": lambda parts: parts.floor,
}


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), DIGITS)


def _points(share: float) -> float:
    return round(100.0 * min(1.0, max(0.0, share)), DIGITS)
