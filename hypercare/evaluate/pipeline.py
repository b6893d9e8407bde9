"""The telemetry and health stages without Kafka between them: calls in, findings out, at the speed of the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from contracts.agreements import Project
from contracts.findings import Finding
from contracts.topics import FINDINGS, SIGNALS
from contracts.windows import SourceRange
from processors.health.stage import HealthStage
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Outgoing, Skipped
from processors.runtime.tables import State
from processors.telemetry.stage import TelemetryStage
from processors.telemetry.window_sums import WindowSummer

KEY = b"evaluate"
LAST_MS = 20_000
"""Long enough for the last window to close, too short for silence to mean anything."""
FLUSH_MS = 1_000
"""As often as the runtime flushes sums."""
STORED_EVERY = 30
"""Flushes after which what changed in the state is encoded, as a commit would: more often says nothing of the rules,
and less often takes more memory at a time."""


class Pipeline:
    """One worker of each stage; the clock is the calls' own."""

    def __init__(self, projects: Iterable[Project] = (), *, flush_ms: int = FLUSH_MS) -> None:
        """``projects`` are what was agreed about some; sums are handed on every ``flush_ms`` of the calls' time."""
        self._projects = tuple(projects)
        self._sums = WindowSummer(self._projects)
        self._telemetry = TelemetryStage(KEY, self._sums, calls=False)
        self._health = HealthStage(KEY, self._projects)
        self.state = State(self._health.tables)
        self._first = self._offset = 0
        self._flushes = 0
        self._flush_at, self._flush_ms = 0, flush_ms

    def run(self, calls: Iterable[tuple[int, bytes]]) -> Iterator[Finding]:
        """Feed calls as ``(milliseconds since 1970, JSON)`` in the order of time; yield findings as they change."""
        for at_ms, raw in calls:
            with suppress(Skipped):
                yield from self.take(at_ms, raw)

    def take(self, at_ms: int, raw: bytes) -> list[Finding]:
        """Feed one call; raise `Rejected` or `Skipped` where the telemetry stage does."""
        found = list(self._flush(at_ms)) if at_ms >= self._flush_at else []
        record = PlainRecord(raw, topic="calls", offset=self._offset, timestamp=at_ms)
        self._offset += 1
        self._telemetry.process(record)
        return found

    def notice(self, at_ms: int, raw: bytes) -> list[Finding]:
        """Feed one signal; raise `Rejected` or `Skipped` where the health stage does."""
        found = list(self._flush(at_ms)) if at_ms >= self._flush_at else []
        record = PlainRecord(raw, topic=SIGNALS.name, offset=self._offset, timestamp=at_ms)
        return [*found, *_findings(self._health.process(record, self.state))]

    def restart_health(self) -> None:
        """Begin the health stage anew from what it has stored."""
        restored = State(self._health.tables)
        for spec in self._health.tables:
            for key, value in self.state[spec].items():
                restored[spec].restore(key, spec.encode(value))
        self.state, self._health = restored, HealthStage(KEY, self._projects)

    def pause(self, at_ms: int) -> Iterator[Finding]:
        """Let time pass without calls."""
        yield from self._flush(at_ms)

    def end(self, at_ms: int) -> Iterator[Finding]:
        """Let the last windows close."""
        yield from self._flush(at_ms)
        yield from self._tick(at_ms + LAST_MS)

    def _flush(self, at_ms: int) -> Iterator[Finding]:
        self._flush_at = at_ms - at_ms % self._flush_ms + self._flush_ms
        if self._offset > self._first:
            self._flushes += 1
            covered = SourceRange(
                topic="calls", partition=0, generation=1, flush=str(self._flushes),
                first=self._first, last=self._offset - 1, committed=self._first,
            )  # fmt: skip
            self._first = self._offset
            for sums in self._sums.take(covered):
                self._health.take(sums, at_ms, self.state)
        yield from self._tick(at_ms)
        if not self._flushes % STORED_EVERY:
            self.state.take_changes()

    def _tick(self, at_ms: int) -> Iterator[Finding]:
        time = datetime.fromtimestamp(at_ms / 1000, UTC)
        for event in self._health.judge(time, self.state, charted=False):
            if isinstance(event, Finding):
                yield event


def _findings(outputs: Iterable[Outgoing]) -> Iterator[Finding]:
    for output in outputs:
        if output.topic == FINDINGS.name:
            yield Finding.model_validate_json(output.value or b"")
