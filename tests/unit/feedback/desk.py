"""The feedback stage with its state, a clock, and what was told last of everything."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.audit import AuditEntry
from contracts.feedback import EnrichedFeedback
from contracts.groups import FeedbackGroup
from contracts.topics import AUDIT, COMMANDS, FEEDBACK, FEEDBACK_SCORED, GROUPS
from processors.feedback.stage import FeedbackStage
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Outgoing
from processors.runtime.tables import State
from tests.unit.feedback.stages import SHIPPED

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
MODELS: dict[str, Any] = {
    FEEDBACK_SCORED.name: EnrichedFeedback,
    GROUPS.name: FeedbackGroup,
    AUDIT.name: AuditEntry,
}


SPINS = "The pay button spins for ever on my iPhone and the payment never goes through"
SPINS_TOO = "Payment never goes through on iPhone, the pay button just spins for ever"
INVOICE = "Where can I download the invoice of my last order?"


class Desk:
    """A stage with its state, a clock, and what was told last of everything."""

    def __init__(self) -> None:
        self.stage, self.at, self.told = FeedbackStage(b"k", SHIPPED), NINE, list[Any]()
        self.state = State(self.stage.tables)
        self.feedback: dict[str, EnrichedFeedback] = {}
        self.groups: dict[str, FeedbackGroup] = {}
        self._stored: dict[bytes, bytes | None] = {}

    def take(self, topic: str, **body: Any) -> list[Any]:
        self.at += timedelta(seconds=1)
        said = {"occurred_at": self.at.isoformat(), "project": "shop"} | body
        at_ms = int(self.at.timestamp() * 1000)
        return self._see(
            self.stage.process(PlainRecord(json.dumps(said).encode(), topic=topic, timestamp=at_ms), self.state)
        )

    def say(self, name: str, text: str, **body: Any) -> EnrichedFeedback:
        self.take(FEEDBACK.name, id=name, text=text, **body)
        return self.feedback[name]

    def command(self, name: str, action: str, **body: Any) -> AuditEntry:
        answer = self.take(COMMANDS.name, id=name, action=action, actor="triage", **body)[-1]
        assert isinstance(answer, AuditEntry)
        self.wait(1)
        return answer

    def wait(self, seconds: float) -> list[Any]:
        self.at += timedelta(seconds=seconds)
        return self._see(self.stage.tick(self.at, self.state))

    def restart(self) -> None:
        """Begin anew from what was stored: of what was changed and not noted nothing is left."""
        self._stored |= dict(self.state.take_changes())
        restored = State(self.stage.tables)
        for key, value in self._stored.items():
            restored.restore(key, value)
        self.state, self.stage = restored, FeedbackStage(b"k", SHIPPED)

    def _see(self, outputs: Iterable[Outgoing]) -> list[Any]:
        told = [MODELS[o.topic].model_validate_json(o.value or b"") for o in outputs if o.topic in MODELS]
        for one in told:
            if isinstance(one, EnrichedFeedback):
                known = self.feedback.get(one.id)
                assert known is None or one.revision == known.revision + 1, "revisions grow by one"
                self.feedback[one.id] = one
            elif isinstance(one, FeedbackGroup):
                known_group = self.groups.get(one.group)
                assert known_group is None or one.revision == known_group.revision + 1
                self.groups[one.group] = one
        self.told += told
        return told


def group(feedback: EnrichedFeedback) -> str:
    assert feedback.group is not None
    return feedback.group.group


def symptom(name: str, at: datetime, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"s-{name}",
        "call": name,
        "occurred_at": at.isoformat(),
        "method": "POST",
        "route": "/api/payments",
        "upstream": "payments",
        "status": 502,
        "outcome": "upstream_error",
        "blame": "upstream",
        "code": "502",
    } | changes
