"""The sinks: derived topics in, documents out; one consumer group each, so that none waits for another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from contracts.audit import AuditEntry
from contracts.calls import EnrichedCall
from contracts.cloudevents import open_envelope, read_event, read_quickly
from contracts.errors import Rejected
from contracts.feedback import EnrichedFeedback
from contracts.findings import Finding, WindowHealth
from contracts.groups import FeedbackGroup, ReportedObserved
from contracts.incidents import Incident
from contracts.quick import QuickReader
from contracts.signals import Signal
from contracts.topic import Topic
from contracts.topics import (
    AUDIT,
    CALLS,
    DEAD_LETTERS,
    FEEDBACK_SCORED,
    FINDINGS,
    GROUPS,
    HEALTH,
    INCIDENTS,
    MATRIX,
    SIGNALS,
)
from processors.runtime import metrics
from processors.runtime.records import Record
from processors.runtime.stage import Skipped, Writer
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.bulk import BulkWriter
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.documents import call_document, dead_letter_document
from sinks.elasticsearch.feedback_documents import feedback_documents
from sinks.elasticsearch.forgotten import Forgotten
from sinks.elasticsearch.group_documents import audit_document, group_documents, matrix_document
from sinks.elasticsearch.health_documents import finding_document, health_document
from sinks.elasticsearch.incident_documents import incident_documents
from sinks.elasticsearch.ndjson import NdjsonWriter
from sinks.elasticsearch.sampling import ALL, Sampling
from sinks.elasticsearch.signal_documents import signal_documents

MAX_STREAMS = 200
"""Each data stream costs a shard; more than this from one sink is a mistake or an attack on the cluster."""


class SinkStage:
    """A sink: each record becomes one document, or several, without what people asked to be ``forgotten``."""

    def __init__(
        self, name: str, topics: tuple[Topic, ...], documents: Callable[[Record], tuple[Document, ...]]
    ) -> None:
        self.name = name
        self.topics = topics
        self._documents = documents
        self._streams: set[str] = set()
        self.forgotten = Forgotten()

    def process(self, record: Record) -> Sequence[Document]:
        """Make the documents of one record."""
        documents = self._documents(record)
        if self.forgotten.marks:
            documents = self._without_forgotten(documents)
        for document in documents:
            if document.stream not in self._streams:
                if len(self._streams) >= MAX_STREAMS:
                    raise Rejected("too_many_data_streams", f"{document.stream} would be one more than {MAX_STREAMS}")
                self._streams.add(document.stream)
        return documents

    def _without_forgotten(self, documents: tuple[Document, ...]) -> tuple[Document, ...]:
        left = tuple(map(self.forgotten.applied, documents))
        metrics.FORGOTTEN.inc(sum(new is not old for new, old in zip(left, documents, strict=True)))
        return left

    def forget_recent(self) -> None:
        """Nothing to forget: ids make a repeat harmless."""


def calls_sink(sampling: Sampling = ALL) -> SinkStage:
    """Enriched calls, of the successful ones as many as are wanted."""
    calls = QuickReader(EnrichedCall)

    def document(record: Record) -> tuple[Document, ...]:
        call = read_quickly(open_envelope(record.value, record.headers), calls)
        weight = sampling.weight(call)
        if not weight:
            raise Skipped("successful_call_not_kept")
        return (call_document(call, weight, record.timestamp),)

    return SinkStage("sink-calls", (CALLS,), document)


def feedback_sink() -> SinkStage:
    """Feedback understood, its groups, the matrix, and the answers to commands."""

    def document(record: Record) -> tuple[Document, ...]:
        envelope = open_envelope(record.value, record.headers)
        if record.topic.endswith(GROUPS.name):
            return group_documents(read_event(envelope, FeedbackGroup))
        if record.topic.endswith(MATRIX.name):
            return (matrix_document(read_event(envelope, ReportedObserved)),)
        if record.topic.endswith(AUDIT.name):
            return (audit_document(read_event(envelope, AuditEntry)),)
        return feedback_documents(read_event(envelope, EnrichedFeedback))

    return SinkStage("sink-feedback", (FEEDBACK_SCORED, GROUPS, MATRIX, AUDIT), document)


def health_sink(read_signal: Callable[[Record], Signal]) -> SinkStage:
    """Findings, the health of each window, and signals, which ``read_signal`` reads without anything personal.

    A signal that cannot be read is a dead letter of the health stage already, and only skipped here.
    """

    def document(record: Record) -> tuple[Document, ...]:
        if record.topic.endswith(SIGNALS.name):
            try:
                return signal_documents(read_signal(record))
            except Rejected as rejected:
                raise Skipped("judged_by_health") from rejected
        envelope = open_envelope(record.value, record.headers)
        if record.topic.endswith(HEALTH.name):
            return (health_document(read_event(envelope, WindowHealth)),)
        return (finding_document(read_event(envelope, Finding)),)

    return SinkStage("sink-health", (FINDINGS, HEALTH, SIGNALS), document)


def incidents_sink() -> SinkStage:
    """Incidents, each as it is now."""

    def document(record: Record) -> tuple[Document, ...]:
        return incident_documents(read_event(open_envelope(record.value, record.headers), Incident))

    return SinkStage("sink-incidents", (INCIDENTS,), document)


def dead_letters_sink() -> SinkStage:
    """Dead letters of every topic: what they say about themselves, not what they hold."""

    def document(record: Record) -> tuple[Document, ...]:
        if not any(name == "dlq.reason" for name, _ in record.headers or ()):
            raise Skipped("not_a_dead_letter")
        return (dead_letter_document(record),)

    return SinkStage("sink-deadletters", DEAD_LETTERS, document)


def writer_for(sink: str, access: Access) -> Writer[Document]:
    """Where the documents of ``sink`` go: to Elasticsearch, or to a file of its own below the folder in ``access``."""
    if access.folder is not None:
        return NdjsonWriter(access.folder / f"{sink.removeprefix('sink-')}.ndjson")
    return BulkWriter(access)
