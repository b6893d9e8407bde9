"""What a dead letter says about itself, in headers beside the untouched key, value and headers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from contracts.errors import Rejected
from contracts.topic import RAW_MAX_BYTES

Headers = list[tuple[str, str | bytes | None]]
"""As confluent-kafka takes them; those that are read hold bytes."""
PREFIX = "dlq."
GAP = "gap"
"""Reason of a letter that stands for records which Kafka deleted before they were read."""
MAX_DETAIL_CHARS = 1_000
FIELDS = ("reason", "detail", "stage", "topic", "partition", "offset", "source", "line", "origin", "shortened", "at")
KEPT_OF_VALUE = 65_536
KEPT_OF_KEY = 1_024
KEPT_OF_HEADERS = 16_384


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One input that could not be processed.

    ``reason`` is a stable code to count by, ``detail`` what a person needs. ``partition`` and ``offset`` say
    where in ``topic`` it stood; for a line of a file they are -1, and ``source`` and ``line`` say where.
    ``origin`` is the CloudEvents source of whoever sent it. ``shortened`` is empty for a letter that is its
    original byte for byte, else it says what the original was.
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
    shortened: str = ""

    @classmethod
    def of_input(
        cls, refused: Rejected, value: bytes, *, topic: str, stage: str, at: datetime, source: str, line: int = 0,
        origin: str = "",
    ) -> DeadLetter:  # fmt: skip
        """The letter of what came from outside of Kafka, such as a line or a mail; ``topic`` is where it was to go."""
        letter = cls(
            topic=topic, key=None, value=value, headers=[], reason=refused.reason, detail=refused.detail, stage=stage,
            at=at, source=source, line=line, origin=origin,
        )  # fmt: skip
        return letter if len(value) <= RAW_MAX_BYTES else letter.fitted()

    def fitted(self) -> DeadLetter:
        """The beginning of a letter that fits no topic, with size and SHA-256 of what it was.

        A compressed batch may hold far more than its topic takes uncompressed. The original stays at its place in
        the source topic until that topic's retention removes it.
        """
        value, key = self.value or b"", self.key or b""
        headers: Headers = []
        room = KEPT_OF_HEADERS
        for name, content in self.headers:
            room -= len(name) + len(content or b"")
            if room < 0:
                break
            headers.append((name, content))
        was = f"value {len(value)} bytes, sha256 {sha256(value).hexdigest()}"
        if len(key) > KEPT_OF_KEY:
            was += f"; key {len(key)} bytes, sha256 {sha256(key).hexdigest()}"
        if len(headers) < len(self.headers):
            was += f"; {len(self.headers)} headers"
        return replace(
            self,
            value=None if self.value is None else value[:KEPT_OF_VALUE],
            key=None if self.key is None else key[:KEPT_OF_KEY],
            headers=headers,
            shortened=was,
        )

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
