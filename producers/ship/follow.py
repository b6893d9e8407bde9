"""Find the files of a log, in whatever way they are rotated, and keep each under one identity.

A file is known by its inode, its first bytes, and the last that were read. Renamed, it is read to its end under its new
name. Emptied after it was copied (``copytruncate``), the rest of the old lines is read from the copy. Packed or moved
meanwhile, it is found again among its neighbours.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from contracts.errors import Stop
from producers.ship.heads import Head, head_of, telling
from producers.ship.locks import Locks
from producers.ship.log_names import log_name
from producers.ship.names import name_of, title_of
from producers.ship.positions import Position, Positions
from producers.ship.rotated import another_file, is_same, neighbours, rest_of, start_of
from producers.ship.source import Key, Source, open_source
from producers.ship.tail import Tail

RETIRE_S = 30.0
"""A writer that was told to reopen its log may still write to the renamed one for some seconds."""
SEARCH_S = 600.0
"""How long the rest of a file is looked for: packing a large one takes minutes."""
SETTLED_S = 2.0
"""A packed file, or a last line without a newline, is whole when nobody wrote to it for so long."""
MOST_FILES = 1_000


class Follower:
    """Every file that the patterns name, now and later."""

    def __init__(
        self, patterns: Sequence[str], positions: Positions, locks: Locks, host: str, *, once: bool = False
    ) -> None:
        self._patterns = [os.path.abspath(pattern) for pattern in patterns]  # noqa: PTH100 - links stay links
        self._positions = positions
        self._locks = locks
        self._host = host
        self._once = once
        self._begun = False
        self._since: dict[str, float] = {}
        self._finished: set[tuple[Key, float]] = set()
        self.tails: dict[str, Tail] = {}
        self.notices: list[str] = []
        """What a person should know; taken away by whoever tells it."""

    def scan(self, now: float) -> None:
        """Look which files are there; open what is new, find again what moved, let go of what ended."""
        there = self._there()
        for tail in self.tails.values():
            self._look_at(tail, there, now)
        open_keys = {tail.key for tail in self.tails.values() if tail.source is not None}
        known = {} if self._begun else self._begin()
        there = self._behind(there) | there
        new = {key: path for key, path in there.items() if key not in open_keys}
        if new or not self._begun:
            known = known or self._positions.load()
            left = {key: path for key, path in new.items() if not self._resumed(key, path, known)}
            if not self._begun:
                self._await_rests(known, now)
        self._find_rests(now)
        if new:
            for path in left.values():
                self._admit(path, now)
        self._begun = True
        self._let_go(now)

    def is_last(self, tail: Tail, now: float) -> bool:
        """Whether a last line without its newline may be taken: nobody will end it."""
        if tail.source is None:
            return False
        if tail.source.packed:
            return True
        gone = tail.gone_since is not None and now - tail.gone_since > RETIRE_S
        return (gone or self._once) and now - tail.source.written_at() > SETTLED_S

    def close(self) -> None:
        """Close every file."""
        for tail in self.tails.values():
            tail.lose()

    def _there(self) -> dict[Key, str]:
        found: dict[Key, str] = {}
        for pattern in self._patterns:
            for path in [pattern] if os.path.lexists(pattern) else sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207 - whole paths
                with suppress(OSError):
                    about = Path(path).stat()
                    if stat.S_ISREG(about.st_mode) and about.st_size:
                        found.setdefault((about.st_dev, about.st_ino), path)
        return found

    def _begin(self) -> dict[str, Position]:
        """Since when parts of each log may have come and been rotated away unseen: since the last that is known."""
        known = self._positions.load()
        ours = [position for position in known.values() if self._is_ours(position)]
        for log in {position.log for position in ours}:
            times = [p.written_at for p in ours if p.log == log and not p.retired]
            self._since[log] = min(times) if times else max(p.written_at for p in ours if p.log == log)
        self._finished = {((p.device, p.inode), p.written_at) for p in ours if p.retired}
        return known

    def _behind(self, there: dict[Key, str]) -> dict[Key, str]:
        """Parts of the logs that no pattern names, and that came after what was read."""
        found: dict[Key, str] = {}
        for log, since in self._since.items():
            for path in neighbours(log):
                with suppress(OSError):
                    about = Path(path).stat()
                    key = (about.st_dev, about.st_ino)
                    late = about.st_mtime >= since and (key, about.st_mtime) not in self._finished
                    if late and about.st_size and key not in there:
                        found[key] = path
        return found

    def _is_ours(self, position: Position) -> bool:
        return any(fnmatch(path, said) for said in self._patterns for path in (position.path, position.log))

    def _look_at(self, tail: Tail, there: dict[Key, str], now: float) -> None:
        if tail.cut and tail.source is not None:
            tail.lose()
            tail.gone_since = now
        elif tail.source is not None and tail.key in there:
            tail.found(there[tail.key])
        elif tail.gone_since is None:
            tail.gone_since = now

    def _resumed(self, key: Key, path: str, known: dict[str, Position]) -> bool:
        """Go on with a file that was shipped in an earlier run, and is still the same."""
        for position in known.values():
            if (position.device, position.inode) != key or position.identity in self.tails:
                continue
            source = self._open(path)
            if source is None:
                return True
            fits = Head(position.head, position.head_bytes).fits(start_of(source))
            if fits and is_same(position, source):
                self._follow(replace(position, path=path), source)
                return True
            source.close()
        return False

    def _await_rests(self, known: dict[str, Position], now: float) -> None:
        """What was shipped in part, and is now under another name, has to be found."""
        for position in known.values():
            if self._is_ours(position) and not position.retired and position.identity not in self.tails:
                self._locks.take(position.log)
                tail = self.tails[position.identity] = Tail(position, None)
                tail.gone_since = now

    def _find_rests(self, now: float) -> None:
        taken = {tail.key for tail in self.tails.values() if tail.source is not None}
        for tail in list(self.tails.values()):
            if tail.source is not None:
                continue
            found = rest_of(tail, log_name(tail.path), taken)
            if found is not None:
                source, path = found
                tail.rebind(source, path)
                taken.add(source.key)
            elif self._once or now - (tail.gone_since or now) > SEARCH_S:
                self.notices.append(
                    f"{tail.path} was rotated away after byte {tail.progress.confirmed:,}, and no copy of it was "
                    "found: lines that came after that are not shipped"
                )
                tail.ended = True

    def _admit(self, path: str, now: float) -> None:
        """Begin with a file that is not known, unless it is a copy of one that is."""
        source = self._open(path)
        if source is None:
            return
        if any(tail.key == source.key for tail in self.tails.values() if tail.source is not None):
            source.close()
            return
        settled = now - source.written_at() > SETTLED_S
        start = b"" if source.packed and not (settled or self._once) else start_of(source)
        whole = source.packed or (settled and self._once)
        if not telling(start, whole=whole):
            source.close()
            return
        log = log_name(path)
        self._locks.take(log)
        known = self._positions.load()
        alike = [p for p in known.values() if p.log == log and Head(p.head, p.head_bytes).fits(start)]
        live = [tail for tail in self.tails.values() if log_name(tail.path) == log and tail.head.fits(start)]
        if any(not another_file(tail, source) or not tail.intact() for tail in live):
            source.close()  # its copy, which is needed only when the original is gone, or was just emptied
            return
        device, inode = source.key
        gone = [p for p in alike if p.identity not in self.tails and is_same(p, source)]
        if gone:
            self._follow(replace(gone[-1], path=path, device=device, inode=inode), source)
            return
        others = [*known.values(), *(tail.position(now) for tail in self.tails.values())]
        identity = name_of(self._host, log, source, start, others, whole=whole)
        if identity is None:
            source.close()
            return
        head = head_of(start)
        position = Position(
            identity, log, path, device, inode, head.digest, head.size,
            seen_at=now, written_at=source.written_at(), title=title_of(start),
        )  # fmt: skip
        self._positions.save(position)
        self._follow(position, source)

    def _follow(self, position: Position, source: Source) -> None:
        self._locks.take(position.log)
        if len(self.tails) >= MOST_FILES:
            raise Stop(
                f"more than {MOST_FILES} files are there at a time", fix="name fewer, or ship them in several runs"
            )
        self.tails[position.identity] = Tail(position, source)
        self._since.setdefault(position.log, source.written_at())

    def _open(self, path: str) -> Source | None:
        try:
            return open_source(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Stop(f"cannot read {path}: {error.strerror}", fix="check its permissions, or leave it out") from None

    def _let_go(self, now: float) -> None:
        """Retire what was rotated away and read to its end."""
        for tail in list(self.tails.values()):
            if tail.gone_since is None or not tail.progress.idle:
                continue
            read = tail.ended or (tail.source is not None and not tail.cut and self._at_end(tail))
            if read and (tail.ended or self._once or now - tail.gone_since > RETIRE_S):
                position = tail.position(now, retired=True)
                self._positions.save(position)
                self._finished.add((tail.key, position.written_at))
                tail.lose()
                del self.tails[tail.identity]

    def _at_end(self, tail: Tail) -> bool:
        return tail.source is not None and not tail.source.read(1, tail.progress.read)
