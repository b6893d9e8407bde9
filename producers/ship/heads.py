"""What tells a file from another one: its first bytes, for names and inodes are used again."""

from __future__ import annotations

from collections.abc import Iterable
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


def head_of(start: bytes) -> Head:
    """Head of a file that starts so."""
    taken = start[:HEAD_BYTES]
    return Head(blake2b(taken, digest_size=16).hexdigest(), len(taken))


def telling(start: bytes, *, whole: bool = False) -> bool:
    """Whether the start is enough to know a file by; ``whole`` says that no more will come."""
    return b"\n" in start or len(start) >= HEAD_BYTES or (whole and bool(start))


def new_identity(host: str, log: str, start: bytes, taken: Iterable[str]) -> str:
    """Name of a file for the ids of its lines: the same again wherever it is moved, packed or read anew.

    Two files of one log that start alike, such as with the same title line, are counted, so that they differ.
    """
    first, known = start[:HEAD_BYTES].split(b"\n", 1)[0], set(taken)
    number = 0
    while True:
        said = b"\x1f".join((host.encode(), log.encode("utf-8", "surrogateescape"), first, str(number).encode()))
        identity = blake2b(said, digest_size=12).hexdigest()
        if identity not in known:
            return identity
        number += 1
