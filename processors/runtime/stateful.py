"""What the author of a stateful stage writes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from contracts.topic import Topic
from processors.runtime.records import Record
from processors.runtime.stage import Outgoing
from processors.runtime.tables import State, StateUnreadable, TableSpec

MARKER = b"!marker"
"""Key of the entry that says how far the state goes; no table's name begins like this."""


class StatefulStage(Protocol):
    """A pure function from a record and the state of its partition to outputs and changed state.

    Records of the same partition number of all ``topics`` share one state; the topics have the same number of
    partitions. Outputs, changed state and the position in the input are committed together, so that state counts
    every record exactly once. `process` raises `Rejected` or `Skipped` before it changes state; any other
    exception ends the process, and the third time at a record makes that record a dead letter.
    """

    name: str
    topics: tuple[Topic, ...]
    state: Topic
    tables: tuple[TableSpec[Any], ...]
    tick_s: float
    """Seconds between two calls of `tick`; 0 for a stage to which time alone means nothing."""

    def begin(self, state: State) -> None:
        """Build what is kept beside the state of a partition that was just restored, if anything is.

        Where that fails the state is to blame, and no record.
        """

    def process(self, record: Record, state: State) -> Sequence[Outgoing]:
        """Take in one record."""

    def tick(self, time: datetime, state: State) -> Sequence[Outgoing]:
        """Let time pass: silence, decay and targets need no event. Never called with an earlier time than before.

        While records wait to be read, ``time`` is that of the latest one read, and not the wall clock's.
        """


@dataclass(slots=True)
class Marker:
    """How far a partition's state goes: the next offset by topic, and the time of the last tick."""

    positions: dict[str, int] = field(default_factory=dict)
    ticked_at: datetime | None = None

    def encode(self) -> bytes:
        """As it stands in the state topic."""
        said: Mapping[str, Any] = {
            "positions": self.positions,
            "ticked_at": self.ticked_at.isoformat() if self.ticked_at else None,
        }
        return json.dumps(said, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, value: bytes) -> Marker:
        """Read it back; raise `StateUnreadable`."""
        try:
            said = json.loads(value)
            ticked_at = datetime.fromisoformat(said["ticked_at"]).astimezone(UTC) if said["ticked_at"] else None
            return cls({str(topic): int(offset) for topic, offset in said["positions"].items()}, ticked_at)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise StateUnreadable(f"the marker {value[:200]!r}: {error!r}") from error
