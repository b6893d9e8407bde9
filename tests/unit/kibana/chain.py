"""All stages without Kafka between them: raw events in, in the order of time, and every event that sinks read out."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, TypeVar

import orjson

from contracts.agreements import Project
from contracts.audit import AuditEntry
from contracts.calls import EnrichedCall
from contracts.errors import Rejected
from contracts.event import Event
from contracts.feedback import EnrichedFeedback
from contracts.findings import Finding, WindowHealth
from contracts.groups import FeedbackGroup, ReportedObserved
from contracts.incidents import Incident
from contracts.topics import (
    AUDIT,
    CALLS,
    COMMANDS,
    FEEDBACK,
    FEEDBACK_SCORED,
    FINDINGS,
    GATEWAY,
    GROUPS,
    HEALTH,
    INCIDENTS,
    MATRIX,
    SIGNALS,
    SYMPTOMS,
)
from contracts.windows import SourceRange
from processors.feedback.category.categorise import Categoriser
from processors.feedback.stage import FeedbackStage
from processors.health.stage import HealthStage
from processors.incidents.stage import IncidentsStage
from processors.runtime.dead_letters import letter
from processors.runtime.dead_letters import outgoing as letter_sent
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Outgoing, Skipped
from processors.runtime.stateful import StatefulStage
from processors.runtime.tables import State
from processors.telemetry.stage import TelemetryStage
from processors.telemetry.symptoms import SymptomFinder
from processors.telemetry.window_sums import WindowSummer
from producers.simulate.people.crowd import people
from producers.simulate.scenario import Scenario

Told = TypeVar("Told", bound=Event)
KEY = b"seed"
TARGETS = {severity: {"acknowledge": 4, "communicate": 5, "fix": 6} for severity in ("S1", "S2", "S3", "S4")}
"""Minutes: short, so that some of them run out."""
TOLD: dict[str, type[Event]] = {
    CALLS.name: EnrichedCall,
    FINDINGS.name: Finding,
    HEALTH.name: WindowHealth,
    FEEDBACK_SCORED.name: EnrichedFeedback,
    GROUPS.name: FeedbackGroup,
    MATRIX.name: ReportedObserved,
    INCIDENTS.name: Incident,
    AUDIT.name: AuditEntry,
}
READ_BY = {
    "health": (SIGNALS.name,),
    "feedback": (FEEDBACK.name, SYMPTOMS.name, COMMANDS.name),
    "incidents": (FINDINGS.name, GROUPS.name, FEEDBACK_SCORED.name, SYMPTOMS.name, SIGNALS.name, COMMANDS.name),
}


@dataclass
class Chain:
    """One worker of each stage for one project; ``told`` is every event they wrote, ``letters`` what was refused."""

    project: str
    told: list[Event] = field(default_factory=list)
    letters: list[PlainRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._telemetry = TelemetryStage(KEY, WindowSummer(), SymptomFinder())
        stages: tuple[StatefulStage, ...] = (
            HealthStage(KEY),
            FeedbackStage(KEY, Categoriser.shipped()),
            IncidentsStage((Project.model_validate({"project": self.project, "targets": TARGETS}),)),
        )
        self._stages = {stage.name: (stage, State(stage.tables)) for stage in stages}
        self._offset = self._first = self._flushed_at = 0

    def of(self, kind: type[Told]) -> list[Told]:
        """Every event of a kind, in the order in which it was told."""
        return [event for event in self.told if type(event) is kind]

    def play(self, made: Scenario, *, seed: int, per_problem: int) -> None:
        """Run a scenario with its people and signals to its end, and two minutes on."""
        for at_ms, raw, _ in people(made, self._calls(made), seed=seed, per_problem=per_problem, until_ms=made.end_ms):
            self.take(FEEDBACK.name, at_ms, raw)
        for later in range(120):
            self.pass_time(made.end_ms + 1_000 * later)

    def take(self, topic: str, at_ms: int, raw: bytes) -> None:
        """Feed one raw event; what is refused becomes a dead letter."""
        self.pass_time(at_ms)
        self._offset += 1
        said = orjson.dumps({**orjson.loads(raw), "project": self.project})
        self._see(topic, said, at_ms, "telemetry" if topic == GATEWAY.name else "")

    def refuse(self, topic: str, value: bytes, why: Rejected, stage: str) -> None:
        """Keep a dead letter, as the runtime does."""
        headers: Any = [("ce_source", f"urn:test:{self.project}".encode())]
        record = PlainRecord(value, topic=topic, offset=len(self.letters), headers=headers)
        at = datetime.fromtimestamp(self._flushed_at / 1_000, UTC)
        sent = letter_sent(replace(letter(record, why, stage, {}), at=at))
        said: Any = sent.headers
        self.letters.append(PlainRecord(sent.value, topic=sent.topic, offset=record.offset, headers=said))

    def pass_time(self, at_ms: int) -> None:
        """Let a second pass for everybody, when one has passed."""
        if at_ms < self._flushed_at:
            return
        self._flushed_at = at_ms - at_ms % 1_000 + 1_000
        if self._offset > self._first:
            covered = SourceRange(
                topic=GATEWAY.name, partition=0, generation=1, flush=str(at_ms), first=self._first,
                last=self._offset - 1, committed=self._first,
            )  # fmt: skip
            self._first = self._offset
            for sums in self._telemetry.summaries(covered):
                self._hand_to("health", _record(sums, at_ms))
        for stage, state in self._stages.values():
            self._tell(stage.tick(datetime.fromtimestamp(at_ms / 1_000, UTC), state), at_ms)
            state.take_changes()

    def _calls(self, made: Scenario) -> Iterator[tuple[int, bytes]]:
        signals = ((at_ms, True, raw) for at_ms, raw in made.signals())
        calls = ((at_ms, False, raw) for at_ms, raw in made.calls())
        for at_ms, is_signal, raw in heapq.merge(signals, calls, key=itemgetter(0)):
            self.take(SIGNALS.name if is_signal else GATEWAY.name, at_ms, raw)
            if not is_signal:
                yield at_ms, raw

    def _see(self, topic: str, value: bytes, at_ms: int, stage: str) -> None:
        record = PlainRecord(value, topic=topic, offset=self._offset, timestamp=at_ms)
        if stage == "telemetry":
            with suppress(Skipped):
                self._tell(self._telemetry.process(record), at_ms)
            return
        for name, topics in READ_BY.items():
            if topic in topics:
                self._hand_to(name, record)

    def _hand_to(self, name: str, record: PlainRecord) -> None:
        stage, state = self._stages[name]
        with suppress(Skipped):
            try:
                self._tell(stage.process(record, state), record.timestamp)
            except Rejected as why:
                self.refuse(record.topic, record.value or b"", why, name)

    def _tell(self, outputs: Any, at_ms: int) -> None:
        for output in outputs:
            kind = TOLD.get(output.topic)
            if kind is not None:
                self.told.append(kind.model_validate_json(output.value or b""))
            for name, topics in READ_BY.items():
                if output.topic in topics:
                    self._hand_to(name, _record(output, at_ms))


def _record(written: Outgoing, at_ms: int) -> PlainRecord:
    headers = [(name, said.encode() if isinstance(said, str) else said) for name, said in written.headers]
    return PlainRecord(written.value, topic=written.topic, headers=headers, timestamp=at_ms)


def minutes_before(until: datetime, minutes: float) -> datetime:
    """So many minutes earlier."""
    return until - timedelta(minutes=minutes)
