"""What a stage author writes, and what the runtime needs to deliver it."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from contracts.errors import HypercareError, Rejected
from contracts.topic import Topic
from processors.runtime.records import Record

Out = TypeVar("Out")
Out_contra = TypeVar("Out_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)


class Skipped(HypercareError):  # noqa: N818 - an instruction, not a malfunction
    """This record needs no output, for the ``reason`` given; it is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be produced; ``topic`` without the run's prefix.

    One of a stateful stage that is ``at_home`` goes to the partition number of the state, whatever its key.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, str | bytes | None]]
    at_home: bool = False


def size_of(output: Outgoing) -> int:
    """Bytes of key, value and headers, uncompressed."""
    headers = sum(len(name) + len(content or b"") for name, content in output.headers)
    return len(output.value or b"") + len(output.key or b"") + headers


class Stage(Protocol[Out_co]):
    """A stream stage: a function from one record to its outputs that a replay does not spoil.

    It raises `Rejected` to make the record a dead letter and `Skipped` to let it go; any other exception ends
    the process before the record is acknowledged.
    """

    name: str
    topics: tuple[Topic, ...]

    def process(self, record: Record) -> Sequence[Out_co]:
        """Turn one record into what is to be written."""

    def forget_recent(self) -> None:
        """Forget which records were seen: after a seek or a revocation they come again."""


Item = tuple[Record, Out]
"""An output with the record it came from, so that a refused output can become that record's dead letter."""
Refusal = tuple[Record, Rejected]


class Writer(Protocol[Out_contra]):
    """Where a stage's outputs go.

    `submit` takes outputs as they are made and returns once all are accepted in order, which may take long when
    the receiver is slow: that is the back pressure. What it returns is awaited for the moment they are known to
    be written; its result lists the outputs that never will be, because they are bad in themselves.
    """

    async def start(self) -> None:
        """Connect; raise `Stop` when a person has to act."""

    async def submit(self, items: Iterable[Item[Out_contra]]) -> Awaitable[Sequence[Refusal]]:
        """Take outputs in order."""

    def waiting(self) -> str:
        """Why nothing can be written at present, or an empty text."""

    async def stop(self) -> None:
        """Give up what is not written and disconnect."""
