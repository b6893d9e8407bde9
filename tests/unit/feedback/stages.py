"""The feedback stage as tests use it."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.feedback import EnrichedFeedback
from contracts.topics import FEEDBACK_SCORED
from processors.feedback.category.categorise import Categoriser
from processors.feedback.stage import FeedbackStage
from processors.runtime.stage import Outgoing
from processors.runtime.unkept import Unkept

SHIPPED = Categoriser.shipped()


def feedback_stage(key: bytes = b"k") -> Unkept:
    """One that begins with nothing."""
    return Unkept(FeedbackStage(key, SHIPPED))


def scored(outputs: Iterable[Outgoing]) -> list[EnrichedFeedback]:
    """The feedback among what it wrote."""
    return [
        EnrichedFeedback.model_validate_json(output.value or b"")
        for output in outputs
        if output.topic == FEEDBACK_SCORED.name
    ]
