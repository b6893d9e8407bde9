"""Find the rest of a file among its neighbours, and tell a copy from another file."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from contracts.errors import Rejected
from producers.ship.heads import HEAD_BYTES
from producers.ship.log_names import log_name
from producers.ship.source import Key, Source, open_source
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


def another_file(tail: Tail, source: Source) -> bool:
    """Whether a file that starts like a followed one is not its copy: it differs where both have lines."""
    if tail.source is None or tail.source.packed or source.packed:
        return False
    common = min(tail.source.size(), source.size())
    at = max(0, common - COMPARED_BYTES)
    return tail.source.read(common - at, at) != source.read(common - at, at)


def _continues(tail: Tail, source: Source) -> bool:
    try:
        if not tail.head.fits(source.read(HEAD_BYTES, 0)):
            return False
        return source.packed or source.size() >= tail.progress.read
    except Rejected:
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
