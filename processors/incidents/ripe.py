"""When a group of feedback is an incident by itself, though telemetry shows nothing."""

from __future__ import annotations

import math

from contracts.incidents import Nature
from processors.incidents.complaint import GroupFacts

PEOPLE: dict[str, int] = {
    "functional_bug": 3,
    "performance": 3,
    "usability": 5,
    "security": 1,
    "feature_request": 10,
}
"""People from which each category makes one, as many as may have written; the other categories never do."""
Z, LEAST_EXPECTED = 1.64, 0.25
"""A group that always gets a few reports has to get surely more: one-sided 95 % bound, as in the score."""
SUSPECTED = 0.5
"""Reports are hidden long before that, for good reason; to alarm somebody it has to be likelier than not."""
WAIT_S = 120.0
"""What telemetry has to say of the same trouble comes within two minutes: it is waited for."""


def is_ripe(facts: GroupFacts, security: float) -> bool:
    """Enough people, in more reports than usual, of something that nobody knows yet; a weakness needs only one.

    ``security`` is the largest probability that one of its reports speaks of a weakness.
    """
    if facts.known_issue or facts.merged_into or facts.category is None:
        return False
    if facts.restricted or facts.category == "security":
        return security >= SUSPECTED
    people = PEOPLE.get(facts.category)
    if people is None or facts.people < people:
        return False
    surely = facts.last_hour - Z * math.sqrt(facts.last_hour)
    return facts.category == "feature_request" or bool(surely > max(facts.expected_hour, LEAST_EXPECTED))


def nature_of_group(facts: GroupFacts) -> Nature:
    """What kind of trouble a group tells of."""
    if facts.restricted or facts.category == "security":
        return "security"
    return "request" if facts.category == "feature_request" else "malfunction"
