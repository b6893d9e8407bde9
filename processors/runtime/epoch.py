"""What a stateful stage commits together: the records of a fifth of a second, or 500 of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from processors.runtime.stage import Outgoing, Refusal

EPOCH_S = 0.2
EPOCH_RECORDS = 500


@dataclass(slots=True)
class Epoch:
    """What one transaction will hold, and the events whose runs it covers."""

    began: float
    records: int = 0
    ticked: bool = False
    outputs: list[Outgoing] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not self.events and not self.ticked

    def due_at(self) -> float:
        """When to commit, in monotonic seconds; at once if it is full."""
        return self.began + EPOCH_S if self.records < EPOCH_RECORDS else 0.0


@dataclass(frozen=True, slots=True)
class Committed:
    """What an epoch did, for whoever acknowledges its runs and watches the rate of dead letters."""

    events: list[Any]
    records: int
    refusals: list[Refusal]
