"""What Kafka could not take yet, on the disk: in order, bounded in size and age, and there after a kill.

A folder may be shared by processes: each writes files of its own, and what a dead one left belongs to whoever locks it
first. Lines are written without waiting for the disk: they survive the death of the process, not that of the machine.
"""

from __future__ import annotations

import time
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import Stop
from producers.client import segments
from producers.client.counts import Tally
from producers.client.owners import Owners, owner_of
from producers.client.segments import SUFFIX, Segment

PARTS = 8
"""So many files hold the bound of size and of age: what is dropped at once is an eighth of it."""


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """How much one process keeps at most, and for how long; the oldest goes first."""

    max_bytes: int = 256 * 1_048_576
    max_age_s: float = 3 * 86_400.0


class Spool:
    """First in, first out; for one thread. ``now`` gives seconds since 1970."""

    def __init__(self, folder: Path, limits: SpoolLimits, tally: Tally, now: Callable[[], float] = time.time) -> None:
        self._folder = prepared(folder)
        self._limits = limits
        self._tally = tally
        self._now = now
        self._owners = Owners(self._folder)
        self._segments: list[Segment] = []
        self._active: Segment | None = None
        self._reading: Segment | None = None
        self._begun_at = 0.0
        self._number = 0
        self.take_over()

    @property
    def waiting(self) -> int:
        """Lines that are not sent."""
        return sum(segment.lines for segment in self._segments)

    def take_over(self) -> None:
        """Take what dead processes left; what cannot be read now is left for the next time."""
        for owner, paths in self._owners.take_over().items():
            try:
                found = [segments.found(path) for path in paths]
            except OSError:
                self._tally.failed("spool_read")
                self._owners.give_back(owner)
                continue
            for segment in found:
                insort(self._segments, segment, key=_name)
        self._tidy()

    def append(self, line: bytes) -> None:
        """Keep one line; what the disk does not take is dropped and counted."""
        if len(line) > self._limits.max_bytes:
            self._tally.dropped("spool_full")
            return
        try:
            segments.append(self._open(len(line)), line)
        except OSError:
            self._tally.dropped("disk")
            self._seal()
            return
        self._tally.spooled()
        self._shrink()

    def head(self, most: int) -> list[bytes]:
        """The oldest lines, ``most`` at a time; raise `OSError` when they cannot be read now, and are still there."""
        self._tidy()
        while self._segments:
            first = self._segments[0]
            try:
                lines = segments.head(first, most)
            except FileNotFoundError:
                lines = []
            if lines:
                self._reading = first
                return lines
            if first is self._active and first.done:
                return []
            self._drop(first, "torn" if first.lines == 0 else "spool_unreadable")
        return []

    def advance(self, lines: list[bytes]) -> None:
        """The lines that `head` gave need not be sent again."""
        reading = self._reading
        if reading is None or reading.path not in {segment.path for segment in self._segments}:
            return  # it had to go meanwhile, for what came after it
        try:
            segments.advance(reading, lines)
        except OSError:
            self._tally.failed("spool_position")  # they are sent once more after a restart, with the same ids
        self._tidy()

    def close(self) -> None:
        """Leave what is not sent to the next process."""
        self._tidy()
        self._seal()
        self._owners.close(keep=any(owner_of(each.path) == self._owners.own for each in self._segments))

    def forget(self) -> None:
        """In a process that was forked off: touch no file, they are the parent's."""
        self._seal()
        self._owners.close(keep=True)

    def _open(self, more: int) -> Segment:
        active = self._active
        full = active is not None and active.size + more > self._limits.max_bytes // PARTS and active.size > 0
        if full or self._now() - self._begun_at > self._limits.max_age_s / PARTS:
            self._seal()
        if self._active is None:
            self._number += 1
            self._active = segments.created(self._folder / f"{self._owners.own}-{self._number:08d}{SUFFIX}")
            self._begun_at = self._now()
            insort(self._segments, self._active, key=_name)
        return self._active

    def _seal(self) -> None:
        if self._active is not None:
            segments.seal(self._active)
            self._active = None

    def _shrink(self) -> None:
        while sum(segment.size for segment in self._segments) > self._limits.max_bytes:
            self._drop(self._segments[0], "spool_full")

    def _tidy(self) -> None:
        """Take away what is sent and what is too old, and the locks of those of whom nothing is left."""
        for segment in list(self._segments):
            if segment.done:
                self._remove(segment)
            elif self._now() - _written_at(segment, self._now()) > self._limits.max_age_s:
                self._drop(segment, "too_old")
        left = {owner_of(segment.path) for segment in self._segments}
        for owner in self._owners.others():
            if owner not in left:
                self._owners.let_go(owner)

    def _drop(self, segment: Segment, reason: str) -> None:
        if segment.lines:
            self._tally.dropped(reason, segment.lines)
        if segment.torn:
            self._tally.dropped("torn")
        self._remove(segment)

    def _remove(self, segment: Segment) -> None:
        if segment is self._active:
            self._active = None
        segments.remove(segment)
        self._segments.remove(segment)


def prepared(folder: Path) -> Path:
    """Make the folder, for its owner alone; raise `Stop` when that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / f".{time.time_ns()}"
        probe.touch(mode=segments.PRIVATE, exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise Stop(
            f"The spool folder {folder} cannot be used: {error.strerror or error}",
            fix="give `spool` a folder that the application may create and write to",
        ) from None
    return folder


def _name(segment: Segment) -> str:
    return segment.path.name


def _written_at(segment: Segment, otherwise: float) -> float:
    try:
        return segment.path.stat().st_mtime
    except OSError:
        return otherwise
