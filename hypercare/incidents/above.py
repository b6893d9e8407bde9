"""Why one incident stands above another, in sentences: priority first, then points by part, then how sure it is."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.incidents import OPEN, Incident
from contracts.scores import Score
from hypercare.masked import masked_line
from processors.incidents.score import ranking, why_above

LITTLE = 0.05
"""Points that are not worth a word."""


def why(one: Incident, other: Incident) -> Iterator[str]:
    """Sentences, the deciding one first; the incident that stands higher is named first, whichever was asked."""
    if one.incident == other.incident:
        yield f"{one.incident} is compared with itself."
        return
    above, below = sorted((one, other), key=lambda each: ranking(each.score, each.priority, each.incident))
    yield f"{_named(above)} stands above {_named(below)}."
    yield from _deciding(above, below)
    yield from _points(above.score, below.score)
    yield from _sure(above.score, below.score)
    for incident in (above, below):
        if incident.state not in OPEN:
            yield f"{incident.incident} is {incident.state}: it stands in no ranking now."
    if above.score.config != below.score.config:
        yield f"They were computed by other constants: {above.score.config} and {below.score.config}."


def _deciding(above: Incident, below: Incident) -> Iterator[str]:
    if above.priority != below.priority:
        yield f"Priority comes first: {_priority(above)} against {_priority(below)}."
    elif above.score.order != below.score.order:
        yield (
            f"Both are {above.priority}, so the score as far as it is sure decides: {above.score.order:.1f} "
            f"against {below.score.order:.1f}."
        )
    else:
        yield f"Both are {above.priority} with {above.score.order:.1f}: they are equal, and go by their names."


def _priority(incident: Incident) -> str:
    override, computed = incident.override, incident.score.priority
    if override is not None and override.priority:
        reason = masked_line(override.reason)
        return f"{incident.priority}, set by {masked_line(override.actor)} ({reason}; computed {computed})"
    return incident.priority


def _points(above: Score, below: Score) -> Iterator[str]:
    difference = above.value - below.value
    if abs(difference) < LITTLE:
        yield f"Their scores are equal, {above.value:.1f}."
        return
    than = "more" if difference > 0 else "less"
    total = f"Its score is {above.value:.1f} against {below.value:.1f}, {abs(difference):.1f} points {than}"
    if on_floor(above) or on_floor(below):
        yield f"{total}: {_counts(above)} against {_counts(below)}."
        return
    parts = [f"{name} {points:+.1f}" for name, points in why_above(above, below) if _counted(name, points)]
    yield f"{total}: {', '.join(parts)}."
    yield from _facts(above, below)


def _counted(name: str, points: float) -> bool:
    return abs(points) >= LITTLE and not name.startswith("floor")


def on_floor(score: Score) -> bool:
    """Whether it counts for what a weakness is worth by itself, because its parts are worth less."""
    parts = score.parts
    return parts.floor > parts.impact_points + parts.urgency_points + parts.interaction_points


def _counts(score: Score) -> str:
    if on_floor(score):
        return f"{score.parts.floor:.1f}, the floor of a weakness"
    parts = score.parts
    return (
        f"impact {parts.impact_points:.1f}, urgency {parts.urgency_points:.1f} and both {parts.interaction_points:.1f}"
    )


def _facts(above: Score, below: Score) -> Iterator[str]:
    """What the parts rest on, where it differs."""
    facts = (
        ("reach", above.parts.reach, below.parts.reach, f"{above.inputs.users:,} users, {below.inputs.users:,} there"),
        ("journey", above.inputs.journey_weight, below.inputs.journey_weight, ""),
        ("severity", above.parts.severity, below.parts.severity, ""),
        ("burn", above.parts.burn, below.parts.burn, ""),
        ("growth", above.parts.growth, below.parts.growth,
         f"{above.inputs.reports:,} reports, {below.inputs.reports:,} there"),
        ("breach", above.parts.breach, below.parts.breach, ""),
        ("decay", above.parts.decay, below.parts.decay, ""),
    )  # fmt: skip
    said = [
        f"{name} {mine:.2f} against {theirs:.2f}{f' ({words})' if words else ''}"
        for name, mine, theirs, words in facts
        if round(mine, 2) != round(theirs, 2)
    ]
    if said:
        yield f"It rests on {', '.join(said)}."


def _sure(above: Score, below: Score) -> Iterator[str]:
    mine, theirs = above.inputs.confidence, below.inputs.confidence
    if round(mine, 2) != round(theirs, 2):
        yield f"It is {mine:.0%} sure, the other {theirs:.0%}: in the order {above.order:.1f} and {below.order:.1f}."


def _named(incident: Incident) -> str:
    return f"{incident.incident} ({masked_line(incident.title)})"
