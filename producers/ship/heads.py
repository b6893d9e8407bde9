"""What tells a file from another one: its first bytes, and those before the place that was reached in it.

Names and inodes are used again. First bytes are enough for most logs; where each file begins with the same title, or
with the same lines, the last bytes that were read are in no other: a line is hardly written twice at the same place.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

HEAD_BYTES = 1_024
"""Some lines of a log, with the time to the second in each: enough to tell two logs, and little to read every time."""


@dataclass(frozen=True, slots=True)
class Head:
    """Digest of the first ``size`` bytes; a young file has fewer than `HEAD_BYTES`."""

    digest: str
    size: int

    def fits(self, start: bytes) -> bool:
        """Whether a file that starts so may be the same, grown on."""
        return len(start) >= self.size and head_of(start[: self.size]) == self


MARK_BYTES = 1_024
"""Some lines again."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Digest of the ``size`` bytes before a place of a file; one of no bytes says nothing and fits everything."""

    digest: str = ""
    size: int = 0

    def fits(self, before: bytes) -> bool:
        """Whether a file that has these bytes before the place may be the same."""
        return not self.size or mark_of(before) == self


def mark_of(before: bytes) -> Mark:
    """Mark of a place that comes after these bytes."""
    taken = before[-MARK_BYTES:]
    return Mark(blake2b(taken, digest_size=16).hexdigest(), len(taken)) if taken else Mark()


def head_of(start: bytes) -> Head:
    """Head of a file that starts so."""
    taken = start[:HEAD_BYTES]
    return Head(blake2b(taken, digest_size=16).hexdigest(), len(taken))


def telling(start: bytes, *, whole: bool = False) -> bool:
    """Whether the start is enough to know a file by; ``whole`` says that no more will come."""
    return b"\n" in start or len(start) >= HEAD_BYTES or (whole and bool(start))
