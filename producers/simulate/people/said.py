"""One piece of feedback with the truth about it."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from producers.simulate.people.channels import By
from producers.simulate.people.wordings.tongue import Topic

Category = Literal[
    "functional_bug", "performance", "usability", "feature_request", "security", "praise", "question", "other"
]
CATEGORY_OF: dict[Topic, Category] = {
    "slow": "performance",
    "office": "performance",
    "usability": "usability",
    "feature": "feature_request",
    "security": "security",
    "praise": "praise",
    "question": "question",
    "other": "other",
    "spam": "other",
    "automatic": "other",
}
"""Every other topic is something that does not work."""


class Said(NamedTuple):
    """When it is written, in milliseconds since 1970, the JSON of a raw `Feedback`, and the truth."""

    at_ms: int
    raw: bytes
    truth: dict[str, Any]


def truth_of(
    name: str,
    topic: Topic,
    wording: int,
    language: str,
    *,
    problem: str | None = None,
    call: str | None = None,
    by: By = "none",
) -> dict[str, Any]:
    """What is true about a piece; ``topic`` and ``wording`` say which sentence of which list was varied."""
    return {
        "id": name,
        "problem": problem,
        "category": CATEGORY_OF.get(topic, "functional_bug"),
        "call": call,
        "by": by,
        "duplicate_of": None,
        "spam": topic == "spam",
        "automatic": topic == "automatic",
        "topic": topic,
        "wording": wording,
        "language": language,
    }
