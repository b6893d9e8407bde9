"""All stages without Kafka between them: calls, feedback, signals and commands in; whatever is told, out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from contracts.agreements import Project
from contracts.errors import Rejected
from contracts.topics import FEEDBACK, GATEWAY
from contracts.windows import SourceRange
from processors.feedback.category.categorise import Categoriser
from processors.feedback.stage import FeedbackStage
from processors.health.stage import HealthStage
from processors.incidents.stage import IncidentsStage
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Outgoing, Skipped
from processors.runtime.stateful import StatefulStage
from processors.runtime.tables import State
from processors.telemetry.stage import TelemetryStage
from processors.telemetry.symptoms import SymptomFinder
from processors.telemetry.window_sums import WindowSummer

KEY = b"evaluate"
FLUSH_MS = 1_000
"""As often as the runtime flushes sums."""
TICK_MS = 1_000
STORED_EVERY = 30
"""Ticks after which what changed in the state is encoded: more often says nothing of the rules, and takes time."""


class Said(NamedTuple):
    """What goes into a topic: when, in milliseconds since 1970, which topic, and the value."""

    at_ms: int
    topic: str
    value: bytes


class Kept:
    """One stateful stage with its state, which a restart brings back from what is stored."""

    def __init__(self, stage: StatefulStage) -> None:
        self.stage = stage
        self.state = State(stage.tables)
        self.reads = frozenset(topic.name for topic in stage.topics)
        """Names of the topics that the stage reads."""
        self._offset = self._ticks = 0

    def take(self, said: Said | Outgoing, at_ms: int) -> list[Outgoing]:
        """Feed it a record; one that is skipped gives nothing, one that is refused raises `Rejected`."""
        with suppress(Skipped):
            return list(self.stage.process(self._record(said, at_ms), self.state))
        return []

    def tick(self, at_ms: int) -> list[Outgoing]:
        """Let time pass; now and then what changed is encoded, as an epoch would."""
        outputs = list(self.stage.tick(datetime.fromtimestamp(at_ms / 1000, UTC), self.state))
        self._ticks += 1
        if not self._ticks % STORED_EVERY:
            self.state.take_changes()
        return outputs

    def _record(self, said: Said | Outgoing, at_ms: int) -> PlainRecord:
        self._offset += 1
        written = [] if isinstance(said, Said) else said.headers
        headers = [(name, value.encode() if isinstance(value, str) else value) for name, value in written]
        return PlainRecord(said.value, topic=said.topic, headers=headers, offset=self._offset, timestamp=at_ms)


Refused = Callable[[str, bytes, Rejected, str], None]
"""Takes topic and value of what a stage refused, why, and which stage."""


class Whole:
    """One worker of each stage; the clock is that of what comes in.

    What a stage refuses is handed to ``refused``. Enriched calls are most of what is told: without ``calls`` they are
    not, which no other stage reads.
    """

    def __init__(self, projects: Iterable[Project] = (), refused: Refused | None = None, *, calls: bool = True) -> None:
        self.projects = tuple(projects)
        self._refused = refused
        self._telemetry = TelemetryStage(KEY, WindowSummer(self.projects), SymptomFinder(), calls=calls)
        self.health = Kept(HealthStage(KEY, self.projects))
        self.feedback = Kept(FeedbackStage(KEY, Categoriser.shipped()))
        self.incidents = Kept(IncidentsStage(KEY, self.projects))
        self._stages = (self.health, self.feedback, self.incidents)
        self._first = self._offset = self._flushes = 0
        self._flush_at = self._tick_at = 0

    def run(self, events: Iterable[Said]) -> Iterator[Outgoing]:
        """Feed events in the order of time; yield what every stage tells, sums excepted."""
        for event in events:
            yield from self.take(event)

    def take(self, event: Said) -> list[Outgoing]:
        """Feed one event to the stages that read its topic."""
        told = list(self._pass(event.at_ms))
        if event.topic == GATEWAY.name:
            return told + self._call(event)
        for kept in self._stages:
            if event.topic in kept.reads:
                told += self._hand(kept, event, event.at_ms)
        return told

    def pause(self, at_ms: int) -> list[Outgoing]:
        """Let time pass without events."""
        told: list[Outgoing] = []
        while self._tick_at < at_ms:
            told += self._pass(min(at_ms, self._tick_at + TICK_MS))
        return told

    def _call(self, event: Said) -> list[Outgoing]:
        record = PlainRecord(event.value, topic=event.topic, offset=self._offset, timestamp=event.at_ms)
        self._offset += 1
        with suppress(Skipped):
            try:
                return self._onwards(self._telemetry.process(record), event.at_ms)
            except Rejected as why:
                self._note(event, why, self._telemetry.name)
        return []

    def _pass(self, at_ms: int) -> Iterator[Outgoing]:
        if at_ms >= self._flush_at:
            self._flush_at = at_ms - at_ms % FLUSH_MS + FLUSH_MS
            yield from self._flush(at_ms)
        if at_ms >= self._tick_at:
            self._tick_at = at_ms - at_ms % TICK_MS + TICK_MS
            for kept in self._stages:
                yield from self._onwards(kept.tick(at_ms), at_ms)

    def _flush(self, at_ms: int) -> Iterator[Outgoing]:
        if self._offset == 0:
            return
        self._flushes += 1
        covered = SourceRange(
            topic=GATEWAY.name, partition=0, generation=1, flush=str(self._flushes),
            first=self._first, last=self._offset - 1, committed=self._first, unread=0,
        )  # fmt: skip
        self._first = self._offset
        for sums in self._telemetry.summaries(covered):
            yield from self._hand(self.health, sums, at_ms)

    def _onwards(self, outputs: Iterable[Outgoing], at_ms: int) -> list[Outgoing]:
        """Hand what was told to the stages that read it, and what these tell in turn."""
        told: list[Outgoing] = []
        for output in outputs:
            told.append(output)
            for kept in (self.feedback, self.incidents):
                if output.topic in kept.reads:
                    told += self._hand(kept, output, at_ms)
        return told

    def _hand(self, kept: Kept, said: Said | Outgoing, at_ms: int) -> list[Outgoing]:
        try:
            return self._onwards(kept.take(said, at_ms), at_ms)
        except Rejected as why:
            self._note(said, why, kept.stage.name)
            return []

    def _note(self, said: Said | Outgoing, why: Rejected, stage: str) -> None:
        if self._refused is not None:
            self._refused(said.topic, said.value or b"", why, stage)


def said(feedback: Iterable[tuple[int, bytes]]) -> Iterator[Said]:
    """Pieces of feedback as events."""
    return (Said(at_ms, FEEDBACK.name, raw) for at_ms, raw in feedback)
