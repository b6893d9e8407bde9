"""The feedback stage: raw feedback in, feedback that may be stored out."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.cloudevents import derived_id, headers_for, open_envelope, read_event
from contracts.feedback import EnrichedFeedback, Feedback
from contracts.topic import Topic
from contracts.topics import FEEDBACK, FEEDBACK_SCORED
from processors.event_time import CLAMPED, clamp
from processors.feedback.enrich import enrich
from processors.feedback.refuse import refuse
from processors.recent_ids import RecentIds
from processors.runtime.records import Record
from processors.runtime.stage import Outgoing, Skipped

SOURCE = "urn:hypercare:stage:feedback"
SAME_TEXT_S = 600
"""The same words by the same reporter within ten minutes are one press of the button too many."""


class FeedbackStage:
    """Keyed by tenant/project."""

    name = "feedback"
    topics: tuple[Topic, ...] = (FEEDBACK,)

    def __init__(self, pseudonym_key: bytes) -> None:
        self._key = pseudonym_key
        self._recent = RecentIds()

    def process(self, record: Record) -> Sequence[Outgoing]:
        """Validate, refuse, mask and encode one piece of feedback."""
        envelope = open_envelope(record.value, record.headers)
        feedback = read_event(envelope, Feedback)
        refuse(feedback)
        occurred_at, clamped = clamp(feedback.occurred_at, record.timestamp, backfill=envelope.backfill)
        feedback = Feedback.trusted({**feedback.__dict__, "occurred_at": occurred_at})
        self._skip_repeats(record, feedback)
        enriched = enrich(feedback, self._key, origin=envelope.source, noted=(CLAMPED,) if clamped else ())
        return (_outgoing(enriched),)

    def forget_recent(self) -> None:
        """Records may come again after a seek or a revocation."""
        self._recent.clear()

    def _skip_repeats(self, record: Record, feedback: Feedback) -> None:
        place = (record.topic, record.partition, record.offset)
        project = f"{feedback.tenant}/{feedback.project}"
        if self._recent.is_repeat(f"{project}/{feedback.id}", place):
            raise Skipped("repeat")
        reporter = feedback.reporter.pseudonym or feedback.reporter.contact_ref
        if reporter:
            moment = int(feedback.occurred_at.timestamp()) // SAME_TEXT_S
            words = " ".join(f"{feedback.title or ''} {feedback.text}".casefold().split())
            if self._recent.is_repeat(derived_id(project, reporter, feedback.channel, moment, words), place):
                raise Skipped("repeat_text")


def _outgoing(enriched: EnrichedFeedback) -> Outgoing:
    return Outgoing(FEEDBACK_SCORED.name, enriched.key, enriched.encode(), headers_for(enriched, SOURCE))
