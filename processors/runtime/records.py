"""What a stage gets: records as Kafka holds them, in runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

Headers = Sequence[tuple[str, bytes | None]]


class Record(Protocol):
    """One Kafka record; ``timestamp`` is Kafka's own, in milliseconds since 1970."""

    @property
    def topic(self) -> str:
        """Name, with the prefix of the run."""
        ...

    @property
    def partition(self) -> int:
        """Number within the topic."""
        ...

    @property
    def offset(self) -> int:
        """Place within the partition."""
        ...

    @property
    def timestamp(self) -> int:
        """Milliseconds since 1970, as Kafka has it."""
        ...

    @property
    def key(self) -> bytes | None:
        """Bytes of the key."""
        ...

    @property
    def value(self) -> bytes | None:
        """Bytes of the event; None for a tombstone."""
        ...

    @property
    def headers(self) -> Headers:
        """Names with values."""
        ...


@dataclass(frozen=True, slots=True)
class PlainRecord:
    """A record made by hand: by tests, by the benchmark, by a replay."""

    value: bytes | None
    key: bytes | None = None
    headers: Headers = ()
    topic: str = "topic"
    partition: int = 0
    offset: int = 0
    timestamp: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Records of one partition that were fetched together, in order; at least one.

    ``gap`` are the offsets before them that Kafka deleted before anybody of this group had read them.
    """

    topic: str
    partition: int
    records: Sequence[Record]
    gap: range = range(0)
    next_offset: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "next_offset", self.records[-1].offset + 1)
