"""Whose files are whose: a lock for each process, which the system lets go of when that process dies.

An owner's name begins with the time it started at, so that names sort by age.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

from producers.client.segments import PRIVATE, SENT, SUFFIX

LOCK = ".lock"


class Owners:
    """The locks this process holds in a folder: its own, and those of dead ones whose files it has taken over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}
        self.own = self._begin()

    def take_over(self) -> dict[str, list[Path]]:
        """Lock what dead processes left; return the files of each, oldest first."""
        taken: dict[str, list[Path]] = {}
        for lock in sorted(self._folder.glob("*" + LOCK)):
            if lock.stem not in self._held and (handle := _locked(lock)) is not None:
                self._held[lock.stem] = handle
                left = sorted(self._folder.glob(f"{lock.stem}-*{SUFFIX}"))
                if left:
                    taken[lock.stem] = left
                else:
                    self.let_go(lock.stem)
        return taken

    def give_back(self, owner: str) -> None:
        """Take over later, or let another process do it: the files stay as they are."""
        os.close(self._held.pop(owner))

    def let_go(self, owner: str) -> None:
        """Everything of an owner is sent or dropped: nothing of it stays."""
        handle = self._held.pop(owner, None)
        if handle is None:
            return
        for left in (*self._folder.glob(f"{owner}-*{SENT}*"), self._folder / (owner + LOCK)):
            with suppress(OSError):
                left.unlink(missing_ok=True)
        os.close(handle)

    def others(self) -> list[str]:
        """Dead owners that were taken over."""
        return [owner for owner in self._held if owner != self.own]

    def close(self, *, keep: bool) -> None:
        """Let go of all locks; ``keep`` leaves the own one for whoever sends the rest."""
        if not keep:
            self.let_go(self.own)
        for handle in self._held.values():
            os.close(handle)
        self._held.clear()

    def _begin(self) -> str:
        while True:
            name = f"{time.time_ns():020d}{secrets.token_hex(4)}"
            path = self._folder / (name + LOCK)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE))
            handle = _locked(path)
            if handle is not None:  # another process may have found it between the two lines, and thought it dead
                self._held[name] = handle
                return name


def owner_of(path: Path) -> str:
    """Whose file it is."""
    return path.name.partition("-")[0]


def _locked(path: Path) -> int | None:
    """Lock a file that is there; None when another has it, or has just taken it away."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    if os.fstat(handle).st_nlink == 0:
        os.close(handle)
        return None
    return handle
