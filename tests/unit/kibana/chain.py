"""All stages without Kafka between them: raw events in, in the order of time, and every event that sinks read out."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
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
    FEEDBACK,
    FEEDBACK_SCORED,
    FINDINGS,
    GATEWAY,
    GROUPS,
    HEALTH,
    INCIDENTS,
    MATRIX,
    SIGNALS,
)
from hypercare.evaluate.whole import KEY, Said, Whole
from processors.health.signals.stored import read_signal
from processors.runtime.dead_letters import letter
from processors.runtime.dead_letters import outgoing as letter_sent
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Outgoing
from producers.simulate.people.crowd import people
from producers.simulate.scenario import Scenario

Told = TypeVar("Told", bound=Event)
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


@dataclass
class Chain:
    """One worker of each stage for one project; ``told`` is every event they wrote, ``letters`` what was refused."""

    project: str
    told: list[Event] = field(default_factory=list)
    letters: list[PlainRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        agreed = Project.model_validate({"project": self.project, "targets": TARGETS})
        self._whole, self._now_ms = Whole((agreed,), self.refuse), 0

    def of(self, kind: type[Told]) -> list[Told]:
        """Every event of a kind, in the order in which it was told."""
        return [event for event in self.told if type(event) is kind]

    def play(self, made: Scenario, *, seed: int, per_problem: int) -> None:
        """Run a scenario with its people and signals to its end, and two minutes on."""
        for at_ms, raw, _ in people(made, self._calls(made), seed=seed, per_problem=per_problem, until_ms=made.end_ms):
            self.take(FEEDBACK.name, at_ms, raw)
        self.pass_time(made.end_ms + 120_000)

    def take(self, topic: str, at_ms: int, raw: bytes) -> None:
        """Feed one raw event; what is refused becomes a dead letter."""
        self._now_ms = at_ms
        value = orjson.dumps({**orjson.loads(raw), "project": self.project})
        if topic == SIGNALS.name:
            self.told.append(read_signal(PlainRecord(value, topic=topic, timestamp=at_ms), KEY).signal)
        self._see(self._whole.take(Said(at_ms, topic, value)))

    def refuse(self, topic: str, value: bytes, why: Rejected, stage: str) -> None:
        """Keep a dead letter, as the runtime does."""
        headers: Any = [("ce_source", f"urn:test:{self.project}".encode())]
        record = PlainRecord(value, topic=topic, offset=len(self.letters), headers=headers)
        at = datetime.fromtimestamp(self._now_ms / 1_000, UTC)
        sent = letter_sent(replace(letter(record, why, stage, {}), at=at))
        said: Any = sent.headers
        self.letters.append(PlainRecord(sent.value, topic=sent.topic, offset=record.offset, headers=said))

    def pass_time(self, at_ms: int) -> None:
        """Let time pass, second by second."""
        self._now_ms = at_ms
        self._see(self._whole.pause(at_ms))

    def _calls(self, made: Scenario) -> Iterator[tuple[int, bytes]]:
        signals = ((at_ms, True, raw) for at_ms, raw in made.signals())
        calls = ((at_ms, False, raw) for at_ms, raw in made.calls())
        for at_ms, is_signal, raw in heapq.merge(signals, calls, key=itemgetter(0)):
            self.take(SIGNALS.name if is_signal else GATEWAY.name, at_ms, raw)
            if not is_signal:
                yield at_ms, raw

    def _see(self, outputs: Iterable[Outgoing]) -> None:
        for output in outputs:
            kind = TOLD.get(output.topic)
            if kind is not None:
                self.told.append(kind.model_validate_json(output.value or b""))


def minutes_before(until: datetime, minutes: float) -> datetime:
    """So many minutes earlier."""
    return until - timedelta(minutes=minutes)
