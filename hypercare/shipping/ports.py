"""What a shipment needs: where blocks come from, and where records go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from contracts.dead_letters import Headers
from producers.ship.block import Block, Progress
from producers.ship.positions import Position


class Writer(Protocol):
    """What `hypercare.byte_writer.ByteWriter` offers."""

    def write(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers, then: Callable[[str, str], None]
    ) -> None:
        """Queue one record; tell ``then`` its place, or what went wrong."""
        ...

    def wait(self, seconds: float) -> None:
        """Let confirmations in."""
        ...

    def flush(self) -> None:
        """Wait until everything is confirmed."""
        ...


class Followed(Protocol):
    """A file or a partition: what comes next, and how far all of it is in Kafka."""

    @property
    def identity(self) -> str: ...  # noqa: D102 - as in `producers.ship.tail.Tail`

    @property
    def adapter(self) -> str: ...  # noqa: D102

    @property
    def progress(self) -> Progress: ...  # noqa: D102

    def next_block(self, *, last: bool = False) -> Block | None: ...  # noqa: D102
    def read_as(self, adapter: str) -> None: ...  # noqa: D102
    def rewind(self) -> None: ...  # noqa: D102
    def waiting(self) -> int: ...  # noqa: D102
    def searching(self) -> bool: ...  # noqa: D102
    def position(self, now: float) -> Position: ...  # noqa: D102


F = TypeVar("F", bound=Followed)


class Following(Protocol[F]):
    """Where blocks come from: `producers.ship.follow.Follower`, or topics."""

    tails: dict[str, F]
    notices: list[str]

    def scan(self, now: float) -> None: ...  # noqa: D102
    def is_last(self, tail: F, now: float) -> bool: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102
