"""What a dead letter says about itself, in headers beside the untouched key, value and headers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

Headers = list[tuple[str, str | bytes | None]]
"""As confluent-kafka takes them; those that are read hold bytes."""
PREFIX = "dlq."
MAX_DETAIL_CHARS = 1_000
FIELDS = ("reason", "detail", "stage", "topic", "partition", "offset", "source", "line", "origin", "at")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One input that could not be processed.

    ``reason`` is a stable code to count by, ``detail`` what a person needs. ``partition`` and ``offset`` say
    where in ``topic`` it stood; for a line of a file they are -1, and ``source`` and ``line`` say where.
    ``origin`` is the CloudEvents source of whoever sent it.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    reason: str
    detail: str
    stage: str
    at: datetime
    partition: int = -1
    offset: int = -1
    source: str = ""
    line: int = 0
    origin: str = ""

    def message_headers(self) -> Headers:
        """The original headers, then what there is to say, as text."""
        said = {name: str(getattr(self, name)) for name in FIELDS if name not in {"at", "detail"}}
        said["detail"] = self.detail[:MAX_DETAIL_CHARS]
        said["at"] = self.at.astimezone(UTC).isoformat()
        return [*self.headers, *((PREFIX + name, said[name].encode()) for name in FIELDS)]


def described(headers: Iterable[tuple[str, bytes | None]] | None) -> Mapping[str, str]:
    """Read the ``dlq.*`` headers back, without their prefix; the last one of a name counts."""
    return {
        name.removeprefix(PREFIX): (value or b"").decode("utf-8", "replace")
        for name, value in headers or ()
        if name.startswith(PREFIX)
    }
