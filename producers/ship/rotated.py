"""Find the rest of a file among its neighbours, and tell a copy from another file."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from contracts.errors import Rejected
from producers.ship.heads import HEAD_BYTES, Mark
from producers.ship.log_names import log_name
from producers.ship.positions import Position
from producers.ship.source import Key, Source, open_source, stands_at
from producers.ship.tail import Tail

COMPARED_BYTES = 4_096


def rest_of(tail: Tail, log: str, taken: Collection[Key]) -> tuple[Source, str] | None:
    """Open the file that a lost one has become: the same inode under another name, else a copy, packed or not."""
    found: tuple[Source, str] | None = None
    for path in neighbours(log):
        source = _opened(path)
        if source is None:
            continue
        fits = source.key not in taken and _continues(tail, source)
        if fits and (found is None or source.key == tail.key):
            if found:
                found[0].close()
            found = (source, path)
        else:
            source.close()
    return found


def is_same(position: Position, source: Source) -> bool:
    """Whether a file that starts alike is the one of a position: it has the same bytes before that."""
    try:
        long_enough = source.packed or source.size() >= position.offset
        return long_enough and stands_at(source, Mark(position.mark, position.mark_bytes), position.offset)
    except Rejected:
        return False


def another_file(tail: Tail, source: Source) -> bool:
    """Whether a file that starts like a followed one is not its copy: it differs where both have lines."""
    if tail.source is not None and not tail.source.packed and not source.packed:
        common = min(tail.source.size(), source.size())
        at = max(0, common - COMPARED_BYTES)
        return tail.source.read(common - at, at) != source.read(common - at, at)
    ours, theirs = _after_head(tail.path if tail.source else ""), _after_head(source)
    common = min(len(ours), len(theirs))
    return ours[:common] != theirs[:common] or _left(tail, source)


def _left(tail: Tail, source: Source) -> bool:
    """Whether a file that is long enough has something else where the followed one was read last."""
    place, mark = tail.progress.read, tail.mark
    try:
        before = source.read(mark.size, place - mark.size)
    except Rejected:
        return False
    return len(before) == mark.size and not mark.fits(before)


def _after_head(file: Source | str) -> bytes:
    """The bytes that come next; a packed file that is being read is opened anew, for it is read forwards only."""
    source = _opened(file) if isinstance(file, str) else file
    try:
        return source.read(COMPARED_BYTES, HEAD_BYTES) if source is not None else b""
    except Rejected:
        return b""
    finally:
        if source is not None and source is not file:
            source.close()


def _continues(tail: Tail, source: Source) -> bool:
    seen = (source.key, source.written_at(), source.size())
    if seen in tail.refused:
        return False
    try:
        fits = tail.head.fits(source.read(HEAD_BYTES, 0))
        if fits and (source.packed or source.size() >= tail.progress.read):
            fits = stands_at(source, tail.mark, tail.progress.read)
            if not fits and source.packed:
                tail.refused.add(seen)
            return fits
    except Rejected:
        pass
    return False


def neighbours(log: str) -> Iterator[str]:
    """Every file that is the log or an older part of it."""
    with suppress(OSError):
        for entry in sorted(os.scandir(Path(log).parent), key=lambda entry: entry.name):
            if entry.is_file() and log_name(entry.path) == log:
                yield entry.path


def _opened(path: str) -> Source | None:
    try:
        return open_source(path)
    except OSError:
        return None


def start_of(source: Source) -> bytes:
    """The first bytes; of a file that is damaged from its beginning its packed ones, so that it is told once."""
    try:
        return source.read(HEAD_BYTES, 0)
    except Rejected:
        return repr(source.key).encode()
