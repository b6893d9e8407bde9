"""The incidents stage: findings, feedback, symptoms, signals and commands in; incidents and their audit out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from contracts.agreements import Agreements, Project
from contracts.cloudevents import Envelope, headers_for, open_envelope, read_event
from contracts.commands import Command
from contracts.event import Event
from contracts.feedback import EnrichedFeedback
from contracts.findings import Finding
from contracts.groups import FeedbackGroup
from contracts.incidents import Incident
from contracts.signals import Signal
from contracts.symptoms import Symptom
from contracts.topic import Topic
from contracts.topics import (
    AUDIT,
    COMMANDS,
    FEEDBACK_SCORED,
    FINDINGS,
    GROUPS,
    INCIDENTS,
    INCIDENTS_STATE,
    SIGNALS,
    SYMPTOMS,
)
from processors.event_time import clamp
from processors.hidden import hidden, hidden_words
from processors.incidents import calls, complaints, memories, record
from processors.incidents.partition import Partition
from processors.runtime.records import Record
from processors.runtime.stage import Outgoing, Skipped
from processors.runtime.tables import State, TableSpec

SOURCE = "urn:hypercare:stage:incidents"


class IncidentsStage:
    """Stateful, keyed by tenant/project."""

    name = "incidents"
    topics: tuple[Topic, ...] = (FINDINGS, GROUPS, FEEDBACK_SCORED, SYMPTOMS, SIGNALS, COMMANDS)
    state = INCIDENTS_STATE
    tables: tuple[TableSpec[Any], ...] = (*record.TABLES, calls.CALLS, *complaints.TABLES, *memories.TABLES)
    tick_s = 0.25

    def __init__(self, pseudonym_key: bytes, projects: Iterable[Project] = ()) -> None:
        """``projects`` are what was agreed about some of them: users, journeys, constants of the score, targets."""
        self._key = pseudonym_key
        self._agreements = Agreements(projects)
        self._partitions: WeakKeyDictionary[State, Partition] = WeakKeyDictionary()

    def begin(self, state: State) -> None:
        """Build the indexes of a partition."""
        self._of(state)

    def process(self, record: Record, state: State) -> Sequence[Outgoing]:
        """Take in one record."""
        partition, envelope = self._of(state), open_envelope(record.value, record.headers)
        if record.topic.endswith(SIGNALS.name):
            return list(_outgoing(self._notice(partition, record, envelope)))
        return list(_outgoing(self._take(partition, record.topic, envelope, record.timestamp / 1_000)))

    def tick(self, time: datetime, state: State) -> Sequence[Outgoing]:
        """Let rests end, fixes be verified, targets run out and scores decay; tell what waited to be told."""
        return list(_outgoing(self._of(state).pass_time(time.astimezone(UTC).timestamp())))

    @staticmethod
    def _take(partition: Partition, topic: str, envelope: Envelope, now: float) -> list[Event]:
        if topic.endswith(SYMPTOMS.name):
            return partition.symptom(read_event(envelope, Symptom), now)
        if topic.endswith(FEEDBACK_SCORED.name):
            return partition.feedback(read_event(envelope, EnrichedFeedback), now)
        if topic.endswith(GROUPS.name):
            return partition.group(read_event(envelope, FeedbackGroup), now)
        if topic.endswith(FINDINGS.name):
            return partition.finding(read_event(envelope, Finding), now)
        command = read_event(envelope, Command)
        if not command.about_incident:
            raise Skipped("for_feedback")
        return partition.command(hidden_words(command), now)

    def _notice(self, partition: Partition, record: Record, envelope: Envelope) -> list[Event]:
        """Take in a release or an alert; whatever else is signalled, the health stage judges."""
        signal = read_event(envelope, Signal)
        if signal.kind not in {"deployment", "alert"}:
            raise Skipped("judged_by_health")
        if signal.kind == "alert" and envelope.backfill:
            raise Skipped("alert_of_the_past")
        occurred_at, _ = clamp(signal.occurred_at, record.timestamp, backfill=envelope.backfill)
        signal = Signal.trusted({**hidden(signal, self._key).__dict__, "occurred_at": occurred_at})
        return partition.signal(signal, record.timestamp / 1_000)

    def _of(self, state: State) -> Partition:
        found = self._partitions.get(state)
        if found is None:
            found = self._partitions[state] = Partition(state, self._agreements)
        return found


def _outgoing(events: Iterable[Event]) -> Iterator[Outgoing]:
    for event in events:
        headers = headers_for(event, SOURCE)
        if isinstance(event, Incident):
            yield Outgoing(INCIDENTS.name, event.incident.encode(), event.encode(), headers, at_home=True)
        else:
            yield Outgoing(AUDIT.name, event.key, event.encode(), headers)
