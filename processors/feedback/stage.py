"""The feedback stage: feedback, symptoms and commands in; feedback understood, groups, the matrix and answers out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from contracts.audit import AuditEntry
from contracts.cloudevents import headers_for, open_envelope, read_event
from contracts.commands import Command
from contracts.event import Event
from contracts.feedback import EnrichedFeedback, Feedback
from contracts.groups import FeedbackGroup, ReportedObserved
from contracts.symptoms import Symptom
from contracts.topic import Topic
from contracts.topics import (
    AUDIT,
    COMMANDS,
    FEEDBACK,
    FEEDBACK_SCORED,
    FEEDBACK_STATE,
    GROUPS,
    MATRIX,
    SYMPTOMS,
)
from processors.event_time import CLAMPED, clamp
from processors.feedback import kept, known_issues, learning, obeyed, repeats, told_groups
from processors.feedback.category.categorise import Categoriser
from processors.feedback.enrich import enrich
from processors.feedback.grouping import stored
from processors.feedback.joining import joiner
from processors.feedback.obey import Commands
from processors.feedback.partition import Partition
from processors.feedback.refuse import refuse
from processors.hidden import hidden_words
from processors.runtime.records import Record
from processors.runtime.stage import Outgoing, Skipped
from processors.runtime.tables import State, TableSpec

SOURCE = "urn:hypercare:stage:feedback"
TOPIC_OF: dict[type[Event], Topic] = {
    EnrichedFeedback: FEEDBACK_SCORED,
    FeedbackGroup: GROUPS,
    ReportedObserved: MATRIX,
    AuditEntry: AUDIT,
}


class FeedbackStage:
    """Stateful, keyed by tenant/project."""

    name = "feedback"
    topics: tuple[Topic, ...] = (FEEDBACK, SYMPTOMS, COMMANDS)
    state = FEEDBACK_STATE
    tables: tuple[TableSpec[Any], ...] = (
        repeats.TAKEN,
        *kept.TABLES,
        *stored.TABLES,
        *joiner.TABLES,
        learning.RELABELS,
        known_issues.ISSUES,
        told_groups.TOLD,
        obeyed.OBEYED,
    )
    tick_s = 0.25

    def __init__(self, pseudonym_key: bytes, categoriser: Categoriser) -> None:
        self._key = pseudonym_key
        self._categoriser = categoriser
        self._partitions: WeakKeyDictionary[State, tuple[Partition, Commands]] = WeakKeyDictionary()

    def begin(self, state: State) -> None:
        """Build the indexes of a partition."""
        self._of(state)

    def process(self, record: Record, state: State) -> Sequence[Outgoing]:
        """Take in one record."""
        partition, commands = self._of(state)
        envelope, now = open_envelope(record.value, record.headers), record.timestamp / 1_000
        if record.topic.endswith(SYMPTOMS.name):
            return list(_outgoing(partition.notice(read_event(envelope, Symptom), now)))
        if record.topic.endswith(COMMANDS.name):
            command = read_event(envelope, Command)
            if command.about_incident:
                raise Skipped("for_incidents")
            return list(_outgoing(commands.obey(hidden_words(command))))
        feedback = read_event(envelope, Feedback)
        refuse(feedback)
        occurred_at, clamped = clamp(feedback.occurred_at, record.timestamp, backfill=envelope.backfill)
        feedback = Feedback.trusted({**feedback.__dict__, "occurred_at": occurred_at})
        partition.repeats.refuse(feedback.place, feedback)
        if partition.knows(feedback.place, feedback.id):
            raise Skipped("repeat")
        enriched = enrich(feedback, self._key, origin=envelope.source, noted=(CLAMPED,) if clamped else ())
        partition.repeats.take(feedback.place, feedback)
        return list(_outgoing(partition.take(enriched, now)))

    def tick(self, time: datetime, state: State) -> Sequence[Outgoing]:
        """Look again at complaints whose calls came late; forget; tell what waits to be told again."""
        partition, _ = self._of(state)
        return list(_outgoing(partition.pass_time(time.astimezone(UTC).timestamp())))

    def _of(self, state: State) -> tuple[Partition, Commands]:
        found = self._partitions.get(state)
        if found is None:
            partition = Partition(state, self._categoriser)
            found = self._partitions[state] = partition, Commands(state, partition, self._categoriser)
        return found


def _outgoing(events: Iterable[Event]) -> Iterator[Outgoing]:
    for event in events:
        yield Outgoing(TOPIC_OF[type(event)].name, event.key, event.encode(), headers_for(event, SOURCE))
