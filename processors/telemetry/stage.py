"""The telemetry stage: raw calls in; enriched calls, symptoms and sums per window out."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.calls import GatewayCall
from contracts.cloudevents import headers_for, open_envelope, read_quickly
from contracts.last_look import may_hold_address
from contracts.quick import QuickReader, changed
from contracts.topic import Topic
from contracts.topics import CALLS, GATEWAY, SYMPTOMS, WINDOWS
from contracts.windows import SourceRange
from processors.event_time import CLAMPED, clamp
from processors.recent_ids import RecentIds
from processors.runtime import metrics
from processors.runtime.records import Record
from processors.runtime.stage import Outgoing, Skipped
from processors.telemetry.enrich import Knowledge, enrich, names_are_suspicious
from processors.telemetry.symptoms import SymptomFinder
from processors.telemetry.window_sums import WindowSummer

SOURCE = "urn:hypercare:stage:telemetry"


class TelemetryStage:
    """Keyless, any number of workers."""

    name = "telemetry"
    topics: tuple[Topic, ...] = (GATEWAY,)

    def __init__(
        self,
        pseudonym_key: bytes,
        sums: WindowSummer | None = None,
        symptoms: SymptomFinder | None = None,
        *,
        calls: bool = True,
    ) -> None:
        """Without ``sums`` no window is summed up, without ``symptoms`` none is published: where nothing reads them.

        Nor are enriched calls, without ``calls``.
        """
        self._know = Knowledge(pseudonym_key)
        self._reader = QuickReader(GatewayCall)
        self._recent = RecentIds()
        self._sums = sums
        self._symptoms = symptoms
        self._calls = calls

    def process(self, record: Record) -> Sequence[Outgoing]:
        """Validate, enrich and encode one call."""
        envelope = open_envelope(record.value, record.headers)
        call = read_quickly(envelope, self._reader)
        if self._recent.is_repeat(f"{call.tenant}/{call.project}/{call.id}", _place(record)):
            raise Skipped("repeat")
        occurred_at, clamped = clamp(call.occurred_at, record.timestamp, backfill=envelope.backfill)
        enriched = enrich(
            changed(call, occurred_at=occurred_at),
            self._know,
            origin=envelope.source,
            noted=(CLAMPED,) if clamped else (),
            suspicious=may_hold_address(record.value or b"") or names_are_suspicious(call, envelope.source),
        )
        for note in enriched.notes:
            if note.startswith("degraded:"):
                metrics.DEGRADED.labels(note.removeprefix("degraded:")).inc()
        if self._sums is not None:
            self._sums.add(record.topic, record.partition, enriched, backfill=envelope.backfill)
        outputs: list[Outgoing] = []
        if self._calls:
            outputs.append(Outgoing(CALLS.name, None, enriched.encode(), headers_for(enriched, SOURCE)))
        symptom = self._symptoms.find(enriched) if self._symptoms is not None else None
        if symptom is not None:
            headers = headers_for(symptom, SOURCE, backfill=envelope.backfill)
            outputs.append(Outgoing(SYMPTOMS.name, symptom.key, symptom.encode(), headers))
        return tuple(outputs)

    def summaries(self, covered: SourceRange) -> Sequence[Outgoing]:
        """What the records of the range add to the windows of their projects."""
        if self._sums is None:
            return []
        return [
            Outgoing(WINDOWS.name, sums.key, sums.encode(), headers_for(sums, SOURCE))
            for sums in self._sums.take(covered)
        ]

    def forget_recent(self) -> None:
        """Records may come again after a seek or a revocation."""
        self._recent.clear()
        if self._sums is not None:
            self._sums.forget()


def _place(record: Record) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset
